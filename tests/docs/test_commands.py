"""The commands and the Python of README and docs run as printed, in their order, on small data.

A new line that begins with ``volseg`` is run by itself; any other is to be listed in `NOT_RUN`.
"""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import nibabel
import numpy as np
import pyproj
import pytest
import torch
from typer.testing import CliRunner

from tests.conftest import BALLS
from volseg.config import ScanConfig, VolumeConfig, load_config
from volseg.errors import DisplayError
from volseg.geometry import PointCloud
from volseg.io import write
from volseg.io.volumes.files import write_label_volume
from volseg.models.load import save_model
from volseg.models.nets import build_net
from volseg.view.window.display import hidden_window
from volseg_cli.app import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = ("README.md", "docs/mri.md", "docs/training.md", "docs/viewing.md", "docs/clusters.md",
             "docs/objects.md", "docs/synthetic.md",
             "docs/integrations/cloudcompare.md")  # fmt: skip

NOT_RUN = (
    (r"^(git|cd|pip) ", "installs, or needs the network"),
    (r"^make ", "CI runs it by itself"),
    (r"^dask (scheduler|worker)", "other machines"),
    (r"^(srun )?torchrun |^head=", "other machines; tests/cli/test_launch.py has torchrun here"),
    (r"--cluster tcp:", "other machines; tests/cli/test_predict_cluster.py has a scheduler here"),
    (r"--cluster local", "starts processes; tests/cli/test_predict_cluster.py does"),
    (r"--devices", "starts processes, one a GPU; tests/runs/test_processes.py does"),
    (r"--web\b", "serves until Ctrl-C; tests/view/browser/test_serve.py asks it"),
)
"""Which lines are not run, and why."""

SUBSTITUTIONS = (
    (r"--minutes [\d.]+", "--minutes 0.02", "a second or two in place of minutes"),
    (r"^(volseg train (?!.*--minutes).*)", r"\1 --minutes 0.02", "a second or two, not hours"),
    (r"--count \d+", "--count 5", "a few pictures, not hundreds"),
    (r"^(volseg generate (?!.*--count).*)", r"\1 --count 1", "one scan, not 48"),
    (
        r"^(volseg view (?!.*(--screenshot|--turntable)).*)",
        r"\1 --screenshot view.png --overwrite",
        "a picture in place of a window",
    ),
)
"""What is changed in the lines that are run, and why."""


@dataclass(frozen=True)
class Line:
    """A command line, and where it stands."""

    place: str
    text: str

    def why_not(self) -> str | None:
        """Why it is not run; None if it is."""
        return next((why for like, why in NOT_RUN if re.search(like, self.text)), None)

    def run_as(self) -> str:
        """What is run in its place."""
        text = self.text
        for like, instead, _ in SUBSTITUTIONS:
            text = re.sub(like, instead, text)
        return text


@dataclass(frozen=True)
class Section:
    """What stands under one heading: whoever follows it begins in a folder of their own."""

    document: str
    heading: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return f"{Path(self.document).name}: {self.heading}"

    @property
    def on_volumes(self) -> bool:
        """Whether it is about volumes, so that the truth is, too."""
        return any(re.search(r"\bDATASET\b|\.nii\b", one.text) for one in self.lines)


def sections() -> list[Section]:
    """The sections of all documents that have command lines."""
    found = []
    for document in DOCUMENTS:
        heading, lines = "", list[Line]()
        for kind, text, number in _parts(ROOT / document):
            if kind == "heading":
                found.append(Section(document, heading, tuple(lines)))
                heading, lines = text, []
            elif kind == "command":
                lines.append(Line(f"{document}:{number}", text))
        found.append(Section(document, heading, tuple(lines)))
    return [one for one in found if one.lines]


