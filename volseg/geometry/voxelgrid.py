"""Voxel grids of point clouds, and the way back to every point."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.blocks import blocks, side_by_side
from volseg.geometry.points import PointCloud
from volseg.geometry.unique import KEY_BITS, unique

# Beyond 2**53 a float64 no longer tells neighbouring cells apart.
MAX_CELL = float(2**53)
# Points whose coordinates are compared at once.
ABREAST = 128


@dataclass(frozen=True, eq=False)
class VoxelGrid:
    """The occupied voxels of a scan, sorted by x, then y, then z.

    A point at ``p`` metres lies in global cell ``floor(p / size)``, whatever else is in the
    scan: adjoining tiles share one lattice. ``coords`` count from ``origin``, the lowest
    occupied global cell.

    Attributes:
        coords: int64 (M, 3), at least 0, unique.
        origin: int64 (3,), global cell of ``coords == 0``.
        size: edge of a voxel in metres.
        inverse: int64 (N,), the voxel of every point; -1 of points without a place.
        counts: int64 (M,), points in each voxel, at least 1.
    """

    coords: NDArray[np.int64]
    origin: NDArray[np.int64]
    size: float
    inverse: NDArray[np.int64]
    counts: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.coords)

    @property
    def shape(self) -> tuple[int, int, int]:
        """Cells of the box around the occupied voxels."""
        x, y, z = (self.coords.max(axis=0) + 1).tolist()
        return x, y, z

    def centres(self) -> NDArray[np.float64]:
        """Voxel centres in metres, float64 (M, 3), in the scan's own frame."""
        cells = (self.coords + self.origin).astype(np.float64)
        return (cells + 0.5) * self.size

    def to_points(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of voxels, (M, ...), delivered to every point, (N, ...); 0 to those without."""
        if len(values) != len(self):
            raise InputError(f"{len(values):,} values for {len(self):,} voxels; wanted one a voxel")
        delivered = values[self.inverse]
        if len(self.inverse) > self.counts.sum():
            delivered[self.inverse < 0] = 0
        return delivered

    def among(self, placed: NDArray[np.bool_]) -> VoxelGrid:
        """The grid of all points, of which it is that of those with a place, bool (N,)."""
        inverse = np.full(len(placed), -1)
        inverse[placed] = self.inverse
        return replace(self, inverse=inverse)

    def mean(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Mean of point values, (N,) or (N, k), in each voxel, float64 (M,) or (M, k).

        Sums are taken in 64-bit integers of a common power of two, so that they are exact to
        the last digit kept and the same for any order of the points.
        """
        peak = max(float(values.max()), -float(values.min()))
        if not np.isfinite(peak):
            raise InputError("cannot average values that are NaN or infinite")
        if peak == 0.0:
            return np.zeros((len(self), *values.shape[1:]), dtype=np.float64)
        # The largest voxel's sum must stay below 2**62.
        exponent = 61 - int(np.ceil(np.log2(peak))) - int(self.counts.max()).bit_length()
        columns = values.reshape(len(values), -1).T
        sums = np.zeros((len(columns), len(self)), dtype=np.int64)
        for rows in blocks(len(values)):
            whole = np.array(columns[:, rows], dtype=np.float64, order="C")
            np.rint(np.ldexp(whole, exponent, out=whole), out=whole)
            for total, part in zip(sums, whole.astype(np.int64), strict=True):
                np.add.at(total, self.inverse[rows], part)
        means = np.ldexp(sums.astype(np.float64), -exponent) / self.counts
        return np.ascontiguousarray(means.T).reshape(len(self), *values.shape[1:])

    def first(self, values: NDArray[Any], xyz: NDArray[np.float64]) -> NDArray[Any]:
        """Values of each voxel's first point in order of x, y, z, (M,) or (M, k).

        Points at one position are ordered by their values, so that the result does not depend
        on the order of the points.
        """
        kept, voxel = np.arange(len(values)), self.inverse
        for column in (*xyz.T, *np.atleast_2d(values.T)):
            candidates = column[kept]
            lowest = np.full(len(self), candidates.max())
            np.minimum.at(lowest, voxel, candidates)
            still = candidates == lowest[voxel]
            kept, voxel = kept[still], voxel[still]
        result = np.empty((len(self), *values.shape[1:]), dtype=values.dtype)
        result[voxel] = values[kept]
        return result

    def majority(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Most frequent label, int64 (N,), in each voxel, int64 (M,); ties go to the smallest."""
        low = int(labels.min())
        bits = (int(labels.max()) - low).bit_length()
        pair_bits = len(self).bit_length() + bits
        if pair_bits > KEY_BITS:
            names, codes = np.unique(labels, return_inverse=True)
            return np.asarray(names[self.majority(codes)], dtype=np.int64)

        def pairs_of(rows: slice) -> NDArray[np.int64]:
            return (self.inverse[rows] << bits) | (labels[rows] - low)

        pairs, _, votes = unique(pairs_of, len(labels), pair_bits)
        voxel = pairs >> bits
        most = np.zeros(len(self), dtype=np.int64)
        np.maximum.at(most, voxel, votes)
        best = np.flatnonzero(votes == most[voxel])
        winners = best[np.flatnonzero(np.diff(voxel[best], prepend=-1))]
        return np.asarray((pairs[winners] & (2**bits - 1)) + low, dtype=np.int64)


def voxelize(cloud: PointCloud, size: float) -> VoxelGrid:
    """Sort a scan into cubic voxels of ``size`` metres.

    The grid is the same for any order of the points, and a point's cell depends on its own
    coordinates alone.

    Raises:
        InputError: if the scan has fewer than two distinct positions, the size is not a
            positive number, or the grid has more cells than a 64-bit key can name.
    """
    require_extent(cloud)
    return voxelize_metres(cloud.metres(), size)


def require_extent(cloud: PointCloud) -> None:
    """Raise `InputError` where a scan has fewer than two distinct positions."""
    if not cloud.placed.any():
        found = f"{len(cloud):,} points, none with coordinates" if len(cloud) else "no points"
        raise InputError(f"the scan has {found}; wanted at least two distinct positions")
    xyz = cloud.only_placed().xyz
    if (xyz[-1] == xyz[0]).all() and all((xyz[rows] == xyz[0]).all() for rows in blocks(len(xyz))):
        found = "only one point" if len(cloud) == 1 else f"all {len(cloud):,} points in one place"
        raise InputError(f"the scan has {found}; wanted at least two distinct positions")


def voxelize_metres(metres: NDArray[np.float64], size: float) -> VoxelGrid:
    """`voxelize` for bare coordinates in metres, float64 (N, 3), one point or more.

    Besides the coordinates it holds at most 32 bytes a point, 56 a voxel, and 30 megabytes a
    thread.
    """
    if not (np.isfinite(size) and size > 0):
        raise InputError(f"voxel size is {size:g}, wanted a positive length in metres")
    lowest, (nx, ny, nz) = _lattice(metres, size)

    def keys_of(rows: slice) -> NDArray[np.int64]:
        cells = _cells(metres[rows], size)
        cells -= lowest[:, None]
        keys: NDArray[np.int64]
        keys, y, z = cells.astype(np.int64)
        keys *= ny
        keys += y
        keys *= nz
        keys += z
        return keys

    keys, inverse, counts = unique(keys_of, len(metres), (nx * ny * nz - 1).bit_length())
    coords = np.empty((len(keys), 3), dtype=np.int64)

    def name(rows: slice) -> None:
        columns = keys[rows] // nz
        np.subtract(keys[rows], columns * nz, out=coords[rows, 2])
        coords[rows, 0] = columns // ny
        np.subtract(columns, coords[rows, 0] * ny, out=coords[rows, 1])

    side_by_side(name, blocks(len(keys)))
    return VoxelGrid(
        coords=coords,
        origin=lowest.astype(np.int64),
        size=float(size),
        inverse=inverse,
        counts=counts,
    )


def _cells(metres: NDArray[np.float64], size: float) -> NDArray[np.float64]:
    """Global cells of points (N, 3), whole float64 (3, N): columns are quicker than rows."""
    with np.errstate(over="ignore"):  # a size this small is refused
        cells = np.divide(metres.T, size, order="C")
    return np.floor(cells, out=cells)


def _lattice(metres: NDArray[np.float64], size: float) -> tuple[NDArray[np.float64], list[int]]:
    """The lowest global cell, whole float64 (3,), and the sides of the box around all.

    Raises:
        InputError: if there are more cells than a 64-bit key can name.
    """

    def extremes(block: slice) -> NDArray[np.float64]:
        points = metres[block]
        wide = points.reshape(-1, 3 * ABREAST if len(points) % ABREAST == 0 else 3)
        return np.stack((wide.min(axis=0), wide.max(axis=0))).reshape(-1, 3)

    even = (len(metres) - 1) // ABREAST * ABREAST  # at least a point is left
    ends = np.concatenate(side_by_side(extremes, [*blocks(even), slice(even, None)]))
    # Division and floor keep order, so that extreme points lie in extreme cells.
    lowest, highest = _cells(np.stack((ends.min(axis=0), ends.max(axis=0))), size).T
    if max(-lowest.min(), highest.max()) < MAX_CELL:
        sides = [int(side) for side in highest - lowest + 1]
        if math.prod(sides) < 2**KEY_BITS:
            return lowest, sides
    extent = " x ".join(f"{side:,.6g}" for side in np.ptp(metres, axis=0))
    raise InputError(
        f"voxels of {size:g} m over an extent of {extent} m make more cells than a 64-bit "
        "key can name; use larger voxels, or remove stray points far from the scan"
    )
