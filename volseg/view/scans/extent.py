"""Which points of a cloud are its scene, and which lie so far away that they would hide it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SAMPLE = 100_000
# The larger the share of the points, the farther away they must lie to be left out: beyond so many
# times the distance from the middle within which all others are. One bird is far at twice the
# scene's size; of a scanner that stands in a street, a tenth of the points is ten times as far.
FAR = ((0.0005, 2.0), (0.01, 4.0), (0.1, 20.0), (0.25, 100.0))


def inliers(xyz: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points to frame and to draw, bool (N,); those of no finite place are not.

    Distances are the largest of the three axes', from the median; the scale does not matter.

    Args:
        xyz: float64 (N, 3), any number.
    """
    finite = np.isfinite(xyz).all(axis=1)
    sample = xyz[finite][:: 1 + len(xyz) // SAMPLE]
    if len(sample) == 0:
        return np.asarray(finite)
    middle = np.median(sample, axis=0)
    ordered = np.sort(np.abs(sample - middle).max(axis=1))
    within = [
        factor * ordered[len(ordered) - 1 - int(share * len(ordered))] for share, factor in FAR
    ]
    reach = min((one for one in within if one > 0), default=np.inf)
    return np.asarray(finite & (np.abs(xyz - middle) <= reach).all(axis=1))


def say_far(count: int) -> str:
    """How many points are left out, as the end of a title; nothing where none are."""
    return f", {count:,} far point{'s' if count > 1 else ''} left out" if count else ""
