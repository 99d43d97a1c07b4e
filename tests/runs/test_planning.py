"""Plans on this machine: a real step is run, and takes about what was expected."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
import torch

from tests.heard import Heard
from volseg.config import ChannelSpec, ClassSpec, LabelSpec, NetSpec, load_config
from volseg.plan.planner import Draft
from volseg.plan.text import to_yaml
from volseg.plan.topology import topology
from volseg.runs.planning import ThisMachine, plan_dataset

CPU = ThisMachine(torch.device("cpu"))


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


def draft(axes: tuple[int, ...], *, overlap: bool) -> Draft:
    classes = {name: ClassSpec(ids=(n,)) for n, name in enumerate("abc", start=1)}
    labels = LabelSpec(classes=classes, overlap=overlap)
    return Draft(labels, (ChannelSpec(name="T1"),), (1.0, 1.0, 1.0), axes, (0,), 16, 5)


@pytest.mark.parametrize("overlap", [False, True])
@pytest.mark.parametrize("axes", [(0, 1, 2), (0, 2)])
def test_a_step_of_any_kind_runs(overlap: bool, axes: tuple[int, ...]) -> None:
    config = draft(axes, overlap=overlap).config(topology([1.0] * len(axes), [16] * len(axes)), 2)
    for half in (False, True):
        assert 0 <= CPU.measure(config, half=half) < 10**9


def test_what_a_step_takes_is_seen() -> None:
    config = draft((0, 1), overlap=False).config(topology((1.0, 1.0), (640, 512)), 1)
    config = config.model_copy(update={"net": NetSpec(widths=(32,), block="plain")})
    # A map is too large to go where freed memory is kept.
    one_map = 4 * 640 * 512 * 32
    assert 4 * one_map < CPU.measure(config, half=False) < 30 * one_map
