"""Rays of one flight strip: pulses sent down from a straight line at one height."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from volseg.synthetic.crowns import Crowns
from volseg.synthetic.facets import DISC, TRIANGLE, Facets, Floats
from volseg.synthetic.scanners.cells import Cells
from volseg.synthetic.scanners.rays import Indices


@dataclass(frozen=True, eq=False)
class Strip:
    """R rays that leave a straight flight line and go down, in any order.

    In the frame of the flight, x along it, a ray passes ``ahead`` metres along and ``aside``
    metres across in each metre that it falls.

    Attributes:
        start: x, y and z of the flight line's first place, metres.
        heading: of the flight, radians from the world's x to its y.
        along: float64 (R,), way of the aircraft from the first place to where rays leave, metres.
        ahead: float64 (R,), within ``wander`` of ``bend(aside)``.
        aside: float64 (R,).
        bend: how far ahead a ray goes by how far aside it goes; to either side of 0 it only grows
            or only falls.
        wander: how far rays depart from ``bend``.
        reach: metres beyond which nothing returns: a number, or float64 (R,).
    """

    start: tuple[float, float, float]
    heading: float
    along: Floats
    ahead: Floats
    aside: Floats
    bend: Callable[[Floats], Floats]
    wander: float = 0.0
    reach: float | Floats = np.inf

    def __len__(self) -> int:
        return len(self.along)

    def origins(self, ray: Indices) -> Floats:
        """Where rays start, (n, 3)."""
        along, (x, y, z) = self.along[ray], self.start
        c, s = np.cos(self.heading), np.sin(self.heading)
        return np.stack((x + c * along, y + s * along, np.full(len(along), z)), axis=1)

    def directions(self, ray: Indices) -> Floats:
        """Unit directions of rays, (n, 3)."""
        ahead, aside = self.ahead[ray], self.aside[ray]
        down = 1 / np.sqrt(1 + ahead * ahead + aside * aside)
        c, s = np.cos(self.heading), np.sin(self.heading)
        x, y = c * ahead - s * aside, s * ahead + c * aside
        return np.stack((x * down, y * down, -down), axis=1)

    def pairs(self, facets: Facets) -> Iterator[tuple[Indices, Indices]]:
        """Pairs (facet, ray) of all rays that pass facets, and of few others, some at a time."""
        u, v = self._turned(facets.u), self._turned(facets.v)
        low, high = -np.abs(u) - np.abs(v), np.abs(u) + np.abs(v)
        triangle, disc = ((facets.outline == kind)[:, None] for kind in (TRIANGLE, DISC))
        low = np.where(triangle, np.minimum(np.minimum(u, v), 0), low)
        high = np.where(triangle, np.maximum(np.maximum(u, v), 0), high)
        round_ = np.hypot(u, v)
        low, high = np.where(disc, -round_, low), np.where(disc, round_, high)
        anchor = self._turned(facets.anchor - self.start)
        yield from self._near(anchor + low, anchor + high)

    def crossings(self, crowns: Crowns) -> Iterator[tuple[Indices, Indices]]:
        """Pairs (crown, ray) of all rays that pass crowns, and of few others, some at a time."""
        c, s = np.cos(self.heading), np.sin(self.heading)
        rx, ry, rz = crowns.radii.T
        half = np.stack((np.hypot(c * rx, s * ry), np.hypot(s * rx, c * ry), rz), axis=1)
        centre = self._turned(crowns.centre - self.start)
        yield from self._near(centre - half, centre + half)

    def _turned(self, xyz: Floats) -> Floats:
        """Vectors (n, 3) in the frame of the flight."""
        c, s = np.cos(self.heading), np.sin(self.heading)
        x, y, z = xyz.T
        return np.stack((c * x + s * y, c * y - s * x, z), axis=1)

    def _near(self, low: Floats, high: Floats) -> Iterator[tuple[Indices, Indices]]:
        """Pairs (box, ray) for boxes (B, 3) in the frame of the flight that lie below it."""
        drop = np.maximum(np.stack((-high[:, 2], -low[:, 2])), 1e-6)
        aside = np.stack((low[:, 1] / drop, high[:, 1] / drop))
        left, right = aside.min(axis=(0, 1)), aside.max(axis=(0, 1))
        ahead = self.bend(np.stack((left, np.clip(0, left, right), right)))
        least, most = ahead.min(axis=0) - self.wander, ahead.max(axis=0) + self.wander
        back = low[:, 0] - (drop * most).max(axis=0)
        front = high[:, 0] - (drop * least).min(axis=0)
        yield from self._cells.inside(np.stack((left, back)), np.stack((right, front)))

    @cached_property
    def _cells(self) -> Cells:
        return Cells.of(np.stack((self.aside, self.along)))