def _parts(path: Path) -> Iterator[tuple[str, str, int]]:
    """Headings, and the command lines of blocks that name no language, with their line numbers."""
    fence, begun = None, ""
    for number, row in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if row.startswith("```"):
            fence = row.removeprefix("```") if fence is None else None
        elif fence is None and re.match("##? ", row):
            yield "heading", row.lstrip("# "), number
        elif fence == "":
            text = begun + re.split(r"(?:^|\s)#", row)[0].strip()
            begun = text.removesuffix("\\") if text.endswith("\\") else ""
            if text and not begun:
                yield "command", text, number


def _yaml_of_readme() -> str:
    found = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)
    assert found is not None
    return found[1]


ALL = sections()
LINES = [line for section in ALL for line in section.lines]


def test_there_are_lines_in_every_document() -> None:
    assert {section.document for section in ALL} == set(DOCUMENTS)
    assert len(LINES) > 25


@pytest.mark.parametrize("line", LINES, ids=lambda line: f"{line.place} {line.text[:40]}")
def test_a_line_is_run_or_listed(line: Line) -> None:
    assert line.text.startswith("volseg ") or line.why_not(), f"{line.place}: list it in NOT_RUN"


def test_nothing_is_listed_that_no_line_is_like() -> None:
    for like, *_ in (*NOT_RUN, *SUBSTITUTIONS):
        assert any(re.search(like, line.text) for line in LINES), like


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the documents suppose a reader to have: tiles, images, truths, a config."""
    folder = tmp_path_factory.mktemp("world")
    (folder / "my.yaml").write_text(_yaml_of_readme())
    (folder / "myfounts").mkdir()
    shutil.copy(
        Path(mpl.get_data_path()) / "fonts" / "ttf" / "STIXGeneral.ttf", folder / "myfounts"
    )
    tile = scan(folder / "tile.laz", 0)
    for number in range(1, 4):
        scan(folder / "tiles" / f"{number}.laz", number)
    for name in ("new/n.laz", "truth of scans/n.laz"):
        scan(folder / name, 5)
    for name in ("labelled/tile.laz", "truth of scans/tile.laz"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy(tile, folder / name)
    for number in range(5):
        for kind in ("images", "labels"):
            volume(folder / "DATASET" / kind / f"p{number}.nii.gz", number)
    for number in range(5):
        nuclei(folder / "NUCLEI", number)
    for name in ("new/a", "images/a", "labels/a", "truth of volumes/a", "TRUTH/a"):
        volume(folder / f"{name}.nii.gz", 9)
    return folder


def scan(path: Path, seed: int) -> Path:
    """A tile with ground, trees, a roof, a bridge (17) and a class of a survey's own (64)."""
    random = np.random.default_rng(seed)
    path.parent.mkdir(exist_ok=True)
    parts = {2: (2000, 30, 0, 0.1), 3: (50, 9, 0, 1), 4: (50, 9, 1, 2), 5: (400, 9, 2, 6),
             6: (500, 12, 5, 5.2), 17: (50, 3, 4, 4.1), 64: (20, 1, 0, 3), 1: (20, 30, 0, 2),
             0: (5, 30, 0, 3)}  # fmt: skip
    xyz = [
        random.uniform((0, 0, low), (side, side, high), (many, 3))
        for many, side, low, high in parts.values()
    ]
    labels = np.repeat(list(parts), [len(part) for part in xyz])
    place = (700_000 + 30 * seed, 6_600_000, 100)
    attributes = {"intensity": random.integers(0, 60_000, len(labels)).astype(np.uint16)}
    crs = pyproj.CRS.from_epsg(2154).to_wkt()
    cloud = np.round(np.concatenate(xyz) + place, 3)
    write(path, PointCloud(cloud, attributes, labels, label_field="classification", crs=crs))
    return path


