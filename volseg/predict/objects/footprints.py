"""Outlines of objects seen from above."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]

_SIDE = [(4, k) for k in range(5)] + [(k, 4) for k in range(3, -1, -1)]
DIRECTIONS = np.array([*_SIDE, *((-y, x) for x, y in _SIDE[1:]), *((-x, -y) for x, y in _SIDE[1:]),
                       *((y, -x) for x, y in _SIDE[1:-1])])  # fmt: skip
"""The 32 directions, counterclockwise, in which an outline reaches as far as its object."""
FAR = -(1 << 62)


class Footprints:
    """Convex outlines of objects 1 to N, gathered from their points in any pieces and order.

    The corners of an outline are those points of an object that lie farthest in one of 32
    directions: it is the convex hull but for slivers.

    Args:
        count: number of objects, N.
    """

    def __init__(self, count: int) -> None:
        # How far the corner reaches, and the corner, by object and direction.
        self._best = np.full((count, len(DIRECTIONS), 3), FAR, np.int64)

    def add(self, numbers: NDArray[np.integer], places: Int64s) -> None:
        """Take points: the object of each, (n,), 1 to N, 0 of none, and x and y, int64 (n, 2)."""
        inside = np.flatnonzero(numbers > 0)
        order = inside[np.argsort(numbers[inside], kind="stable")]
        if not len(order):
            return
        rows, starts, sizes = np.unique(numbers[order], return_index=True, return_counts=True)
        rows = rows.astype(np.int64) - 1
        xy = places[order]
        for k, direction in enumerate(DIRECTIONS):
            keys = [xy @ direction, xy[:, 0], xy[:, 1]]
            best = np.stack(_largest(keys, starts, sizes), axis=1)
            before = self._best[rows, k]
            # The larger by the first number that differs, as one piece would have had it.
            differ = np.argmax(best != before, axis=1)
            place = np.arange(len(rows))
            further = best[place, differ] > before[place, differ]
            self._best[rows[further], k] = best[further]

    def outline(self, number: int) -> Int64s:
        """The corners of an object's outline, counterclockwise, each once, int64 (k, 2)."""
        corners = self._best[number - 1, :, 1:]
        new = (corners != np.roll(corners, 1, axis=0)).any(axis=1)
        return corners[new] if new.any() else corners[:1]

    def areas(self) -> NDArray[np.float64]:
        """Areas within the outlines, float64 (N,), in squares of the points' unit."""
        corners = self._best[:, :, 1:]
        around = (corners - corners[:, :1]).astype(np.float64)
        after = np.roll(around, -1, axis=1)
        cross = around[..., 0] * after[..., 1] - around[..., 1] * after[..., 0]
        area: NDArray[np.float64] = cross.sum(axis=1) / 2
        return area


def _largest(keys: list[Int64s], starts: Int64s, sizes: Int64s) -> list[Int64s]:
    """Of each span the largest of the first key, of the second among equal ones, and so on."""
    found: list[Int64s] = []
    among = np.ones(len(keys[0]), bool)
    for key in keys:
        best = np.maximum.reduceat(np.where(among, key, FAR), starts)
        among &= key == np.repeat(best, sizes)
        found.append(best)
    return found
