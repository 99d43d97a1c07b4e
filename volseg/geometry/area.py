"""Areas on the ground: polygons, and which points lie in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ring = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Polygons:
    """Polygons in the unit and system of a scan's x and y.

    Attributes:
        rings: of each polygon its rings of (x, y): the outer one, then its holes.

    Example:
        >>> square = Polygons((((((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))),),))
        >>> square.holds(np.array([[1.0, 1.0], [5.0, 1.0]]))
        array([ True, False])
    """

    rings: tuple[tuple[Ring, ...], ...]

    def holds(self, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which points, float64 (N, 2), lie in a polygon and in no hole of it, bool (N,)."""
        inside = np.zeros(len(xy), dtype=np.bool_)
        for outer, *holes in self.rings:
            low, high = np.min(outer, axis=0), np.max(outer, axis=0)
            near = np.flatnonzero(((xy >= low) & (xy <= high)).all(axis=1) & ~inside)
            held = _within(outer, xy[near])
            for hole in holes:
                held &= ~_within(hole, xy[near])
            inside[near[held]] = True
        return inside


def _within(ring: Ring, xy: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points a ring goes round, bool (N,): a ray from them crosses it an odd time."""
    corners = np.asarray(ring)
    # Near the points, so that coordinates of a country keep their digits in the products.
    origin = corners.min(axis=0)
    corners, (x, y) = corners - origin, (xy - origin).T
    odd = np.zeros(len(xy), dtype=np.bool_)
    for (x0, y0), (x1, y1) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        if y0 != y1:
            crosses = (y0 > y) != (y1 > y)
            odd ^= crosses & (x < (x1 - x0) * (y - y0) / (y1 - y0) + x0)
    return odd
