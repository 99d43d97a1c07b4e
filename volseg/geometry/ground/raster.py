"""The ground as a raster, a height a cell, from points on the ground.

Every cell that holds points is a node at their mean; heights at the middles of cells are linear
within Delaunay's triangles between nodes, so that a plane stays that plane whatever the points.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError

BLOCK, MARGIN = 512, 8
"""Cells along a side of the blocks that are triangulated one by one, and around each besides."""

MOST = 2**31
"""Cells a raster has at most."""

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class GroundRaster:
    """Heights of the ground on a raster whose lines are multiples of its cell.

    Attributes:
        height: float32 (Y, X), northern row first; NaN where no ground is near.
        west: x of its western edge.
        north: y of its northern edge.
        cell: edge of a cell.
    """

    height: NDArray[np.float32]
    west: float
    north: float
    cell: float


@dataclass(eq=False)
class RasterBuilder:
    """Gathers points on the ground, in any parts and any order.

    Attributes:
        cell: edge of a cell, in the unit of x and y.
    """

    cell: float
    _blocks: dict[tuple[int, int], Floats] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (np.isfinite(self.cell) and self.cell > 0):
            raise InputError(f"cells of {self.cell:g}; wanted a positive number")

    def add(self, xyz: Floats) -> None:
        """Take points, (N, 3)."""
        cells = np.floor(xyz[:, :2] / self.cell).astype(np.int64)
        offsets = xyz[:, :2] / self.cell - cells
        nodes = np.column_stack((offsets, xyz[:, 2], np.ones(len(xyz))))
        blocks, block = np.unique(cells // BLOCK, axis=0, return_inverse=True)
        order = np.argsort(block.reshape(-1), kind="stable")
        ends = np.bincount(block.reshape(-1), minlength=len(blocks)).cumsum().tolist()
        for corner, first, last in zip(blocks.tolist(), [0, *ends], ends, strict=False):
            rows = order[first:last]
            if (sums := self._blocks.get(tuple(corner))) is None:
                sums = self._blocks[tuple(corner)] = np.zeros((BLOCK * BLOCK, 4))
            at = cells[rows] - np.multiply(corner, BLOCK)
            np.add.at(sums, at[:, 0] * BLOCK + at[:, 1], nodes[rows])

    def raster(self, reach: float) -> GroundRaster:
        """The terrain of all points taken.

        Args:
            reach: triangles whose circumcircle is wider are gaps, in the unit of x and y.

        Raises:
            InputError: if no points were taken, or they lie so far apart that no raster holds them.
        """
        if not self._blocks:
            raise InputError("no points on the ground")
        rim = int(np.ceil(reach / self.cell)) + 1
        cells, nodes = self._nodes()
        low, shape = cells.min(axis=0), np.ptp(cells, axis=0) + 1
        if int(shape[0]) * int(shape[1]) > MOST:
            raise InputError(
                f"{shape[0]:,} x {shape[1]:,} cells of {self.cell:g} are too many; "
                "wanted larger cells, or scans that lie closer together"
            )
        heights = np.full(tuple(shape), np.nan, dtype=np.float32)
        first, last = low // BLOCK, (low + shape - 1) // BLOCK
        for block in np.argwhere(np.ones(last - first + 1)) + first:
            start, stop = (
                np.maximum(block * BLOCK, low),
                np.minimum((block + 1) * BLOCK, low + shape),
            )
            x = slice(*np.searchsorted(cells[:, 0], (start[0] - rim, stop[0] + rim)))
            rows = x.start + np.flatnonzero(
                (cells[x, 1] >= start[1] - rim) & (cells[x, 1] < stop[1] + rim)
            )
            into = tuple(slice(*ends) for ends in zip(start - low, stop - low, strict=True))
            heights[into] = _heights(start, stop, cells[rows], nodes[rows], rim)
        west, north = low[0] * self.cell, (low[1] + shape[1]) * self.cell
        return GroundRaster(
            np.ascontiguousarray(heights.T[::-1]), float(west), float(north), self.cell
        )

    def _nodes(self) -> tuple[Int64s, Floats]:
        """The cells that hold points, int64 (M, 2), sorted, and the mean of these, in cells."""
        found, means = [], []
        for corner, sums in self._blocks.items():
            (rows,) = np.nonzero(sums[:, 3])
            found.append(np.stack(np.divmod(rows, BLOCK), axis=1) + np.multiply(corner, BLOCK))
            means.append(sums[rows, :3] / sums[rows, 3:])
        cells, nodes = np.concatenate(found), np.concatenate(means)
        nodes[:, :2] += cells
        order = np.lexsort(cells.T[::-1])
        return cells[order], nodes[order]


def _heights(start: Int64s, stop: Int64s, cells: Int64s, nodes: Floats, rim: int) -> Floats:
    """Heights of a block of cells, float64 (X, Y), from the nodes in it and a rim around it.

    Triangles whose circumcircle is wider than the rim, less a cell, are gaps: those left are the
    same whatever lies beyond the rim.
    """
    from scipy.ndimage import binary_dilation
    from scipy.spatial import Delaunay, QhullError

    at = tuple((cells - start + rim).T)
    empty = np.ones(stop - start + 2 * rim, dtype=bool)
    empty[at] = False
    heights = np.full(empty.shape, np.nan)
    heights[at] = nodes[:, 2]  # at the edge, outside all triangles
    inner = tuple(slice(rim, side - rim) for side in empty.shape)
    # Away from the block only nodes at gaps are corners of triangles that reach into it.
    used = binary_dilation(empty, np.ones((5, 5), dtype=bool))
    used[tuple(slice(max(rim - MARGIN, 0), side - rim + MARGIN) for side in empty.shape)] = True
    nodes = nodes[used[at]]
    try:
        # Counted from the block, as coordinates of the world leave few digits.
        triangles = Delaunay(nodes[:, :2] - start)
    except (QhullError, ValueError):  # fewer than three nodes, or all on one line
        return heights[inner]
    middles = np.argwhere(np.ones(stop - start, dtype=bool)) + 0.5
    triangle = triangles.find_simplex(middles)
    narrow = _diameters(triangles.points[triangles.simplices]) <= rim - 1
    covered = (triangle >= 0) & narrow[triangle]
    to_shares = triangles.transform[triangle[covered]]
    shares = np.einsum("nij,nj->ni", to_shares[:, :2], middles[covered] - to_shares[:, 2])
    corners = nodes[triangles.simplices[triangle[covered]], 2]
    found = corners[:, 2] + (shares * (corners[:, :2] - corners[:, 2:])).sum(axis=1)
    block = heights[inner]
    block[covered.reshape(block.shape)] = found
    return block


def _diameters(corners: Floats) -> Floats:
    """Diameters of the circumcircles of triangles, (T,), for corners (T, 3, 2)."""
    a, b, c = np.moveaxis(corners - np.roll(corners, 1, axis=1), 1, 0)
    twice_area = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    sides = np.hypot(*a.T) * np.hypot(*b.T) * np.hypot(*c.T)
    return np.asarray(sides / np.maximum(twice_area, 1e-12))
