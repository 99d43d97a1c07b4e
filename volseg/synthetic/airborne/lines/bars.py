"""Thin straight bars, any number at once: the members of lattices, and wires."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.facets import Facets, Floats, join, parallelograms
from volseg.synthetic.labels import Skin

SPAN = 8.0
"""Metres of a wire that are one straight bar at most."""


def bars(start: Floats, end: Floats, width: float, skin: Skin) -> Facets:
    """Two crossed strips from each start to its end, (n, 3), ``width`` metres wide."""
    axis = end - start
    steep = np.abs(axis[:, 2]) > np.linalg.norm(axis[:, :2], axis=1)
    other = np.where(steep[:, None], (1.0, 0, 0), (0, 0, 1.0))
    across = np.cross(axis, other)
    across *= width / 2 / np.linalg.norm(across, axis=1, keepdims=True)
    up = np.cross(axis, across)
    up *= width / 2 / np.linalg.norm(up, axis=1, keepdims=True)
    middle = (start + end) / 2
    return join(parallelograms(middle, axis / 2, side, skin) for side in (across, up))


def chain(points: Floats, width: float, skin: Skin) -> Facets:
    """Bars along a polyline, (n, 3)."""
    return bars(points[:-1], points[1:], width, skin)


def hang(start: Floats, end: Floats, sag: float) -> Floats:
    """Points, (n, 3), of a wire that hangs through by ``sag`` metres between two (3,).

    A parabola, as a catenary is whose sag is a small share of its span.
    """
    count = max(4, int(np.ceil(np.linalg.norm(end - start) / SPAN)))
    share = np.linspace(0, 1, count + 1)[:, None]
    points = start + share * (end - start)
    points[:, 2] -= 4 * sag * (share * (1 - share))[:, 0]
    return np.asarray(points)
