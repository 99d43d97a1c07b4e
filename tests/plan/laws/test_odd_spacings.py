"""Spacings that cannot be meant are named by check and by plan, each with what was expected."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

from volseg.data.volumes.checks.check import check_dataset
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.plan import make_plan

Told = Callable[[Sequence[int], float], tuple[list[str], list[str]]]


@pytest.fixture
def told(tmp_path: Path, make_balls: Callable[..., Path], paper: Any) -> Told:
    """Notes of plan and problems of check, of four cases some of which are scaled."""

    def go(scaled: Sequence[int], factor: float) -> tuple[list[str], list[str]]:
        folder = make_balls(tmp_path / "data", cases=4)
        for number in scaled:
            for file in folder.rglob(f"case_{number:03d}*.nii.gz"):
                image = nib.load(file)
                affine = image.affine @ np.diag([factor, factor, factor, 1])
                nib.save(nib.Nifti1Image(np.asarray(image.dataobj), affine), file)
        plan = make_plan(read_dataset(folder), paper(), memory=4 * 10**9)
        problems = check_dataset(folder).problems
        return list(plan.notes), [f"{one.case}: {one.message}" for one in problems]

    return go


@pytest.mark.parametrize("factor", [1000.0, 0.001], ids=["a thousandfold", "a thousandth"])
def test_one_case_in_another_unit(told: Told, factor: float) -> None:
    notes, problems = told([2], factor)
    odd = " x ".join(f"{side * factor:.4g}" for side in (1, 1, 1.5))
    (note,) = notes
    assert note.startswith(f"case_002: its spacing is {odd}, most others' ")
    assert note.partition(";")[0].endswith(" x 1.5")
    assert [one for one in problems if "spacing" in one] == [note.partition(";")[0]]


@pytest.mark.parametrize(
    ("factor", "wanted"),
    [
        (300.0, "300 x 300 x 450 mm, wanted 1e-06 to 100"),
        (40.0, "40 x 40 x 60 mm, so that a voxel has 96 ml, wanted 8 at most"),
    ],
)
def test_all_cases_in_another_unit(told: Told, factor: float, wanted: str) -> None:
    notes, problems = told(range(4), factor)
    (note,) = notes
    assert wanted in note
    assert "so are 3 more" in note
    assert len([one for one in problems if "wanted" in one]) == 4


def test_spacings_of_scanners_are_not_told_of(told: Told) -> None:
    assert told([1], 3.0) == ([], [])
