"""``volseg plan``: from a dataset to a config, told in a short table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from volseg.config import VolumeConfig, load_config
from volseg.runs import planning

Refused = Callable[..., str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two cases without a description."""
    place = tmp_path / "data"
    random = np.random.default_rng(0)
    for part in ("images", "labels"):
        (place / part).mkdir(parents=True)
    for case in "ab":
        image = nib.Nifti1Image(random.random((20, 16, 12), np.float32), np.diag([1, 1, 2, 1]))
        nib.save(image, place / "images" / f"{case}.nii.gz")
        label = np.zeros((20, 16, 12), np.uint8)
        label[:10] = 3
        nib.save(nib.Nifti1Image(label, np.diag([1, 1, 2, 1])), place / "labels" / f"{case}.nii.gz")
    return place


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """No step is run."""
    monkeypatch.setattr(planning.ThisMachine, "measure", lambda *_, **__: 123_000_000)
    monkeypatch.setattr(planning.ThisMachine, "half", lambda *_: True)


def test_writes_a_config_and_tells_what_it_found(
    cli: Callable[..., Any], folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "plan.yaml"
    outcome = cli("plan", folder, "-o", out, "--memory", "2GB")
    assert (outcome.code, outcome.err) == (0, "")
    lines = [" ".join(line.split()) for line in outcome.out.splitlines()]
    assert lines[0] == "cases 2 (images and labels)"
    assert "classes background 50.0%, class_3 50.0%" in lines
    assert "spacing 1 x 1 x 2 mm" in lines
    assert "patch 20 x 16 x 12" in lines
    assert any("measured 0.12 GB, may take 2.00 GB" in line for line in lines)
    assert lines[-1] == f"config: {out}"
    config = load_config(out)
    assert isinstance(config, VolumeConfig)
    assert config.images.patch == (20, 16, 12)


def test_two_axes_see_slices(cli: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "plan.yaml"
    assert cli("plan", folder, "-o", out, "--nd", 2).code == 0
    config = load_config(out)
    assert isinstance(config, VolumeConfig)
    assert config.images.patch == (20, 16, 1)


def test_a_config_is_replaced_only_when_told(
    cli: Callable[..., Any], refused: Refused, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "plan.yaml"
    out.write_text("mine")
    assert "exists already; pass --overwrite" in refused("plan", folder, "-o", out)
    assert cli("plan", folder, "-o", out, "--overwrite").code == 0
    assert load_config(out)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--memory", "lots"), "memory 'lots' is no size; wanted one such as 8GB"),
        (("--memory", "1MB"), "the budget is 1 MB, give it more with --memory"),
    ],
)
def test_bad_memory(
    refused: Refused, folder: Path, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    assert message in refused("plan", folder, "-o", tmp_path / "plan.yaml", *options)


def test_bad_dataset(refused: Refused, tmp_path: Path) -> None:
    out = tmp_path / "plan.yaml"
    assert "nowhere: does not exist" in refused("plan", tmp_path / "nowhere", "-o", out)
    assert "holds no dataset" in refused("plan", tmp_path, "-o", out)


def test_an_output_that_cannot_be_written(refused: Refused, folder: Path, tmp_path: Path) -> None:
    assert "does not exist; create it" in refused("plan", folder, "-o", tmp_path / "no" / "a.yaml")
    assert "is a folder" in refused("plan", folder, "-o", tmp_path)


def test_four_axes_are_wrong_usage(cli: Callable[..., Any], folder: Path, tmp_path: Path) -> None:
    assert cli("plan", folder, "-o", tmp_path / "a.yaml", "--nd", 4).code == 2


def test_visits_of_one_person_stay_together(
    cli: Callable[..., Any], folder: Path, tmp_path: Path
) -> None:
    for part in ("images", "labels"):
        for old, *new in (("a", "s7_ses1", "s7_ses2"), ("b", "s8_ses1")):
            content = (folder / part / f"{old}.nii.gz").read_bytes()
            (folder / part / f"{old}.nii.gz").unlink()
            for name in new:
                (folder / part / f"{name}.nii.gz").write_bytes(content)
    out = tmp_path / "plan.yaml"
    outcome = cli("plan", folder, "-o", out)
    assert outcome.code == 0, outcome
    assert "3 cases of 2 persons" in outcome.err
    assert load_config(out).data.folds == 2
    assert "3 cases of 2 persons" in out.read_text()
