"""Planes fitted to the points around every cell of a raster, weighted by their distance.

Local linear regression with a Gaussian kernel, see Loader, "Local Regression and Likelihood"
(1999). A cell's points enter by their moments, so that cells may hold one point or many, and a
raster made coarser is fitted as well as a fine one. Every sum is taken in one order wherever its
cell lies: a part of a raster gets the planes of the whole, bit by bit, as far from its edge as a
kernel reaches.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]
Mask = NDArray[np.bool_]
Points = tuple[Floats, Floats, Floats]
"""The point of every cell of a raster, (X, Y) each: x and y from the cell's middle, in cells, and
z; all finite, whatever they are where there is none."""

TAILS = 2.5
"""A kernel reaches so many standard deviations."""


@dataclass(frozen=True, eq=False)
class Planes:
    """A plane for every cell of a raster.

    Attributes:
        height: height at the middle of the cell, float64 (X, Y); NaN where no point is near.
        slope_x: rise from one cell to the next along x, float64 (X, Y).
        slope_y: rise from one cell to the next along y, float64 (X, Y).
        weight: sum of the weights of the points, float64 (X, Y).
    """

    height: Floats
    slope_x: Floats
    slope_y: Floats
    weight: Floats

    def at(self, x: Floats, y: Floats) -> Floats:
        """Heights off the middles of the cells, by offsets in cells."""
        return self.height + self.slope_x * x + self.slope_y * y

    def finer(self, factor: int) -> Planes:
        """The same planes for cells that are so many times as small."""
        middles = (np.arange(factor) + 0.5) / factor - 0.5
        rise = self.slope_x[:, None, :, None] * middles[:, None, None]
        rise = self.height[:, None, :, None] + rise
        fine = (len(self.height) * factor, -1)
        height = (rise + self.slope_y[:, None, :, None] * middles).reshape(fine)
        others = (self.slope_x / factor, self.slope_y / factor, self.weight)
        return Planes(height, *(values.repeat(factor, 0).repeat(factor, 1) for values in others))

    def where(self, chosen: Mask, others: Planes) -> Planes:
        """These planes in some cells, bool (X, Y), and other planes in the rest."""
        pairs = zip(self._every, others._every, strict=True)
        return Planes(*(np.where(chosen, own, other) for own, other in pairs))

    def __getitem__(self, place: tuple[Any, ...]) -> Planes:
        """The planes of some cells."""
        return Planes(*(values[place] for values in self._every))

    @property
    def _every(self) -> tuple[Floats, Floats, Floats, Floats]:
        return self.height, self.slope_x, self.slope_y, self.weight


def fit_planes(
    weights: Floats, points: Points, sigma: float, *, factor: int = 1, level: float = 1e-3
) -> Planes:
    """Fit planes to weighted points, one a cell.

    Args:
        weights: float64 (X, Y), at least 0; 0 where a cell has no point.
        points: x and y of each from the middle of its cell, in cells, and z, finite; (X, Y) each.
        sigma: standard deviation of the kernel, in cells.
        factor: fit to blocks of so many cells along each axis, which must divide X and Y: the
            same kernel, but one plane a block, at a fraction of the cost.
        level: share of the variance of the kernel added to that of the points: planes of points
            in a row, or in one place, lean towards level.
    """
    sums = _Moments(weights, points, factor, sigma / factor)
    weight = sums(0, 0, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y, z = (sums(*powers) / weight for powers in ((1, 0, 0), (0, 1, 0), (0, 0, 1)))
        least = level * (sigma / factor) ** 2
        xx, yy = sums(2, 0, 0) / weight - x * x + least, sums(0, 2, 0) / weight - y * y + least
        xy = sums(1, 1, 0) / weight - x * y
        xz, yz = sums(1, 0, 1) / weight - x * z, sums(0, 1, 1) / weight - y * z
        size = xx * yy - xy * xy
        slope_x, slope_y = (xz * yy - yz * xy) / size, (yz * xx - xz * xy) / size
        height = z - slope_x * x - slope_y * y
    none = ~(weight > 1e-9)
    height[none], slope_x[none], slope_y[none] = np.nan, 0.0, 0.0
    planes = Planes(height, slope_x, slope_y, weight)
    return planes.finer(factor) if factor > 1 else planes


def fit_planes_at(
    place: tuple[Int64s, ...], weights: Floats, points: Points, sigma: float, *, level: float
) -> Planes:
    """The planes of some cells alone, by their numbers along x and y, arrays (n,) of each.

    Bit by bit those of `fit_planes`, at a fraction of the cost where cells are few: their windows,
    one below the other, make a raster, of which the cells amid windows are kept.
    """
    reach = reach_of(sigma)
    side = 2 * reach + 1
    if len(place[0]) * side**2 > weights.size:
        return fit_planes(weights, points, sigma, level=level)[place]
    every = (np.pad(raster, reach) for raster in (weights, *points))
    windows = (sliding_window_view(raster, (side, side))[place] for raster in every)
    weights, x, y, z = (raster.reshape(-1, side) for raster in windows)
    return fit_planes(weights, (x, y, z), sigma, level=level)[reach::side, reach]


class _Moments:
    """Sums of weight x^i y^j z^k over the points around every cell, x and y from its middle."""

    def __init__(self, weights: Floats, points: Points, factor: int, sigma: float) -> None:
        shape = weights.shape
        middles = (np.arange(factor) + 0.5) / factor - 0.5
        x = points[0] / factor + np.tile(middles, shape[0] // factor)[:, None]
        y = points[1] / factor + np.tile(middles, shape[1] // factor)[None]
        self.sigma = sigma
        along_x, along_y = weights * x, weights * y
        every = {
            (0, 0, 0): weights,
            (1, 0, 0): along_x,
            (0, 1, 0): along_y,
            (0, 0, 1): weights * points[2],
            (2, 0, 0): weights * (x * x),
            (0, 2, 0): weights * (y * y),
            (1, 1, 0): along_x * y,
            (1, 0, 1): along_x * points[2],
            (0, 1, 1): along_y * points[2],
        }
        self._own = {powers: _sum_blocks(raster, factor) for powers, raster in every.items()}
        self._along: dict[tuple[int, int, int, int], Floats] = {}

    def __call__(self, i: int, j: int, k: int) -> Floats:
        """One of the sums, by its powers: of a point's place, its cell's and its own within it."""
        total = np.zeros_like(self._own[0, 0, 0])
        for a in range(i + 1):
            for b in range(j + 1):
                row = _spread(self._spread_x(i - a, j - b, k, a), self.sigma, b, axis=1)
                ways = math.comb(i, a) * math.comb(j, b)
                total += row if ways == 1 else ways * row
        return total

    def _spread_x(self, i: int, j: int, k: int, power: int) -> Floats:
        key = (i, j, k, power)
        if key not in self._along:
            self._along[key] = _spread(self._own[i, j, k], self.sigma, power, axis=0)
        return self._along[key]


def _sum_blocks(values: Floats, factor: int) -> Floats:
    """Sums over blocks of so many cells along each axis."""
    if factor == 1:
        return values
    rows = sum((values[:, step::factor] for step in range(1, factor)), values[:, ::factor])
    return sum((rows[step::factor] for step in range(1, factor)), rows[::factor])


def reach_of(sigma: float) -> int:
    """Cells that a kernel reaches to either side."""
    return math.ceil(TAILS * sigma)


def _spread(values: Floats, sigma: float, power: int, *, axis: int) -> Floats:
    """Sums over a kernel along an axis, each value times its distance to a power."""
    from scipy.ndimage import correlate1d

    return np.asarray(correlate1d(values, _kernel(sigma, power), axis=axis, mode="constant"))


@cache
def _kernel(sigma: float, power: int) -> Floats:
    reach = reach_of(sigma)
    steps = np.arange(-reach, reach + 1)
    return np.asarray(np.exp(-0.5 * (steps / sigma) ** 2) * steps**power)
