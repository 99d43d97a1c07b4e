"""Spacings that cannot be meant."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from volseg.geometry.volume import times

ODD = 4.0
"""How many times larger or smaller than most others' a spacing may be without a word."""

LARGEST = 8.0
"""Millilitres of the largest voxel that is taken for one, 2 cm a side."""

SPACINGS = 1e-6, 100.0
"""Millimetres between voxels that an image may have."""

REMEDY = "correct its header if it is wrong; NIfTI counts in mm"


def usual_spacing(spacings: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The median along each axis."""
    return tuple(np.median(spacings, axis=0).tolist())


def is_possible(spacing: Sequence[float]) -> bool:
    """Whether an image can have it, in millimetres."""
    low, high = SPACINGS
    return all(low <= side <= high for side in spacing)


def odd_spacing(spacing: Sequence[float], usual: Sequence[float]) -> str:
    """What is odd about a case's spacing in millimetres among those of a dataset, or nothing."""
    ratios = np.divide(spacing, usual)
    if max(ratios.max(), 1 / ratios.min()) > ODD:
        return f"its spacing is {times(spacing)}, most others' {times(usual)}"
    if not is_possible(spacing):
        low, high = SPACINGS
        return f"its spacing is {times(spacing)} mm, wanted {low:g} to {high:g}"
    millilitres = math.prod(spacing) / 1000
    if millilitres > LARGEST:
        return (
            f"its spacing is {times(spacing)} mm, so that a voxel has {millilitres:.4g} ml, wanted "
            f"{LARGEST:g} at most"
        )
    return ""
