"""Plans on this machine: a real step is run, and takes about what was expected."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from tests.heard import Heard
from volseg.config import load_config
from volseg.plan.text import to_yaml
from volseg.runs.planning import plan_dataset


@pytest.fixture
def regions(tmp_path: Path) -> Path:
    """Three small cases of two channels and two nested regions."""
    folder = tmp_path / "data"
    for part in ("imagesTr", "labelsTr"):
        (folder / part).mkdir(parents=True)
    said = {
        "channel_names": {"0": "T1", "1": "T2"},
        "labels": {"background": 0, "whole": [1, 2], "core": [2]},
        "regions_class_order": [1, 2],
        "numTraining": 3,
        "file_ending": ".nii.gz",
    }
    (folder / "dataset.json").write_text(json.dumps(said))
    random = np.random.default_rng(0)
    for case in "abc":
        for channel in range(2):
            image = nib.Nifti1Image(random.random((12, 10, 8), np.float32), np.eye(4))
            nib.save(image, folder / f"imagesTr/{case}_{channel:04d}.nii.gz")
        label = nib.Nifti1Image(random.integers(0, 3, (12, 10, 8), np.uint8), np.eye(4))
        nib.save(label, folder / f"labelsTr/{case}.nii.gz")
    return folder


def test_from_a_folder_to_a_config(regions: Path, tmp_path: Path) -> None:
    heard = Heard()
    plan = plan_dataset(regions, memory=2 * 10**9, progress=heard)
    assert heard.works[-1] == ("reading", 3, 3)
    assert plan.config.labels.overlap
    assert list(plan.config.labels.classes) == ["whole", "core"]
    assert 0 < plan.measured < 2 * 10**9
    path = tmp_path / "plan.yaml"
    path.write_text(to_yaml(plan))
    assert load_config(path) == plan.config


def test_a_plan_of_minutes_is_as_long(regions: Path) -> None:
    plan = plan_dataset(regions, memory=2 * 10**9, minutes=0.5)
    assert plan.pace is not None
    train = plan.config.train
    assert plan.pace.seconds * train.epochs * train.steps == pytest.approx(27, rel=0.2)
    assert train.epochs >= 5
