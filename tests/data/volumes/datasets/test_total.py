"""TotalSegmentator's layout: a folder a case, a mask a structure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from volseg.data.volumes.checks.check import check_dataset
from volseg.data.volumes.checks.repair import repair
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.errors import InputError
from volseg.io import read_label_volume, read_volume_header

SHAPE = 5, 6, 7


def save(path: Path, array: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    nib.save(nib.Nifti1Image(array, np.diag([1.5, 1.5, 1.5, 1])), path)


def mask(plane: int) -> Any:
    cells = np.zeros(SHAPE, np.uint8)
    cells[plane] = 1
    return cells


@pytest.fixture
def total(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    for seed, name in enumerate(("s0001", "s0002", "s0003")):
        image = np.random.default_rng(seed).normal(size=SHAPE).astype(np.float32)
        save(folder / name / "ct.nii.gz", image)
        for plane, structure in enumerate(("spleen", "aorta", "liver")):
            save(folder / name / f"segmentations/{structure}.nii.gz", mask(plane))
    (folder / "meta.csv").write_text("image_id;age\n")
    return folder


def test_structures_are_classes_by_name(total: Path) -> None:
    report = check_dataset(total)
    assert report.problems == ()
    dataset = read_dataset(total)
    assert dataset.layout == "TotalSegmentator"
    assert dataset.classes == {"background": (0,), "aorta": (1,), "liver": (2,), "spleen": (3,)}
    label = dataset.cases[1].label
    assert label is not None
    found = read_label_volume(label)
    assert found.array[0, :, 0, 0].tolist() == [3, 1, 2, 0, 0]
    assert read_volume_header(label).grid == SHAPE
    assert found.spacing.tolist() == [1.5] * 3


def test_a_structure_that_a_case_lacks_is_absent_in_a_copy(total: Path, tmp_path: Path) -> None:
    (total / "s0002/segmentations/liver.nii.gz").unlink()
    report = check_dataset(total)
    (problem,) = report.problems
    assert (problem.case, problem.severity) == ("s0002", "error")
    assert problem.message == "lacks liver, which other cases have"
    with pytest.raises(InputError, match=r"lacks liver, .*--fix OUT"):
        read_dataset(total)
    repair(report, tmp_path / "copy")
    assert check_dataset(tmp_path / "copy").problems == ()
    for name, wanted in (("s0001", [3, 1, 2, 0, 0]), ("s0002", [3, 1, 0, 0, 0])):
        found = read_label_volume(tmp_path / f"copy/labelsTr/{name}.nii.gz")
        assert found.array[0, :, 0, 0].tolist() == wanted


def test_a_file_that_is_no_mask_is_named(total: Path) -> None:
    save(total / "s0001/segmentations/liver.nii.gz", np.arange(210).reshape(SHAPE).astype(np.uint8))
    problems = check_dataset(total).problems
    assert [(one.path.name, one.message) for one in problems] == [
        ("liver.nii.gz", "is no mask of one structure")
    ]
    save(total / "s0001/segmentations/liver.nii.gz", mask(2)[:, :5])
    assert "has grid (5, 5, 7)" in check_dataset(total).problems[0].message
