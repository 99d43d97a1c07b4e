"""Rays of a scanner that turns about the vertical: on a tripod, or with a stack of beams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from volseg.synthetic.facets import Facets, Floats
from volseg.synthetic.scanners.rays import RANGE_LIMIT, Indices, portions, spans

TURN = 2 * np.pi


@dataclass(frozen=True, eq=False)
class Turns:
    """Whole turns at some places: at each of ``steps`` azimuths one ray at every elevation.

    Ray ``(p * steps + k) * E + e`` leaves place p at azimuth ``(k + phase[p]) * step``.

    Attributes:
        places: float64 (P, 3), metres.
        phase: float64 (P,), start of each turn, from 0 to 1 step.
        steps: azimuths a turn.
        elevations: float64 (E,), increasing, radians over the horizon.
        reach: metres beyond which nothing returns.
    """

    places: Floats
    phase: Floats
    steps: int
    elevations: Floats
    reach: float = RANGE_LIMIT

    def __len__(self) -> int:
        return len(self.places) * self.steps * len(self.elevations)

    def origins(self, ray: Indices) -> Floats:
        """Where rays start, (n, 3)."""
        return self.places[ray // (self.steps * len(self.elevations))]

    def directions(self, ray: Indices) -> Floats:
        """Unit directions of rays, (n, 3)."""
        column, beam = np.divmod(ray, len(self.elevations))
        place, k = np.divmod(column, self.steps)
        azimuth = (k + self.phase[place]) * (TURN / self.steps)
        rise = self.elevations[beam]
        flat = np.cos(rise)
        return np.stack((flat * np.cos(azimuth), flat * np.sin(azimuth), np.sin(rise)), axis=1)

    def pairs(self, facets: Facets) -> Iterator[tuple[Indices, Indices]]:
        """Pairs (facet, ray) of all rays that hit facets, and of few others, some at a time."""
        return self.near(*facets.bounds())

    def near(self, centre: Floats, radius: Floats) -> Iterator[tuple[Indices, Indices]]:
        """Pairs (sphere, ray) of all rays that pass spheres, and of few others, some at a time."""
        for number, place in enumerate(self.places):
            yield from self._near(number, centre - place, radius)

    def _near(
        self, number: int, centre: Floats, radius: Floats
    ) -> Iterator[tuple[Indices, Indices]]:
        flat, away = np.hypot(centre[:, 0], centre[:, 1]), np.linalg.norm(centre, axis=1)
        rise, reach = np.arctan2(centre[:, 2], flat), _half_angle(radius, away)
        low = np.searchsorted(self.elevations, rise - reach)
        beams = np.searchsorted(self.elevations, rise + reach, side="right") - low
        step = TURN / self.steps
        azimuth = np.arctan2(centre[:, 1], centre[:, 0]) / step - self.phase[number]
        half = _half_angle(radius, flat) / step
        first = np.ceil(azimuth - half).astype(np.int64)
        columns = np.minimum(np.floor(azimuth + half).astype(np.int64) + 1 - first, self.steps)
        pairs = np.where(away - radius < self.reach, beams * np.maximum(columns, 0), 0)
        sphere = np.flatnonzero(pairs)
        for part in portions(pairs[sphere]):
            some = sphere[part]
            row, k = spans(np.zeros(len(some), dtype=np.int64), pairs[some])
            some = some[row]
            column = (first[some] + k // beams[some]) % self.steps
            beam = low[some] + k % beams[some]
            yield some, (number * self.steps + column) * len(self.elevations) + beam


def _half_angle(radius: Floats, away: Floats) -> Floats:
    """Half of the angle that a ball at a distance fills; a whole turn from within it."""
    sine = np.minimum(radius / np.maximum(away, 1e-9), 1)
    return np.where(away > radius, np.arcsin(sine), np.pi)
