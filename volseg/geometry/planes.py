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

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TAILS = 2.5
"""A kernel reaches so many standard deviations."""


@dataclass(frozen=True, eq=False)
class Planes:
    """A plane for every cell of a raster.

    Attributes:
        height: at the middle of the cell, float64 (X, Y); NaN where no point is near.
        slope_x: rise from one cell to the next along x, float64 (X, Y).
        slope_y: along y.
        weight: sum of the weights of the points, float64 (X, Y).
    """

    height: Floats
    slope_x: Floats
    slope_y: Floats
    weight: Floats

    def at(self, x: Floats, y: Floats) -> Floats:
        """Heights off the middles of the cells, by offsets in cells."""
        return self.height + self.slope_x * x + self.slope_y * y

    def take(self, index: tuple[NDArray[np.int64], ...]) -> Planes:
        """The planes of some cells."""
        return Planes(
            self.height[index], self.slope_x[index], self.slope_y[index], self.weight[index]
        )

    def finer(self, factor: int) -> Planes:
        """The same planes for cells that are so many times as small."""
        shape = self.height.shape
        middles = (np.arange(factor) + 0.5) / factor - 0.5
        steps = np.tile(middles, shape[0])[:, None], np.tile(middles, shape[1])[None]
        every = (self.height, self.slope_x, self.slope_y, self.weight)
        grown = Planes(*(one.repeat(factor, axis=0).repeat(factor, axis=1) for one in every))
        return Planes(
            grown.at(*steps), grown.slope_x / factor, grown.slope_y / factor, grown.weight
        )


def fit_planes(
    weights: Floats,
    points: tuple[Floats, Floats, Floats],
    sigma: float,
    *,
    factor: int = 1,
    level: float = 1e-3,
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
        x, y, z = (sums(*one) / weight for one in ((1, 0, 0), (0, 1, 0), (0, 0, 1)))
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


class _Moments:
    """Sums of weight x^i y^j z^k over the points around every cell, x and y from its middle."""

    def __init__(
        self, weights: Floats, points: tuple[Floats, Floats, Floats], factor: int, sigma: float
    ) -> None:
        shape = weights.shape
        middles = (np.arange(factor) + 0.5) / factor - 0.5
        x = points[0] / factor + np.tile(middles, shape[0] // factor)[:, None]
        y = points[1] / factor + np.tile(middles, shape[1] // factor)[None]
        self.factor, self.sigma = factor, sigma
        self.x, self.y, self.z, self.weights = x, y, points[2], weights
        self._own: dict[tuple[int, int, int], Floats] = {}
        self._along: dict[tuple[int, int, int, int], Floats] = {}

    def __call__(self, i: int, j: int, k: int) -> Floats:
        """One of the sums, by its powers: of a point's place, its cell's and its own within it."""
        total = np.zeros(tuple(side // self.factor for side in self.weights.shape))
        for a in range(i + 1):
            for b in range(j + 1):
                ways = math.comb(i, a) * math.comb(j, b)
                row = self._spread_x(i - a, j - b, k, a)
                total += ways * _spread(row, self.sigma, b, axis=1)
        return total

    def _spread_x(self, i: int, j: int, k: int, power: int) -> Floats:
        key = (i, j, k, power)
        if key not in self._along:
            self._along[key] = _spread(self._moment(i, j, k), self.sigma, power, axis=0)
        return self._along[key]

    def _moment(self, i: int, j: int, k: int) -> Floats:
        key = (i, j, k)
        if key not in self._own:
            product = self.weights * self.x**i * self.y**j * self.z**k
            n = self.factor
            x, y = product.shape
            self._own[key] = product.reshape(x // n, n, y // n, n).sum(axis=(1, 3))
        return self._own[key]


def _spread(values: Floats, sigma: float, power: int, *, axis: int) -> Floats:
    """Sums over a kernel along an axis, each value times its distance to a power."""
    from scipy.ndimage import correlate1d

    return np.asarray(correlate1d(values, _kernel(sigma, power), axis=axis, mode="constant"))


@cache
def _kernel(sigma: float, power: int) -> Floats:
    reach = math.ceil(TAILS * sigma)
    steps = np.arange(-reach, reach + 1)
    return np.asarray(np.exp(-0.5 * (steps / sigma) ** 2) * steps**power)
