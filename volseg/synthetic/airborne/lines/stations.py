"""Places along a polyline, on the ground."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Facets, Floats


def stations(terrain: Terrain, line: Floats, pitch: float) -> Floats:
    """Places on the ground, (n, 3), about ``pitch`` metres apart along a polyline (k, 2)."""
    x, y = along(line, pitch)[:, :2].T
    return np.stack((x, y, terrain.height(x, y)), axis=1)


def along(line: Floats, pitch: float) -> Floats:
    """Places, (n, d), about ``pitch`` metres apart along a polyline (k, d), its ends included."""
    way = np.append(0.0, np.cumsum(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1)))
    at = np.linspace(0, way[-1], max(2, round(way[-1] / pitch) + 1))
    return np.stack([np.interp(at, way, column) for column in line.T], axis=1)


def headings(points: Floats) -> Floats:
    """Direction of a polyline at its points (n, d), (n,) radians."""
    step = np.gradient(points[:, :2], axis=0)
    return np.asarray(np.arctan2(step[:, 1], step[:, 0]))


def sideways(points: Floats, shift: float) -> Floats:
    """A polyline (n, d), moved to its left by so many metres."""
    turn = headings(points)
    moved = points.copy()
    moved[:, :2] += shift * np.stack((-np.sin(turn), np.cos(turn)), axis=1)
    return moved


def put(made: Facets, place: Floats, heading: float) -> Facets:
    """What was made about the origin, at a place (3,), turned to a heading."""
    x, y, z = (float(value) for value in place)
    return made.moved(x, y, z, float(heading))
