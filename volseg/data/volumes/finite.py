"""Voxels that are no numbers: NaN, as around a masked brain, or infinite."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError


def make_finite(channel: NDArray[np.float32]) -> tuple[int, float]:
    """Set voxels that are NaN or infinite to 0, or to the least number where that is below 0.

    Args:
        channel: float32 (X, Y, Z); changed in place.

    Returns:
        How many voxels were set, and to what.

    Raises:
        InputError: if no voxel is a number.
    """
    known = np.isfinite(channel)
    bad = channel.size - int(known.sum())
    if bad == channel.size:
        raise InputError("every voxel is NaN or infinite; export the image again")
    value = min(0.0, float(channel.min(where=known, initial=0.0))) if bad else 0.0
    channel[~known] = value
    return bad, value
