"""First hits of rays on facets, whatever scanner sends the rays."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.facets import DISC, TRIANGLE, Facets, Floats

Indices = NDArray[np.int64]

RANGE_LIMIT = 80.0
"""Metres beyond which nothing returns to a scanner in a street."""
_CHUNK = 400_000


class Rays(Protocol):
    """Numbered rays of one scanner."""

    @property
    def reach(self) -> float | Floats:
        """Metres beyond which nothing returns, for all rays or for each, (R,)."""

    def __len__(self) -> int:
        """How many."""

    def origins(self, ray: Indices) -> Floats:
        """Where rays start, (n, 3)."""

    def directions(self, ray: Indices) -> Floats:
        """Unit directions of rays, (n, 3)."""

    def pairs(self, facets: Facets) -> Iterator[tuple[Indices, Indices]]:
        """Pairs (facet, ray) of all rays that hit facets, and of few others, some at a time."""


def cast(rays: Rays, facets: Facets) -> tuple[Indices, Floats, Indices]:
    """First hits: rays that hit, (n,) increasing; distances, (n,); facets hit, (n,)."""
    nearest = np.full(len(rays), rays.reach, dtype=np.float64)
    winner = np.full(len(rays), -1, dtype=np.int64)
    normal = np.cross(facets.u, facets.v)
    square = np.maximum((normal**2).sum(axis=1, keepdims=True), 1e-30)  # some are mere lines
    to_a, to_b = np.cross(facets.v, normal) / square, np.cross(normal, facets.u) / square
    for facet, ray in rays.pairs(facets):
        direction = rays.directions(ray)
        offset = rays.origins(ray) - facets.anchor[facet]
        with np.errstate(divide="ignore", invalid="ignore"):  # rays along a facet
            distance = -_dot(normal[facet], offset) / _dot(normal[facet], direction)
            offset += distance[:, None] * direction
            a, b = _dot(to_a[facet], offset), _dot(to_b[facet], offset)
            hit = _inside(facets.outline[facet], a, b) & (distance > 0)
        hit &= distance < nearest[ray]
        ray, facet, distance = ray[hit], facet[hit], distance[hit]
        order = np.lexsort((facet, distance, ray))
        first = order[np.flatnonzero(np.diff(ray[order], prepend=-1))]
        nearest[ray[first]] = distance[first]
        winner[ray[first]] = facet[first]
    hits = np.flatnonzero(winner >= 0)
    return hits, nearest[hits], winner[hits]


def spans(start: Indices, stop: Indices) -> tuple[Indices, Indices]:
    """Every index of every ``range(start, stop)``, and the row it belongs to."""
    counts = np.maximum(stop - start, 0)
    row = np.repeat(np.arange(len(counts)), counts)
    index = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts - start, counts)
    return row, index


def portions(counts: Indices) -> Iterator[slice]:
    """Runs of rows that make a bounded number of pairs each, for counts (n,) of pairs a row."""
    total = np.cumsum(counts)
    cuts = np.arange(_CHUNK, total[-1] if len(total) else 0, _CHUNK)
    edges = [0, *np.searchsorted(total, cuts).tolist(), len(total)]
    for low, high in pairwise(edges):
        yield slice(low, high)


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("ij,ij->i", a, b))


def _inside(outline: NDArray[np.int8], a: Floats, b: Floats) -> NDArray[np.bool_]:
    triangle = (a >= 0) & (b >= 0) & (a + b <= 1)
    square = (np.abs(a) <= 1) & (np.abs(b) <= 1)
    disc = a * a + b * b <= 1
    return np.where(outline == TRIANGLE, triangle, np.where(outline == DISC, disc, square))
