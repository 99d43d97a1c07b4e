"""Voxel grids of point clouds, and the way back to every point."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import PointCloud

# Beyond 2**53 a float64 no longer tells neighbouring cells apart.
MAX_CELL = float(2**53)


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
        inverse: int64 (N,), the voxel of every point.
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

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Point indices sorted by voxel, int64 (N,)."""
        return np.argsort(self.inverse, kind="stable")

    def centres(self) -> NDArray[np.float64]:
        """Voxel centres in metres, float64 (M, 3), in the scan's own frame."""
        cells = (self.coords + self.origin).astype(np.float64)
        return (cells + 0.5) * self.size

    def to_points(self, values: NDArray[Any]) -> NDArray[Any]:
        """Values of voxels, (M, ...), delivered to every point, (N, ...)."""
        if len(values) != len(self):
            raise InputError(f"{len(values):,} values for {len(self):,} voxels; wanted one a voxel")
        return values[self.inverse]

    def mean(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """Mean of point values, (N,) or (N, k), in each voxel, float64 (M,) or (M, k).

        Sums are taken in 64-bit integers of a common power of two, so that they are exact to
        the last digit kept and the same for any order of the points.
        """
        wide = np.asarray(values, dtype=np.float64)
        peak = float(np.abs(wide).max(initial=0.0))
        if not np.isfinite(peak):
            raise InputError("cannot average values that are NaN or infinite")
        if peak == 0.0:
            return np.zeros((len(self), *wide.shape[1:]), dtype=np.float64)
        # The largest voxel's sum must stay below 2**62.
        exponent = 61 - int(np.ceil(np.log2(peak))) - int(self.counts.max()).bit_length()
        whole = np.rint(np.ldexp(wide, exponent)).astype(np.int64)
        sums = np.add.reduceat(whole[self.order], self.starts, axis=0)
        counts = self.counts.reshape(-1, *[1] * (wide.ndim - 1))
        return np.asarray(np.ldexp(sums.astype(np.float64), -exponent) / counts, dtype=np.float64)

    def first(self, values: NDArray[Any], xyz: NDArray[np.float64]) -> NDArray[Any]:
        """Values of each voxel's first point in order of x, y, z, (M,) or (M, k).

        Points at one position are ordered by their values, so that the result does not depend
        on the order of the points.
        """
        kept = self.order
        columns = [*xyz.T, *np.atleast_2d(values.T)]
        for column in columns:
            voxel, candidates = self.inverse[kept], column[kept]
            starts = np.flatnonzero(np.diff(voxel, prepend=-1))
            lowest = np.minimum.reduceat(candidates, starts)
            kept = kept[candidates == lowest[voxel]]
        starts = np.flatnonzero(np.diff(self.inverse[kept], prepend=-1))
        return values[kept[starts]]

    def majority(self, labels: NDArray[np.int64]) -> NDArray[np.int64]:
        """Most frequent label, int64 (N,), in each voxel, int64 (M,); ties go to the smallest."""
        names, codes = np.unique(labels, return_inverse=True)
        pairs, votes = np.unique(self.inverse * len(names) + codes, return_counts=True)
        voxel, code = np.divmod(pairs, len(names))
        best = np.lexsort((code, -votes, voxel))
        winners = best[np.flatnonzero(np.diff(voxel[best], prepend=-1))]
        return np.asarray(names[code[winners]], dtype=np.int64)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each voxel's points begin in ``order``, int64 (M,)."""
        return np.concatenate(([0], np.cumsum(self.counts)[:-1]))


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
    if len(cloud) == 0:
        raise InputError("the scan has no points; wanted at least two distinct positions")
    if (cloud.xyz == cloud.xyz[0]).all():
        found = "only one point" if len(cloud) == 1 else f"all {len(cloud):,} points in one place"
        raise InputError(f"the scan has {found}; wanted at least two distinct positions")


def voxelize_metres(metres: NDArray[np.float64], size: float) -> VoxelGrid:
    """`voxelize` for bare coordinates in metres, float64 (N, 3), one point or more."""
    if not (np.isfinite(size) and size > 0):
        raise InputError(f"voxel size is {size:g}, wanted a positive length in metres")
    # Axis by axis: contiguous columns are several times quicker to scan than rows of three.
    with np.errstate(over="ignore"):  # a size this small is refused below
        cells = [np.floor(axis / size) for axis in np.ascontiguousarray(metres.T)]
    lowest = np.array([axis.min() for axis in cells])
    highest = np.array([axis.max() for axis in cells])
    shape = highest - lowest + 1
    if max(-lowest.min(), highest.max()) >= MAX_CELL or np.prod(shape) >= 2.0**63:
        extent = " x ".join(f"{side:,.6g}" for side in np.ptp(metres, axis=0))
        raise InputError(
            f"voxels of {size:g} m over an extent of {extent} m make more cells than a 64-bit "
            "key can name; use larger voxels, or remove stray points far from the scan"
        )
    _, ny, nz = (int(side) for side in shape)
    keys = np.zeros(len(metres), dtype=np.int64)
    for axis, low, side in zip(cells, lowest, (1, ny, nz), strict=True):
        keys *= side
        keys += (axis - low).astype(np.int64)
    unique, inverse, counts = _unique(keys)
    rest, z = np.divmod(unique, nz)
    x, y = np.divmod(rest, ny)
    return VoxelGrid(
        coords=np.stack((x, y, z), axis=1),
        origin=lowest.astype(np.int64),
        size=float(size),
        inverse=inverse,
        counts=counts,
    )


def _unique(
    keys: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Sorted unique keys, the place of every key among them, and how often each occurs."""
    import torch  # its parallel sort is several times faster than numpy's

    unique, inverse, counts = torch.unique(
        torch.from_numpy(keys), sorted=True, return_inverse=True, return_counts=True
    )
    return unique.numpy(), inverse.numpy(), counts.numpy()
