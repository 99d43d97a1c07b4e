"""The one front door: every name is there, loads nothing before it is used, and does as it says."""

from __future__ import annotations

import doctest
import inspect
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest
import torch

import volseg as vs
from tests.heard import Heard
from volseg.errors import DisplayError
from volseg.view.window.display import hidden_window

BOXES = """
labels:
  ignore: [0]
  classes: { ground: { ids: [2] }, building: { ids: [6, 5] } }
data: { validation: ["b.*"] }
voxels: { size: 0.5, features: [log_count, offset, height] }
net: { widths: [4, 8] }
train: { steps: 4, batch: 1, crop: 12 }
"""
BALLS = """
labels: { classes: { background: { ids: [0] }, ball: { ids: [1] } } }
images: { channels: [{ name: T1 }], spacing: [1, 1, 1.5], patch: [8, 8, 8] }
net: { widths: [4, 8], block: plain, norm: instance }
train: { epochs: 1, steps: 2, loss: { kind: dice_ce, weights: null } }
"""
HEAVY = ("numpy", "torch", "open3d", "laspy", "pydantic", "nibabel", "scipy", "matplotlib")
FUNCTIONS = (
    "check", "convert", "evaluate", "generate", "info", "load", "plan", "read", "report",
    "segment", "train", "view", "voxelize", "write",
)  # fmt: skip


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, boxes: Any, make_balls: Any, scene_folder: Path
) -> Path:
    """What the examples suppose to be there."""
    from volseg.config import ScanConfig, VolumeConfig, load_config
    from volseg.models.load import save_model
    from volseg.models.nets import build_scan_net, build_volume_net

    folder = tmp_path_factory.mktemp("world")
    vs.write(folder / "tile.laz", boxes(0))
    shutil.copytree(scene_folder, folder / "tiles")
    make_balls(folder / "balls", cases=4)
    shutil.copytree(folder / "balls" / "labelsTr", folder / "labels")
    shutil.copy(folder / "balls" / "imagesTr" / "case_000_0000.nii.gz", folder / "t1.nii.gz")
    torch.manual_seed(0)
    for name, text in (("boxes", BOXES), ("balls", BALLS)):
        (folder / f"{name}.yaml").write_text(text)
        config = load_config(folder / f"{name}.yaml")
        assert isinstance(config, ScanConfig | VolumeConfig)
        net = build_scan_net(config) if isinstance(config, ScanConfig) else build_volume_net(config)
        run = folder / "runs" / name
        run.mkdir(parents=True)
        save_model(run / "best.safetensors", config.model_spec(), net.state_dict(), {})
    return folder


