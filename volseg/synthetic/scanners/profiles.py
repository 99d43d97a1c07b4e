"""Rays of a profiler: a head that turns in one plane while it drives along the street."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from volseg.synthetic.facets import Facets, Floats
from volseg.synthetic.scanners.rays import RANGE_LIMIT, Indices, portions, spans

TURN = 2 * np.pi


@dataclass(frozen=True, eq=False)
class Profiles:
    """One head's rays: it turns in a tilted plane while it drives along x.

    Ray ``p * steps + k`` leaves profile p at ``start + (k + phase[p]) * step`` radians from
    straight down.

    Attributes:
        along: float64 (P,), increasing x of the profiles, metres.
        phase: float64 (P,), start of each profile, from 0 to 1 angular step.
        steps: rays a profile.
        across: float64 (3,), unit vector in the scan plane towards the side.
        up: float64 (3,), unit vector in the scan plane away from the ground.
        place: y and z of the head, metres.
        view: first and last angle, radians, from 0 to one turn.
        reach: metres beyond which nothing returns.
    """

    along: Floats
    phase: Floats
    steps: int
    across: Floats
    up: Floats
    place: tuple[float, float]
    view: tuple[float, float]
    reach: float = RANGE_LIMIT

    def __len__(self) -> int:
        return len(self.along) * self.steps

    @property
    def step(self) -> float:
        """Radians from one ray to the next."""
        return (self.view[1] - self.view[0]) / self.steps

    def origins(self, ray: Indices) -> Floats:
        """Where rays start, (n, 3)."""
        along = self.along[ray // self.steps]
        return np.stack((along, *(np.full(len(ray), value) for value in self.place)), axis=1)

    def directions(self, ray: Indices) -> Floats:
        """Unit directions of rays, (n, 3)."""
        profile, k = np.divmod(ray, self.steps)
        angle = (self.view[0] + (k + self.phase[profile]) * self.step)[:, None]
        return np.asarray(np.sin(angle) * self.across - np.cos(angle) * self.up)

    def pairs(self, facets: Facets) -> Iterator[tuple[Indices, Indices]]:
        """Pairs (facet, ray) of all rays that hit facets, and of few others, some at a time."""
        return self.near(*facets.bounds())

    def near(self, centre: Floats, radius: Floats) -> Iterator[tuple[Indices, Indices]]:
        """Pairs (sphere, ray) of all rays that pass spheres, and of few others, some at a time.

        A scan plane cuts a sphere in a circle, and the circle's tangents bound the rays.
        """
        centre = centre - (0.0, *self.place)
        normal = np.cross(self.across, self.up)
        normal *= np.sign(normal[0])
        ahead = centre @ normal
        first = np.searchsorted(self.along, (ahead - radius) / normal[0])
        last = np.searchsorted(self.along, (ahead + radius) / normal[0])
        sphere, profile = spans(first, last)
        along = self.along[profile]
        cut = np.sqrt(np.maximum(radius[sphere] ** 2 - (ahead[sphere] - along * normal[0]) ** 2, 0))
        across = (centre @ self.across)[sphere] - along * self.across[0]
        up = (centre @ self.up)[sphere] - along * self.up[0]
        away = np.hypot(across, up)
        low, high = self._between(np.arctan2(across, -up) % TURN, away, cut, profile)
        high[away - cut > self.reach] = 0
        for part in portions(np.maximum(high - low, 0)):
            row, k = spans(low[part], high[part])
            yield sphere[part][row], profile[part][row] * self.steps + k

    def _between(
        self, angle: Floats, away: Floats, cut: Floats, profile: Indices
    ) -> tuple[Indices, Indices]:
        """First and past the last step of a profile that a circle at an angle may stop."""
        half = np.where(away > cut, np.arcsin(np.minimum(cut / np.maximum(away, 1e-9), 1)), np.pi)
        # Circles that reach round the blind sector are looked for everywhere.
        start, stop = self.view
        half[(angle - half < stop - TURN) | (angle + half > start + TURN)] = TURN
        place, reach = (angle - start) / self.step - self.phase[profile], half / self.step
        low = np.clip(np.ceil(place - reach), 0, self.steps).astype(np.int64)
        return low, np.clip(np.floor(place + reach) + 1, 0, self.steps).astype(np.int64)


def tilted(yaw: float, tilt: float) -> tuple[Floats, Floats]:
    """Across and up of a scan plane turned by ``yaw`` and leant by ``tilt`` radians."""
    across = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    forward = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    return across, np.array([0.0, 0.0, np.cos(tilt)]) - np.sin(tilt) * forward
