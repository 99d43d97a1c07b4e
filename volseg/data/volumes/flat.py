"""Where an image is flat: air, and whatever masking or clipping made equal."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

ROUNDING = 1e-5
"""Equal intensities lie no further apart after resampling, as a share of a channel's range."""


def rounding(image: NDArray[Any]) -> NDArray[np.float32]:
    """How far apart the intensities of a flat part of a prepared image may lie, float32 (C,).

    Args:
        image: (C, X, Y, Z).
    """
    ends = [(float(channel.min()), float(channel.max())) for channel in image]
    return np.array([ROUNDING * (high - low) for low, high in ends], dtype=np.float32)


def is_flat(window: Tensor, within: Tensor) -> bool:
    """Whether every channel of a window (C, ...) has one intensity, give or take (C,)."""
    low, high = window.flatten(1).aminmax(dim=1)
    return bool((high - low <= within).all())


def count_flat(image: NDArray[Any], inside: NDArray[np.bool_], axes: Collection[int]) -> int:
    """How many voxels of a set equal their neighbours in every channel.

    A voxel that only flat windows see, overlapping by half, is such a voxel: one of the windows
    holds it together with each neighbour.

    Args:
        image: prepared, (C, X, Y, Z).
        inside: the set, bool (X, Y, Z).
        axes: where to look for neighbours: along the sides of a window that are not 1.
    """
    within = rounding(image)[:, None, None]
    last, count = image.shape[1] - 1, 0
    for x in range(last + 1):  # plane by plane, for the memory's sake
        flat: NDArray[np.bool_] = inside[x].copy()
        if not flat.any():
            continue
        plane = image[:, x].astype(np.float32)
        if 0 in axes:
            for other in (max(x - 1, 0), min(x + 1, last)):
                flat &= (np.abs(plane - image[:, other]) <= within).all(axis=0)
        for axis in {1, 2} & set(axes):
            steps = np.moveaxis(np.abs(np.diff(plane, axis=axis)), axis, 1)
            same = (steps <= within).all(axis=0)
            along = np.moveaxis(flat, axis - 1, 0)
            along[1:] &= same
            along[:-1] &= same
        count += int(flat.sum())
    return count
