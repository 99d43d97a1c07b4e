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

REMEDY = "make sure that its header is right"


def usual_spacing(spacings: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """The median along each axis."""
    return tuple(np.median(spacings, axis=0).tolist())


def odd_spacing(spacing: Sequence[float], usual: Sequence[float]) -> str:
    """What is odd about a case's spacing in millimetres among those of a dataset, or nothing."""
    ratios = np.divide(spacing, usual)
    if max(ratios.max(), 1 / ratios.min()) > ODD:
        return f"its spacing is {times(spacing)}, most others' {times(usual)}"
    millilitres = math.prod(spacing) / 1000
    if millilitres > LARGEST:
        return (
            f"its spacing is {times(spacing)} mm, so that a voxel has {millilitres:.4g} ml, wanted "
            f"{LARGEST:g} at most: microns may be called millimetres"
        )
    return ""
