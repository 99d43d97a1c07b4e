"""The ground under a scan, and the noise below it, from the lowest layers of its columns.

Columns that are surely ground come first: what openings over growing windows leave as it is, after
Pingel, Clarke & McBride, "An improved simple morphological filter for the terrain classification
of airborne LIDAR data" (ISPRS Journal 77, 2013), taken level, which keeps what stands above a
cliff, and over the trend of the terrain, which keeps slopes up to the edge of a scan. The ground
then grows along its own slope, as in Axelsson, "DEM generation from laser scanner data using
adaptive TIN models" (IAPRS 33, 2000): hilltops that openings cut off come back, houses do not.

What lies below the ground and is rare there is noise, see `volseg.geometry.ground.low_noise`. It is
left out, and the ground found anew, until none is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.blocks import side_by_side
from volseg.geometry.ground.layers import CELL, HEIGHT, Layers, first_of_columns, keys_of
from volseg.geometry.ground.low_noise import clear, find_low
from volseg.geometry.ground.lowest import alone, own_grounds, pits_of
from volseg.geometry.ground.planes import Planes, Points, fit_planes, fit_planes_at, reach_of

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Int64s = NDArray[np.int64]

BLOCK, MARGIN, COARSEST = 256, 64, 4
"""Columns along a side of the blocks of the lattice that are worked on one by one, of the rim that
each sees besides, and of the coarser cells that wide kernels use: all multiples of that."""

REACH = (BLOCK + MARGIN) * CELL
"""The ground under a point depends on points within this many metres along x and y alone."""

WINDOWS = (1, 2, 4, 8, 12)
"""Half widths of the openings in columns: what is 50 m wide still stands out from the ground."""

STEP, LEVEL_SLOPE, TREND_SLOPE = 0.3, 0.3, 0.15
"""An opening lowers what rises over it by more metres than this, and than this slope besides."""

TRENDS = ((12.0, 4, 4, 1.0), (6.0, 2, 3, 0.5))
"""The terrain, ever finer: deviation of the kernel in columns, size of cells it is fitted on, times
it is fitted, and metres above it from which columns count less and less."""

DOUBTED = 1e-6
"""Weight of columns that stand alone where a trend is begun."""

CLOSE = (2.0, 1, 3, 0.5)
"""The same for a trend that follows the terrain closely, below which pits are looked for."""

GROWTH, GROWN, RISE, FALL = 1.2, 8, 0.5, 1.0
"""The ground grows by planes of this deviation, so many times, to columns not further above them,
or below, in metres."""

SURFACE = ((1.5, 1), (4.0, 2), (12.0, 4))
"""The ground between columns: deviations of the planes in columns and the cells they are fitted
on; wider ones where the narrow find none."""

PASSES = 4

NEAR, STEEPER = 0.4, 1.0
"""Points are ground up to so many metres off it, and so many more where it rises by 45 degrees."""


@dataclass(frozen=True, eq=False)
class Ground:
    """The ground of a scan, a plane a column, and what is noise.

    Attributes:
        cells: the columns, int64 (M, 2), sorted.
        planes: height in metres at the middle of each, and its rise a column along x and y,
            float64 (M, 3).
        floor: the lowest layer of each that is no noise, int64 (M,).
    """

    cells: Int64s
    planes: Floats
    floor: Int64s

    def under(self, metres: Floats) -> Floats:
        """Height of the ground under points of the scan, float64 (N,), for points (N, 3)."""
        return self._under(metres, self._column_of(metres))

    def holds(self, metres: Floats) -> Mask:
        """Which points of the scan, (N, 3), lie on the ground, bool (N,): near it, up or down."""
        column = self._column_of(metres)
        steep = np.hypot(*self.planes[column, 1:].T) / CELL
        off = np.abs(metres[:, 2] - self._under(metres, column))
        return np.asarray(off <= NEAR + STEEPER * steep)

    def is_noise(self, metres: Floats) -> Mask:
        """Which points of the scan, (N, 3), are noise below the ground, bool (N,)."""
        levels = np.floor(metres[:, 2] / HEIGHT)
        return np.asarray(levels < self.floor[self._column_of(metres)])

    def _under(self, metres: Floats, column: Int64s) -> Floats:
        offsets = metres[:, :2] / CELL - self.cells[column] - 0.5
        height, rise = self.planes[column, 0], self.planes[column, 1:]
        return np.asarray(height + (rise * offsets).sum(axis=1))

    def _column_of(self, metres: Floats) -> Int64s:
        cells = np.floor(metres[:, :2] / CELL).astype(np.int64)
        return np.searchsorted(self._keys, keys_of(cells))

    @cached_property
    def _keys(self) -> Int64s:
        return keys_of(self.cells)


def ground_of(layers: Layers) -> Ground:
    """The ground of a scan from its lowest layers; the same for any order of its points."""
    first = first_of_columns(layers)
    cells = layers["cell"][first].astype(np.int64)
    planes, floor = np.empty((len(first), 3)), np.empty(len(first), dtype=np.int64)
    ends = np.append(first, len(layers))

    def work(block: tuple[Int64s, Int64s]) -> None:
        own, seen = block
        around = layers[_rows(ends[seen], ends[seen + 1])]
        mine = np.searchsorted(seen, own)
        heights, floors = _work(around)
        planes[own], floor[own] = heights[mine], floors[mine]

    side_by_side(work, list(_blocks(cells)))
    return Ground(cells, planes, floor)


def _cells_of(layers: Layers) -> Int64s:
    return np.asarray(layers["cell"][first_of_columns(layers)], dtype=np.int64)


def _blocks(cells: Int64s) -> Iterator[tuple[Int64s, Int64s]]:
    """Of every block of the lattice: the columns in it, and those in it and around it, sorted."""
    blocks, block = np.unique(cells // BLOCK, axis=0, return_inverse=True)
    order = np.argsort(block.reshape(-1), kind="stable")
    counts = np.bincount(block.reshape(-1), minlength=len(blocks))
    x, y = cells.T
    for place, stop_own, count in zip(blocks * BLOCK, counts.cumsum(), counts, strict=True):
        low, high = place - MARGIN, place + BLOCK + MARGIN
        start, stop = np.searchsorted(x, (low[0], high[0]))
        rows = y[start:stop]
        own = order[stop_own - count : stop_own]
        yield own, start + np.flatnonzero((rows >= low[1]) & (rows < high[1]))


def _rows(starts: Int64s, stops: Int64s) -> Int64s:
    """The numbers in several ranges, one range after the other."""
    sizes = stops - starts
    ends = sizes.cumsum()
    return np.asarray(np.arange(sizes.sum()) + np.repeat(starts - ends + sizes, sizes))


def _work(layers: Layers) -> tuple[Floats, Int64s]:
    """Planes, float64 (M, 3), and floors, int64 (M,), of columns that fit a raster."""
    cells = _cells_of(layers)
    kept = np.ones(len(layers), dtype=bool)
    corner = cells.min(axis=0) // COARSEST * COARSEST
    shape = (cells.max(axis=0) - corner) // COARSEST * COARSEST + COARSEST
    place = tuple((cells - corner).T)
    for number in range(PASSES):
        at = _surface(layers[kept], corner, shape)[place]
        if number == PASSES - 1:
            break
        low = find_low(layers, kept, at)
        if not low.any():
            break
        kept &= ~low
    return np.stack((at.height, at.slope_x, at.slope_y), axis=1), clear(layers, kept)


def _surface(layers: Layers, corner: Int64s, shape: Int64s) -> Planes:
    """The ground of every column of a raster, from the layers that are no noise."""
    seen, points = own_grounds(layers, corner, shape)
    trend = _follow(seen, points, TRENDS)
    close = _follow(seen, points, (CLOSE,), trend)
    usable = seen & ~pits_of(layers, seen, points, close)
    ground = _open(usable, points, trend)
    _grow(ground, seen, points)
    surface = trend
    for sigma, factor in reversed(SURFACE):
        planes = fit_planes(ground.astype(float), points, sigma, factor=factor, level=0.02)
        surface = planes.where(planes.weight > 0.3, surface)
    return surface


def _follow(
    seen: Mask,
    points: Points,
    scales: tuple[tuple[float, int, int, float], ...],
    trend: Planes | None = None,
) -> Planes:
    """The terrain as far as planes of some scales follow it; what stands above counts little."""
    for sigma, factor, times, high in scales:
        for _ in range(times):
            weights = seen.astype(float)
            if trend is None:  # not drawn down by what lies tens of metres deep, here and there
                weights[alone(seen, points[2])] = DOUBTED
            else:
                rise = points[2] - trend.at(*points[:2])
                weights /= 1.0 + np.where(rise > 0, rise / high, rise / (2 * high)) ** 4
            planes = fit_planes(weights, points, sigma, factor=factor)
            trend = planes if trend is None else _blend(planes, trend)
    assert trend is not None
    return trend


def _blend(planes: Planes, wider: Planes) -> Planes:
    """Planes, but the wider ones where hardly a point is near."""
    share = np.where(np.isnan(planes.height), 0.0, planes.weight / (planes.weight + 0.05))
    height = share * np.nan_to_num(planes.height) + (1 - share) * wider.height
    slope_x = share * planes.slope_x + (1 - share) * wider.slope_x
    slope_y = share * planes.slope_y + (1 - share) * wider.slope_y
    return Planes(height, slope_x, slope_y, planes.weight)


def _grow(ground: Mask, seen: Mask, points: Points) -> None:
    """Let the ground, bool (X, Y), grow in place along its slope to the columns beside it."""
    from scipy.ndimage import maximum_filter

    joined = ground
    for _ in range(GROWN):
        # Elsewhere the planes are what they were.
        near = maximum_filter(joined, 2 * reach_of(GROWTH) + 1, mode="constant")
        place = np.nonzero(near & seen & ~ground)
        planes = fit_planes_at(place, ground.astype(float), points, GROWTH, level=0.02)
        x, y, z = (one[place] for one in points)
        rise = z - planes.at(x, y)
        most = RISE + 0.1 * np.hypot(planes.slope_x, planes.slope_y)
        joined = np.zeros_like(ground)
        joined[place] = (planes.weight > 0.5) & (rise <= most) & (rise >= -FALL)
        ground |= joined


def _open(seen: Mask, points: Points, trend: Planes) -> Mask:
    """Columns that stand out neither from the level ground nor from the trend of the terrain."""
    height = np.where(seen, points[2], np.inf)
    base = trend.at(*points[:2])
    level = _lowered(height, seen, LEVEL_SLOPE)
    along = _lowered(height - base, seen, TREND_SLOPE) + base
    return seen & (height <= np.maximum(level, along) + 1e-6)


def _lowered(height: Floats, seen: Mask, slope: float) -> Floats:
    """Heights after openings over growing windows, each of which lowers what rises far over it."""
    from scipy.ndimage import maximum_filter, minimum_filter

    before = 0
    for half in WINDOWS:
        side = 2 * half + 1
        eroded = minimum_filter(height, side, mode="constant", cval=np.inf)
        eroded[~(seen & np.isfinite(eroded))] = -np.inf
        opened = maximum_filter(eroded, side, mode="constant", cval=-np.inf)
        most = slope * CELL * (half - before) + STEP
        height = np.where((height > opened + most) & np.isfinite(opened), opened, height)
        before = half
    return height
