"""Coarse things keep their shape in coarser voxels, fine ones lose it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from volseg.data.volumes.datasets.cases import Case
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.plan.detail import KEPT, coarser, detail_kept

LABELS = LabelMap((LabelClass("air", (0,), (0, 0, 0)), LabelClass("ball", (7,), (255, 0, 0))))
GRID = (40, 44, 12)
Ball = Callable[[float], list[Case]]


@pytest.fixture
def ball(tmp_path: Path) -> Ball:
    """A case with a ball of some radius in millimetres, in voxels of 1 x 1 x 4."""

    def make(radius: float) -> list[Case]:
        far = (np.indices(GRID) - np.reshape(GRID, (3, 1, 1, 1)) / 2) * np.reshape(
            (1, 1, 4), (3, 1, 1, 1)
        )
        truth = np.where((far**2).sum(axis=0) < radius**2, 7, 0).astype(np.uint8)
        path = tmp_path / f"{radius}.nii.gz"
        nib.save(nib.Nifti1Image(truth, np.diag([1, 1, 4, 1])), path)
        return [Case("a", (path,), path)]

    return make


def test_on_its_own_grid_a_class_keeps_all(ball: Ball) -> None:
    assert detail_kept(ball(9), LABELS, (1, 1, 4)) == 1.0


def test_the_smaller_the_less_is_kept(ball: Ball) -> None:
    kept = [detail_kept(ball(radius), LABELS, (4, 4, 4)) for radius in (2, 5, 16)]
    assert kept == sorted(kept)
    assert kept[0] < 0.9
    assert detail_kept(ball(16), LABELS, (2, 2, 4)) > KEPT


def test_a_class_of_no_voxel_loses_nothing(ball: Ball) -> None:
    assert detail_kept(ball(0), LABELS, (2, 2, 4)) == 1.0


def test_a_thin_background_counts_too(tmp_path: Path) -> None:
    truth = np.full(GRID, 7, np.uint8)
    truth[::10] = 0
    path = tmp_path / "cells.nii.gz"
    nib.save(nib.Nifti1Image(truth, np.eye(4)), path)
    assert detail_kept([Case("a", (path,), path)], LABELS, (2, 2, 1)) < KEPT


@pytest.mark.parametrize(
    ("spacing", "median", "wanted"),
    [
        ((1, 1, 4), (100, 100, 12), (2, 2, 4)),
        ((1, 1.5, 1), (100, 100, 100), (2, 3, 2)),
        ((1, 1, 1), (100, 100, 1), (2, 2, 1)),
        ((0.5, 1, 1), (1, 100, 100), (0.5, 2, 2)),
    ],
)
def test_the_finer_axes_become_coarser(
    spacing: tuple[float, float, float],
    median: tuple[int, int, int],
    wanted: tuple[float, float, float],
) -> None:
    assert coarser(spacing, median) == wanted
