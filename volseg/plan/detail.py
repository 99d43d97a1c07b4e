"""What coarser voxels lose: the truth is brought to them and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from volseg.data.volumes.datasets.cases import Case
from volseg.geometry.labels import LabelMap
from volseg.geometry.resample import kinds_for, resample, resampled_grid
from volseg.geometry.volume import Volume
from volseg.io.volumes.files import read_label_volume
from volseg.plan.fingerprint import Grid, Spacing

COARSER = 2.0
"""Times as coarse as they are that the finer axes may become."""
KEPT = 0.99
"""Dice that every class keeps on its way to coarser voxels and back, where these will do."""
MOST_CASES = 8
MARGIN = 4
"""Voxels around a class that are looked at with it."""


def coarser(spacing: Spacing, median: Grid) -> Spacing:
    """Voxels that are coarser along the axes that are finer than twice the finest."""
    finest = min(step for step, side in zip(spacing, median, strict=True) if side > 1)
    x, y, z = (
        step * COARSER if step < 2 * finest and side > 1 else step
        for step, side in zip(spacing, median, strict=True)
    )
    return x, y, z


def detail_kept(cases: Sequence[Case], labels: LabelMap, spacing: Spacing) -> float:
    """The lowest mean Dice of a class whose truth was brought to a spacing and back.

    Its share in every voxel makes the way, as the probabilities of a network that errs nowhere
    would. 1 where no class has a voxel.

    Args:
        cases: Cases of a dataset; `MOST_CASES` of them, evenly, are read.
        labels: Classes.
        spacing: Millimetres between the coarser voxels.
    """
    many = min(MOST_CASES, len(cases))
    dice: list[list[float]] = [[] for _ in range(len(labels))]
    for number in range(many):
        volume = read_label_volume(cases[number * len(cases) // many].label).canonical()
        ids = labels.encode(volume.array[0])
        for k in range(len(labels)):  # the background too: it may be what is thin
            inside = ids[k] > 0 if labels.overlap else ids == k
            if inside.any():
                dice[k].append(_kept(inside, volume, spacing))
    return min((float(np.mean(scores)) for scores in dice if scores), default=1.0)


def _kept(inside: NDArray[np.bool_], volume: Volume, spacing: Spacing) -> float:
    """Dice of a class with itself, there and back."""
    cut = inside[_box(inside)]
    now = volume.spacing.tolist()
    grid = resampled_grid(cut.shape, now, spacing)
    share = torch.from_numpy(cut.astype(np.float32))[None]
    coarse = resample(share, grid, kinds_for(now, spacing, image=False))
    back = resample(coarse, cut.shape, kinds_for(spacing, now, image=False))[0].numpy() > 0.5
    return float(2 * (back & cut).sum() / (back.sum() + cut.sum()))


def _box(inside: NDArray[np.bool_]) -> tuple[slice, ...]:
    """Where a class lies, and a margin around it."""

    def span(axis: int) -> slice:
        others: Any = tuple({0, 1, 2} - {axis})
        places = np.flatnonzero(inside.any(axis=others))
        return slice(max(0, int(places[0]) - MARGIN), int(places[-1]) + 1 + MARGIN)

    return span(0), span(1), span(2)
