"""How large objects of an image are, by what a network finds that may have learnt other sizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.volume import Volume
from volseg.predict.volumes.diameter import LARGER, ROUND, SMALLER, learnt_diameter
from volseg.predict.volumes.model import VolumeModel

ALIKE = 1.5
"""Times by which objects may differ from what was learnt before an image is zoomed: training
scales patches by nearly as much, and measures err by a little less."""


def estimate_diameter(model: VolumeModel, volume: Volume) -> float | None:
    """The diameter of the median object of a volume; None where it is about what was learnt.

    Of objects much larger than it knows a network finds fragments, many of them small. Their mean
    weighted by size, of a first segmentation, is near enough for a second, on the image
    zoomed so, whose median counts.

    Args:
        model: whose objects have a diameter, see `learnt_diameter`.
        volume: (C, X, Y, Z).

    Raises:
        InputError: as `VolumeModel.label`.
    """
    nd = sum(side > 1 for side in model.patch)
    known = learnt_diameter(model.labels, nd)
    sizes = _sizes(replace(model, diameter=None), volume)
    if not len(sizes):
        return None
    first = _diameter(float((sizes**2).sum() / sizes.sum()), nd)
    if 1 / ALIKE < first / known < ALIKE:
        return None
    first = float(np.clip(first, known / SMALLER, known * LARGER))
    sizes = _sizes(replace(model, diameter=first), volume)
    if not len(sizes):
        return None
    second = _diameter(float(np.median(sizes)), nd)
    return float(np.clip(second, known / SMALLER, known * LARGER))


def _sizes(model: VolumeModel, volume: Volume) -> NDArray[np.float64]:
    """Sizes of all objects that are found, in the volume's own unit."""
    numbers = np.zeros(volume.grid, np.int32)
    model.label(volume, objects=numbers)
    counts = np.bincount(numbers.reshape(-1))[1:]
    spacing = volume.canonical().spacing
    cell = np.prod([step for step, side in zip(spacing, model.patch, strict=True) if side > 1])
    return np.asarray(counts[counts > 0] * cell, np.float64)


def _diameter(size: float, nd: int) -> float:
    return float((size / ROUND[nd]) ** (1 / nd))
