"""What people build of the ground itself: roads, tracks, railways, dykes, ditches, canals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Floats
from volseg.synthetic.labels import Material

WIDEST = 60.0
"""Metres from a line at most that its banks reach."""


@dataclass(frozen=True)
class Course:
    """How the ground is shaped along a line.

    Attributes:
        half: metres to either side that are as high as the line.
        cover: what lies there.
        cut: rise a metre of the banks where the ground was higher, 0 to leave it.
        fill: fall a metre of the banks where it was lower, 0 to leave it.
        wet: whether water stands in it.
        camber: fall a metre from the middle to the sides.
    """

    half: float
    cover: Material
    cut: float = 0.6
    fill: float = 0.6
    wet: bool = False
    camber: float = 0.0


def spaced(line: Floats, step: float) -> Floats:
    """A polyline (n, 2) with corners every ``step`` metres or less."""
    away = _along(line)
    count = max(2, int(np.ceil(away[-1] / step)) + 1)
    places = np.linspace(0, away[-1], count)
    return np.stack([np.interp(places, away, axis) for axis in line.T], axis=1)


def graded(terrain: Terrain, line: Floats, smooth: float) -> Floats:
    """Heights (n,) of a line (n, 2) that follows the ground, without bumps below ``smooth`` m."""
    from scipy.ndimage import gaussian_filter1d

    step = max(float(_along(line)[-1]) / (len(line) - 1), 1e-6)
    heights = terrain.height(*line.T)
    return np.asarray(gaussian_filter1d(heights, smooth / step, mode="nearest"))


def shape(terrain: Terrain, line: Floats, levels: Floats, course: Course) -> NDArray[np.bool_]:
    """Shape the ground along a line (n, 2) of heights (n,), in place.

    Returns:
        bool, of the grid's shape: where the line itself lies.
    """
    distance, along = nearness(terrain, line, WIDEST)
    near = np.isfinite(distance)
    level = np.interp(along[near], _along(line), levels)
    away = np.maximum(distance[near] - course.half, 0)
    inside = away == 0
    level = level - course.camber * np.minimum(distance[near], course.half)
    z = terrain.z[near]
    high = level + (course.cut * away if course.cut else np.where(inside, 0, np.inf))
    low = level - (course.fill * away if course.fill else np.where(inside, 0, np.inf))
    terrain.z[near] = np.clip(z, low, high)
    bed = near & (distance <= course.half)
    terrain.cover[bed] = course.cover
    terrain.water[bed] = course.wet
    return np.asarray(bed)


def nearness(terrain: Terrain, line: Floats, reach: float) -> tuple[Floats, Floats]:
    """Distance of the grid's corners to a line, inf beyond ``reach``, and how far along it."""
    best, along = np.full(terrain.z.shape, np.inf), np.zeros(terrain.z.shape)
    shape = np.array(terrain.z.shape)
    starts = _along(line)
    for start, stop, before in zip(line[:-1], line[1:], starts[:-1], strict=True):
        box = np.stack((np.minimum(start, stop) - reach, np.maximum(start, stop) + reach))
        low, high = (box - terrain.origin) / terrain.cell
        i0, j0 = np.clip(np.ceil(low), 0, shape).astype(int)
        i1, j1 = np.clip(np.floor(high) + 1, 0, shape).astype(int)
        if i0 >= i1 or j0 >= j1:
            continue
        x = terrain.origin[0] + terrain.cell * np.arange(i0, i1)[:, None] - start[0]
        y = terrain.origin[1] + terrain.cell * np.arange(j0, j1) - start[1]
        length = max(float(np.hypot(*(stop - start))), 1e-9)
        c, s = (stop - start) / length
        ahead = np.clip(c * x + s * y, 0, length)
        away = np.hypot(x - ahead * c, y - ahead * s)
        window = (slice(i0, i1), slice(j0, j1))
        closer = (away < best[window]) & (away <= reach)
        best[window][closer] = away[closer]
        along[window][closer] = (before + ahead)[closer]
    return best, along


def _along(line: Floats) -> Floats:
    """Metres from the first corner to each, (n,)."""
    steps = np.hypot(*np.diff(line, axis=0).T)
    return np.concatenate(([0.0], np.cumsum(steps)))
