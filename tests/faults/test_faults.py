"""Inputs that failed, each through its commands (``VOLSEG_FAULTS``, else ``../shared/faults``)."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
import torch
from typer.testing import CliRunner

from tests.faults.scans import LOW, SCANS
from tests.faults.table import Fault
from tests.faults.volumes import VOLUMES
from volseg.config import ScanModelSpec, VolumeModelSpec, load_config
from volseg.io import read
from volseg.models.load import save_model
from volseg.models.nets import build_net
from volseg_cli.app import app


@pytest.fixture(scope="module")
def faults() -> Path:
    """The folder of the inputs, or skip."""
    default = Path(__file__).parents[2] / ".." / "shared" / "faults"
    folder = Path(os.environ.get("VOLSEG_FAULTS", default))
    if not folder.is_dir():
        pytest.skip(f"inputs that failed not found at {folder}; set VOLSEG_FAULTS to their folder")
    return folder.resolve()


def model(row: Fault, path: Path) -> Path:
    """A model file of two classes that calls everything the first."""
    spec = VolumeModelSpec.model_validate(
        {
            "labels": {"classes": {"rest": {"ids": [0]}, "part": {"ids": [1]}}},
            "net": {"widths": [4, 8], "norm": "instance"},
            "images": {
                "channels": [{"name": f"c{number}"} for number in range(row.channels)],
                "spacing": list(row.spacing),
                "patch": [32, 32, 1] if len(set(row.spacing)) == 1 else [16, 16, 8],
            },
        }
    )
    state = build_net(spec).state_dict()
    *_, head = (name for name in state if name.endswith("bias"))
    state[head] = torch.tensor([1e3, -1e3])
    save_model(path, spec, state, {})
    return path


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model file of scans that has learnt nothing."""
    torch.manual_seed(0)
    spec = load_config("lidar/aerial").model_spec()
    assert isinstance(spec, ScanModelSpec)
    path = tmp_path_factory.mktemp("models") / "scans.safetensors"
    provenance = {"volseg": "0", "torch": "0", "seed": 0, "step": 0, "scores": {}}
    save_model(path, spec, build_net(spec).state_dict(), provenance)
    return path


@pytest.mark.parametrize("row", [*VOLUMES, *SCANS], ids=lambda row: row.path)
def test_what_is_right(row: Fault, faults: Path, scans: Path, tmp_path: Path) -> None:
    if row.needs is not None:
        pytest.importorskip(row.needs)
    if not (faults / row.path).exists():
        pytest.skip(f"{row.path} is not among the inputs")
    if not row.steps:
        pytest.skip(f"{row.path} is not mended yet")
    out = tmp_path / "out"
    out.mkdir()
    places = {"input": str(faults / row.path), "out": str(out), "scans": str(scans)}
    if any("{model}" in step.command for step in row.steps):
        places["model"] = str(model(row, tmp_path / "model.safetensors"))
    for step in row.steps:
        words = [word.format(**places) for word in shlex.split(step.command)]
        result = CliRunner().invoke(app, words, env={"COLUMNS": "1000"})
        assert result.exception is None or isinstance(result.exception, SystemExit), step.command
        said = " ".join(f"{result.stdout} {result.stderr}".split())
        assert result.exit_code == step.code, f"{step.command}: {said}"
        for text in step.wanted:
            assert text in said, step.command
        for text in step.never:
            assert text not in said, step.command
        if step.then is not None:
            step.then(out, faults / row.path)


def test_every_input_has_a_row(faults: Path) -> None:
    """What is added to the folder is walked, too: by itself, or in a folder that is a dataset."""
    rows = {row.path for row in (*VOLUMES, *SCANS)}
    inputs = {str(path.relative_to(faults)) for path in faults.glob("*/*")}
    assert not {path for path in inputs if not any(row.startswith(path) for row in rows)}


def test_noise_changes_hardly_a_point(faults: Path, tmp_path: Path) -> None:
    """Four low points, which their file withholds, leave the others as they are without them."""
    pair = [faults / "lidar" / "lownoise" / name for name in ("clean.laz", "four_low.laz")]
    if not all(path.exists() for path in pair):
        pytest.skip("the pair of tiles is not among the inputs")
    result = CliRunner().invoke(app, ["predict", "aerial", *map(str, pair), "-o", str(tmp_path)])
    assert result.exit_code == 0, result.stderr
    clean, noisy = (read(tmp_path / path.name).labels for path in pair)
    assert clean is not None
    assert noisy is not None
    noise = read(pair[1]).labels == LOW
    assert (noisy[noise] == LOW).all()
    assert (noisy[~noise] != clean).mean() <= 0.01