@pytest.fixture
def world(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it, which is the current folder."""
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def examples() -> Iterator[doctest.DocTest]:
    """The example of every function and module of the face."""
    finder = doctest.DocTestFinder(recurse=False)
    for name in (*FUNCTIONS, "losses", "metrics"):
        yield from finder.find(getattr(vs, name), name)
    for name in ("Panoptic", "match_centres", "rand_scores"):
        yield from finder.find(getattr(vs.metrics, name), name)


@pytest.mark.parametrize("example", list(examples()), ids=lambda one: one.name)
def test_the_example_of_a_function_runs(example: doctest.DocTest, world: Path) -> None:
    if example.name == "view" and not draws():
        pytest.skip("this machine cannot draw")
    assert example.examples, "wanted an example"
    example.globs = {"vs": vs, "np": np, "torch": torch}
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(example, out=said.append).failed == 0, "".join(said)


def draws() -> bool:
    try:
        with hidden_window(64, 64):
            return True
    except DisplayError:
        return False


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_says_what_it_takes_and_gives(name: str) -> None:
    function: Callable[..., Any] = getattr(vs, name)
    signature = inspect.signature(function)
    assert signature.return_annotation is not inspect.Signature.empty
    for parameter in signature.parameters.values():
        assert parameter.annotation is not inspect.Parameter.empty, parameter
    assert "Raises:" in (function.__doc__ or "")


def loaded(code: str) -> set[str]:
    """Which heavy modules some code loads."""
    found = f"import sys; print(*[one for one in {HEAVY} if one in sys.modules])"
    command = [sys.executable, "-c", f"{code}\n{found}"]
    return set(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split())


def test_nothing_is_loaded_before_it_is_used() -> None:
    assert loaded("import volseg; dir(volseg); volseg.__version__; volseg.InputError") == set()
    assert not loaded("import volseg; volseg.PointCloud") & {"torch", "open3d"}


def test_its_names_are_all_there_and_no_others() -> None:
    assert dir(vs) == sorted(vs.__all__)
    assert all(getattr(vs, name) is not None for name in vs.__all__)
    with pytest.raises(AttributeError, match="'volseg' has no attribute 'sgment'"):
        vs.sgment  # noqa: B018


def test_a_package_called_as_a_verb_does_not_take_its_place() -> None:
    code = (
        "import volseg as vs; import volseg.train.loop, volseg.plan, volseg.view, volseg.report\n"
        "from volseg.train import loop; from volseg import train\n"
        "assert all(callable(one) for one in (vs.train, vs.plan, vs.view, vs.report, train))"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


class TestSegment:
    def test_a_file_a_cloud_and_a_loaded_model_agree(self, world: Path) -> None:
        heard = Heard()
        vs.segment("tile.laz", "new/out.laz", model="runs/boxes", progress=heard)
        cloud = vs.segment(vs.read("tile.laz"), model=vs.load("runs/boxes"))
        np.testing.assert_array_equal(vs.read("new/out.laz").labels, cloud.labels)
        assert heard.works[-1][1:] == (4000, 4000)

    def test_a_volume_gives_a_volume_and_nibabels_image_one(self, world: Path) -> None:
        model = vs.load("runs/balls")
        (path,) = vs.segment("t1.nii.gz", "labels", model=model)
        assert path == Path("labels/t1.nii.gz")
        wanted = vs.read(path, labels=True)
        volume = vs.segment(vs.read("t1.nii.gz"), model=model)
        np.testing.assert_array_equal(volume.array, wanted.array)
        np.testing.assert_array_equal(volume.affine, wanted.affine)
        image = model(nib.load("t1.nii.gz"))
        np.testing.assert_array_equal(np.asarray(image.dataobj), wanted.array[0])
        array = vs.read("t1.nii.gz").array[0]
        np.testing.assert_array_equal(
            vs.segment(array, model=model, affine=wanted.affine), wanted.array[0]
        )

    @pytest.mark.parametrize(
        ("source", "options", "said"),
        [
            ("tile.laz", {}, "wanted a target"),
            (np.zeros((8, 8, 8)), {}, "the model is of scans; wanted a PointCloud"),
            (np.zeros((8, 8, 8)), {"target": "a.laz"}, "go with a file"),
            ("tile.laz", {"target": "tile.laz"}, "would replace the input itself"),
            ("tile.laz", {"target": "a.laz", "spacing": (1, 1, 1)}, "spacing and affine go with"),
        ],
    )
    def test_what_does_not_go_together_is_refused(
        self, world: Path, source: Any, options: dict[str, Any], said: str
    ) -> None:
        before = Path("tile.laz").read_bytes()
        with pytest.raises(vs.InputError, match=said):
            vs.segment(source, model="runs/boxes", overwrite=True, **options)
        assert Path("tile.laz").read_bytes() == before


class TestEvaluate:
    def test_clouds_in_memory_are_scored_as_their_files(self, world: Path) -> None:
        vs.segment("tile.laz", "labelled.laz", model="runs/boxes")
        files = vs.evaluate("labelled.laz", "tile.laz", model="runs/boxes")
        clouds = vs.evaluate(vs.read("labelled.laz"), vs.read("tile.laz"), model="runs/boxes")
        assert files.confusion is not None
        assert clouds.confusion is not None
        np.testing.assert_array_equal(files.confusion.counts, clouds.confusion.counts)
        assert files.iou.keys() == {"ground", "building"}
        assert clouds.mean_iou == files.mean_iou < 1

    def test_volumes_in_memory_are_scored_as_their_files(self, world: Path) -> None:
        vs.segment("t1.nii.gz", "case_000.nii.gz", model="runs/balls")
        pair = ("case_000.nii.gz", "labels/case_000.nii.gz")
        files = vs.evaluate(*pair, labels="balls.yaml", tolerance=1.0)
        there = [vs.read(path, labels=True) for path in pair]
        found = vs.evaluate(*there, labels="balls.yaml", tolerance=1.0)
        assert (found.dice, found.iou) == (files.dice, files.iou)
        assert found.mean_dice == found.dice["ball"] < 1
        assert found.summaries is not None
        assert files.summaries is not None
        assert found.summaries["ball"] == files.summaries["ball"]

    def test_one_bad_file_costs_its_pair_alone(self, world: Path) -> None:
        Path("labels/case_001.nii.gz").write_bytes(b"no volume")
        found = vs.evaluate("labels", "balls/labelsTr")
        assert [error.path for error in found.failed] == [Path("labels/case_001.nii.gz")]
        assert (len(found.cases), found.total, found.mean_dice) == (3, 4, 1.0)

    def test_what_cannot_be_compared_is_refused(self, world: Path) -> None:
        cloud, volume = vs.read("tile.laz"), vs.read("labels/case_000.nii.gz", labels=True)
        with pytest.raises(vs.InputError, match="cannot compare PointCloud and Volume"):
            vs.evaluate(cloud, volume)
        with pytest.raises(vs.InputError, match="3,999 labels for 4,000 points"):
            vs.evaluate(cloud.take(np.arange(3999)), cloud)
        with pytest.raises(vs.InputError, match="lie on other grids"):
            vs.evaluate(volume, vs.Volume(volume.array[:, 1:], volume.affine))
        with pytest.raises(vs.InputError, match="wanted integers"):
            vs.evaluate(vs.read("t1.nii.gz"), volume)


class TestFiles:
    def test_a_label_map_is_written_without_a_source_too(self, world: Path) -> None:
        labels = vs.read("labels/case_001.nii.gz", labels=True)
        vs.write("new.nii.gz", labels)
        again = vs.read("new.nii.gz", labels=True)
        np.testing.assert_array_equal(again.array, labels.array)
        np.testing.assert_allclose(again.affine, labels.affine, atol=1e-5)

    @pytest.mark.parametrize(
        ("name", "options", "said"),
        [
            ("tile.laz", {"labels": True}, "labels=True is for volumes"),
            ("t1.nii.gz", {"label_field": "x"}, "are for scans"),
            ("boxes.yaml", {}, "is no format volseg knows"),
        ],
    )
    def test_each_kind_takes_its_own(
        self, world: Path, name: str, options: dict[str, Any], said: str
    ) -> None:
        with pytest.raises(vs.InputError, match=said):
            vs.read(name, **options)

    def test_voxels_of_a_cloud_are_those_of_its_file(self, world: Path) -> None:
        one, other = vs.voxelize("tile.laz", 0.5), vs.voxelize(vs.read("tile.laz"), 0.5)
        np.testing.assert_array_equal(one.coords, other.coords)


def test_training_is_silent_and_starts_from_another_model(
    world: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    vs.train("boxes.yaml", "tiles", "runs/new", minutes=0.01, pretrained="runs/boxes")
    assert capsys.readouterr() == ("", "")
    assert "pretrained: runs/boxes" in Path("runs/new/config.yaml").read_text()
    with pytest.raises(vs.ConfigError, match="no such file or preset"):
        vs.train("lidar/nowhere", "tiles", "runs/none")


def test_loading_a_model_leaves_the_allocator_alone(
    world: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from volseg.nn import allocator

    def asked() -> None:
        raise AssertionError("the process is the user's")

    monkeypatch.setattr(allocator, "_glibc", asked)
    vs.segment(vs.read("tile.laz"), model="runs/boxes")
    vs.train("boxes.yaml", "tiles", "runs/new", minutes=0.01)
