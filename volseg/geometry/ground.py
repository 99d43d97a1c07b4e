"""The ground under a scan: a progressive morphological filter over columns of points.

After Zhang, Chen, Whitman, Shyu, Yan & Zhang, "A progressive morphological filter for removing
nonground measurements from airborne LIDAR data" (IEEE TGRS 41, 2003). An opening of the lowest
points takes away what is narrower than its window and keeps slopes. Windows grow, and each lowers
only what it would lower by more than terrain rises over the window's growth: houses go, hills stay.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.voxelgrid import VoxelGrid, voxelize_metres

Floats = NDArray[np.float64]

CELL = 2.0
"""Edge of a column in metres."""

WINDOWS = (1, 4, 12)
"""Half widths of the openings in columns: what is 50 m wide still stands out from the ground."""

SLOPE, STEP = 0.15, 0.3
"""A window lowers what rises over it by more than this slope, and this many metres besides."""

NEAR, LEVEL = 2, 2.0
"""A lowest point is stray unless another within so many columns lies as high, within metres."""

_RANGE = NEAR + 2 * sum(WINDOWS)
REACH = (_RANGE + 1) * CELL
"""The ground under a point depends on points within this many metres along x and y alone."""

_RASTER = 1 << 20


def ground_under(metres: Floats) -> Floats:
    """Height of the ground under every point, float64 (N,), for points float64 (N, 3) in metres.

    It is not above the lowest point of a column, except where that is stray, far below all around.
    Columns lie on one lattice for all scans, and the order of the points does not matter.
    """
    columns, lowest = _columns(metres)
    return ground_of(columns.coords[:, :2], lowest)[columns.inverse]


def lowest_points(metres: Floats) -> tuple[NDArray[np.int64], Floats]:
    """The columns that hold points (N, 3): global cells, int64 (M, 2), and the lowest in each."""
    columns, lowest = _columns(metres)
    return columns.coords[:, :2] + columns.origin[:2], lowest


def _columns(metres: Floats) -> tuple[VoxelGrid, Floats]:
    flat = metres.copy()
    flat[:, 2] = 0.0
    columns = voxelize_metres(flat, CELL)
    lowest = np.full(len(columns), np.inf)
    np.minimum.at(lowest, columns.inverse, metres[:, 2])
    return columns, lowest


def ground_of(cells: NDArray[np.int64], lowest: Floats) -> Floats:
    """The ground of columns, int64 (M, 2), from their lowest points: halved until a raster fits."""
    first = cells.min(axis=0)
    sides = cells.max(axis=0) - first + 1
    if sides[0] * sides[1] <= _RASTER:
        raster = np.full(sides, np.inf)
        x, y = (cells - first).T
        raster[x, y] = lowest
        return np.asarray(_open(raster)[x, y])
    axis = int(sides.argmax())
    along = cells[:, axis] - first[axis] - sides[axis] // 2
    ground = np.empty_like(lowest)
    for half, around in ((along < 0, along < _RANGE), (along >= 0, along >= -_RANGE)):
        if half.any():
            ground[half] = ground_of(cells[around], lowest[around])[half[around]]
    return ground


def _open(lowest: Floats) -> Floats:
    """The ground of a raster of lowest points, infinite where a column is empty."""
    from scipy.ndimage import maximum_filter, minimum_filter

    seen = np.isfinite(lowest)
    ground = np.where(_has_company(lowest), lowest, np.inf)
    before = 0
    for half in WINDOWS:
        side = 2 * half + 1
        eroded = minimum_filter(ground, side, mode="constant", cval=np.inf)
        eroded[~(seen & np.isfinite(eroded))] = -np.inf
        opened = maximum_filter(eroded, side, mode="constant", cval=-np.inf)
        rise = SLOPE * CELL * (half - before) + STEP
        ground = np.where((ground > opened + rise) & np.isfinite(opened), opened, ground)
        before = half
    return np.where(np.isfinite(ground), ground, lowest)


def _has_company(lowest: Floats) -> NDArray[np.bool_]:
    """Where another column nearby has its lowest point at about the same height."""
    padded = np.pad(lowest, NEAR, constant_values=np.inf)
    company = np.zeros(lowest.shape, dtype=bool)
    width, depth = lowest.shape
    steps = range(2 * NEAR + 1)
    for x, y in ((x, y) for x in steps for y in steps if (x, y) != (NEAR, NEAR)):
        other = padded[x : x + width, y : y + depth]
        company |= (other >= lowest - LEVEL) & (other <= lowest + LEVEL)
    return company