def nuclei(folder: Path, seed: int) -> None:
    """An image of boxes side by side, and the labels that number them."""
    random = np.random.default_rng(seed)
    labels = np.zeros((32, 40, 1), np.uint8)
    for number, place in zip(random.permutation(9) + 1, np.ndindex(3, 3), strict=True):
        x, y = 10 * place[0], 12 * place[1] + seed
        labels[x : x + 8, y : y + 12] = number
    image = 100 * (labels > 0) + random.integers(0, 40, labels.shape)
    for name, array in (("images", image.astype(np.uint8)), ("labels", labels)):
        (folder / name).mkdir(parents=True, exist_ok=True)
        write_label_volume(folder / name / f"{seed}.png", array)


def volume(path: Path, seed: int) -> None:
    """A ball in noise; in folders of labels and truths, the ball alone."""
    path.parent.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(seed)
    centre = random.uniform(8, 12, 3)
    ball = (np.square(np.indices((20, 20, 16)).T - centre).sum(axis=-1) < 30).T
    is_label = "label" in path.parent.name or "truth" in path.parent.name.lower()
    array = ball.astype(np.uint8) if is_label else ball + random.normal(0, 0.2, ball.shape)
    nibabel.save(nibabel.Nifti1Image(array, np.diag([1.0, 1.0, 1.5, 1.0])), path)


@pytest.mark.parametrize("section", ALL, ids=str)
def test_the_lines_of_a_section_run_in_their_order(
    section: Section, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with exit 0; where this machine cannot draw, lines that draw are left out."""
    shutil.copytree(world, tmp_path, dirs_exist_ok=True)
    kind = "volumes" if section.on_volumes else "scans"
    (tmp_path / f"truth of {kind}").rename(tmp_path / "truth")
    if not section.document.endswith("viewing.md"):
        for name in ("labelled", "labels"):  # the lines make them
            shutil.rmtree(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    for line in section.lines:
        if line.why_not() is None and not (line.text.startswith("volseg view") and not draws()):
            words = [word for one in shlex.split(line.run_as())[1:] for word in expanded(one)]
            result = CliRunner().invoke(app, words)
            trouble = f"{line.place}: {line.run_as()}\n{result.stderr}{result.exception or ''}"
            assert result.exit_code == 0, trouble


def python_of(document: str) -> list[str]:
    """The blocks of Python in a document."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


PYTHON = [one for one in DOCUMENTS if python_of(one)]


@pytest.mark.parametrize("document", PYTHON)
def test_the_python_of_a_document_runs_in_its_order(
    document: str, world: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In five lines or fewer a task, with models that have learnt nothing."""
    shutil.copytree(world, tmp_path, dirs_exist_ok=True)
    shutil.copy(tmp_path / "images" / "a.nii.gz", tmp_path / "t1.nii.gz")
    shutil.rmtree(tmp_path / "labelled")
    model_of(tmp_path / "my.yaml", tmp_path / "runs" / "oakland")
    (tmp_path / "mri.yaml").write_text(BALLS)
    model_of(tmp_path / "mri.yaml", tmp_path / "runs" / "mri")
    monkeypatch.chdir(tmp_path)
    names = {
        "array": np.zeros((12, 12, 8)),
        "affine": np.eye(4),
        "image": torch.zeros(1, 1, 8, 8, 8),
        "target": torch.zeros(1, 8, 8, 8, dtype=torch.long),
    }
    for block in python_of(document):
        lines = [line for line in block.splitlines() if line and not line.startswith("import")]
        assert len(lines) <= 5
        exec(re.sub(r"minutes=\d+", "minutes=0.02", block), names)


def model_of(config: Path, run: Path) -> None:
    """A run folder with the network of a config, which has learnt nothing."""
    spec = load_config(config)
    run.mkdir(parents=True)
    assert isinstance(spec, ScanConfig | VolumeConfig)
    net = build_net(spec)
    save_model(run / "best.safetensors", spec.model_spec(), net.state_dict(), {})


def expanded(word: str) -> list[str]:
    """What a shell makes of a pattern of files."""
    return sorted(map(str, Path().glob(word))) or [word] if "*" in word else [word]


def draws() -> bool:
    """Whether this machine can draw."""
    try:
        with hidden_window(64, 64):
            return True
    except DisplayError:
        return False
