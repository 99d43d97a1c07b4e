"""A virtual mobile laser scanner: rotating heads, first hits only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from volseg.data.street.patches import DISC, TRIANGLE, Floats, Patches

Indices = NDArray[np.int64]

RANGE_LIMIT = 60.0
"""Metres beyond which nothing returns."""
BLIND = np.radians(30.0)
"""Half-angle about straight down that the carrying vehicle hides."""
_CHUNK = 400_000


@dataclass(frozen=True, eq=False)
class Sweep:
    """One head's rays: it turns in a tilted plane while it drives along x.

    Ray ``p * steps + k`` leaves profile p at ``BLIND + (k + phase[p]) * step`` radians from
    straight down.

    Attributes:
        along: float64 (P,), increasing x of the profiles, metres.
        phase: float64 (P,), start of each profile, from 0 to 1 angular step.
        steps: rays a profile.
        across: float64 (3,), unit vector in the scan plane towards the side.
        up: float64 (3,), unit vector in the scan plane away from the ground.
        side: y of the head, metres.
        height: z of the head, metres.
    """

    along: Floats
    phase: Floats
    steps: int
    across: Floats
    up: Floats
    side: float
    height: float

    @property
    def step(self) -> float:
        """Radians from one ray to the next."""
        return float(2 * (np.pi - BLIND) / self.steps)

    def origins(self, ray: Indices) -> Floats:
        """Where rays start, (n, 3)."""
        along = self.along[ray // self.steps]
        fixed = np.full(len(ray), self.side), np.full(len(ray), self.height)
        return np.stack((along, *fixed), axis=1)

    def directions(self, ray: Indices) -> Floats:
        """Unit directions of rays, (n, 3)."""
        profile, k = np.divmod(ray, self.steps)
        angle = (BLIND + (k + self.phase[profile]) * self.step)[:, None]
        return np.asarray(np.sin(angle) * self.across - np.cos(angle) * self.up)


def sweep(
    along: Floats, phase: Floats, steps: int, yaw: float, tilt: float, side: float, height: float
) -> Sweep:
    """A head whose scan plane is turned by ``yaw`` and leant by ``tilt`` radians."""
    across = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    forward = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    up = np.array([0.0, 0.0, np.cos(tilt)]) - np.sin(tilt) * forward
    return Sweep(along, phase, steps, across, up, side, height)


def cast(rays: Sweep, patches: Patches) -> tuple[Indices, Floats, Indices]:
    """First hits: rays that hit, (n,) increasing; distances, (n,); patches hit, (n,)."""
    count = len(rays.along) * rays.steps
    nearest = np.full(count, RANGE_LIMIT)
    winner = np.full(count, -1, dtype=np.int64)
    normal = np.cross(patches.u, patches.v)
    square = (normal**2).sum(axis=1, keepdims=True)
    to_a, to_b = np.cross(patches.v, normal) / square, np.cross(normal, patches.u) / square
    for patch, ray in _candidates(rays, patches):
        direction = rays.directions(ray)
        offset = rays.origins(ray) - patches.anchor[patch]
        with np.errstate(divide="ignore", invalid="ignore"):  # rays along a patch
            distance = -_dot(normal[patch], offset) / _dot(normal[patch], direction)
            offset += distance[:, None] * direction
            a, b = _dot(to_a[patch], offset), _dot(to_b[patch], offset)
            hit = _inside(patches.outline[patch], a, b) & (distance > 0)
        hit &= distance < nearest[ray]
        ray, patch, distance = ray[hit], patch[hit], distance[hit]
        order = np.lexsort((patch, distance, ray))
        first = order[np.flatnonzero(np.diff(ray[order], prepend=-1))]
        nearest[ray[first]] = distance[first]
        winner[ray[first]] = patch[first]
    hits = np.flatnonzero(winner >= 0)
    return hits, nearest[hits], winner[hits]


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", a, b))


def _inside(outline: NDArray[np.int8], a: Floats, b: Floats) -> NDArray[np.bool_]:
    triangle = (a >= 0) & (b >= 0) & (a + b <= 1)
    square = (np.abs(a) <= 1) & (np.abs(b) <= 1)
    disc = a * a + b * b <= 1
    return np.where(outline == TRIANGLE, triangle, np.where(outline == DISC, disc, square))


def _candidates(rays: Sweep, patches: Patches) -> Iterator[tuple[Indices, Indices]]:
    """Pairs (patch, ray) whose ray passes the sphere around the patch, some at a time.

    A scan plane cuts a sphere in a circle, and the circle's tangents bound the rays.
    """
    centre, radius = patches.bounds()
    centre = centre - (0.0, rays.side, rays.height)
    normal = np.cross(rays.across, rays.up)
    normal *= np.sign(normal[0])
    ahead = np.einsum("pj,j->p", centre, normal)
    start = np.searchsorted(rays.along, (ahead - radius) / normal[0])
    stop = np.searchsorted(rays.along, (ahead + radius) / normal[0])
    patch, profile = _spans(start, stop)
    along = rays.along[profile]
    cut = np.sqrt(np.maximum(radius[patch] ** 2 - (ahead[patch] - along * normal[0]) ** 2, 0))
    across = np.einsum("pj,j->p", centre, rays.across)[patch] - along * rays.across[0]
    up = np.einsum("pj,j->p", centre, rays.up)[patch] - along * rays.up[0]
    away = np.hypot(across, up)
    angle = np.arctan2(across, -up) % (2 * np.pi)
    half = np.where(away > cut, np.arcsin(np.minimum(cut / np.maximum(away, 1e-9), 1)), np.pi)
    # Circles that reach round the blind sector are looked for everywhere.
    half[(angle - half < -BLIND) | (angle + half > 2 * np.pi + BLIND)] = 2 * np.pi
    place, reach = (angle - BLIND) / rays.step - rays.phase[profile], half / rays.step
    first = np.clip(np.ceil(place - reach), 0, rays.steps).astype(np.int64)
    last = np.clip(np.floor(place + reach) + 1, 0, rays.steps).astype(np.int64)
    last[away - cut > RANGE_LIMIT] = 0
    total = np.cumsum(np.maximum(last - first, 0))
    cuts = np.arange(_CHUNK, total[-1] if len(total) else 0, _CHUNK)
    edges = [0, *np.searchsorted(total, cuts).tolist(), len(total)]
    for low, high in pairwise(edges):
        row, k = _spans(first[low:high], last[low:high])
        yield patch[low:high][row], profile[low:high][row] * rays.steps + k


def _spans(start: Indices, stop: Indices) -> tuple[Indices, Indices]:
    """Every index of every ``range(start, stop)``, and the row it belongs to."""
    counts = np.maximum(stop - start, 0)
    row = np.repeat(np.arange(len(counts)), counts)
    index = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts - start, counts)
    return row, index
