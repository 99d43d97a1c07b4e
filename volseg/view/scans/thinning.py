"""Which points of a large cloud to draw: as many as a screen can show, spread evenly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.voxelgrid import voxelize_metres

# Points beyond these shares on either side of an axis are strays, and say nothing of density.
STRAYS = 0.001
SAMPLE = 100_000
MOST_BINS = 512
# Points a bin should hold, so that an empty bin means that there is nothing.
POINTS_A_BIN = 16


def thin(xyz: NDArray[np.float64], most: int) -> NDArray[np.int64]:
    """Rows of at most ``most`` of the points, ascending, the same at every call.

    One point of every voxel, of a size that makes about so many voxels, and the rest at random:
    dense places lose their surplus first, so that thin ones stay as they are.

    Args:
        xyz: float64 (N, 3).
        most: how many to keep; all where there are no more.
    """
    if len(xyz) <= most:
        return np.arange(len(xyz))
    low, high = _core(xyz)
    size = spacing(xyz) * float(np.sqrt(len(xyz) / most))
    inverse = voxelize_metres(np.clip(xyz, low, high), size).inverse
    first = np.empty(int(inverse.max()) + 1, dtype=np.int64)
    first[inverse[::-1]] = np.arange(len(xyz) - 1, -1, -1)
    random = np.random.default_rng(0)
    if len(first) >= most:
        return np.sort(random.choice(first, most, replace=False, shuffle=False))
    others = np.ones(len(xyz), dtype=bool)
    others[first] = False
    more = random.choice(np.flatnonzero(others), most - len(first), replace=False, shuffle=False)
    return np.sort(np.concatenate([first, more]))


def spacing(xyz: NDArray[np.float64]) -> float:
    """Distance of neighbouring points, were they spread evenly over the ground they cover.

    The ground is the plane of the two longer sides; its bins that hold a point are covered.

    Args:
        xyz: float64 (N, 3), N at least 1.

    Returns:
        A length in the unit of the points; 1 where all are in one place.
    """
    low, high = _core(xyz)
    longer = np.argsort(high - low, kind="stable")[:0:-1]
    sides = (high - low)[longer]
    if sides[0] == 0:
        return 1.0
    bins = int(np.clip(np.sqrt(len(xyz) / POINTS_A_BIN), 1, MOST_BINS))
    edge = sides[0] / bins
    across = max(1, int(np.ceil(sides[1] / edge)))
    place = np.clip((xyz[:, longer] - low[longer]) / edge, 0, [bins - 1, across - 1])
    cells = place.astype(np.int64)
    covered = np.count_nonzero(np.bincount(cells[:, 0] * across + cells[:, 1]))
    if across == 1:  # a line, or points too few to say more
        return float(max(np.sqrt(sides[0] * sides[1] / len(xyz)), sides[0] / len(xyz)))
    return float(edge * np.sqrt(covered / len(xyz)))


def _core(xyz: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both corners of the box that holds all but a few strays, each (3,)."""
    sample = xyz[:: 1 + len(xyz) // SAMPLE]
    low, high = np.quantile(sample, (STRAYS, 1 - STRAYS), axis=0)
    return low, high
