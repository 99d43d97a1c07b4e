"""The lowest point of every column that may be ground, and which of these are pits.

A column's own ground is its lowest layer, unless a few points hang below a thin, dense layer
close above, as noise does; what else lies deep and is rare there is a pit, and opens no ground.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.ground.layers import HEIGHT, Layers, first_of_columns, table_of
from volseg.geometry.ground.low_noise import AROUND, neighbours
from volseg.geometry.ground.planes import Planes, Points

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Int64s = NDArray[np.int64]

FULL = 0.03
"""A column's own ground is the lowest layer up to which it has this share of what is kept of it."""

THIN, STRAY, BELOW = 0.5, 0.1, (2, 10)
"""Two layers are a surface where they hold this share of a column's points; up to this share of
theirs, so many layers below them, are strays."""

ALONE, ALONE_STEEP, ALONE_AROUND = 1.5, 2.0, 2
"""A column is alone where none so many columns around is as high, give or take so many metres,
and so many more for every column between."""

PIT, ALIKE, RARE, MASS = 1.0, 0.75, 0.06, 60
"""So many metres below a trend that follows the terrain closely, columns are pits, and no ground to
open, where fewer than this share of those around lie as deep, give or take so many metres; or
where the terrain has so many times the points."""


def own_grounds(layers: Layers, corner: Int64s, shape: Int64s) -> tuple[Mask, Points]:
    """Columns with points, and the lowest point of each that is no stray, as rasters.

    Returns:
        Which columns have points, bool (X, Y), and x and y off their middles, in columns, and z.
    """
    rows = table_of(layers)
    own = layers[rows[np.arange(len(rows)), _own_layer(layers, rows)]]
    place = tuple((own["cell"] - corner).T)
    seen = np.zeros(shape, dtype=bool)
    seen[place] = True
    points = tuple(np.zeros(shape) for _ in range(3))
    for raster, values in zip(points, (*own["offset"].T, own["low"]), strict=True):
        raster[place] = values
    return seen, (points[0], points[1], points[2])


def _own_layer(layers: Layers, rows: Int64s) -> Int64s:
    """Which layer of a column holds its own ground, int64 (M,)."""
    there = rows >= 0
    counts = np.where(there, layers["count"][rows], 0).astype(np.int64)
    levels = np.where(there, layers["level"][rows], 0).astype(np.int64)
    upto = counts.cumsum(axis=1)
    every = upto[:, -1:]
    surface = counts.copy()
    surface[:, :-1] += np.where(levels[:, 1:] - levels[:, :-1] == 1, counts[:, 1:], 0)
    stray = np.zeros_like(there)
    for above in range(1, rows.shape[1]):
        thin = there[:, above] & (surface[:, above] >= THIN * every[:, 0])
        gap = levels[:, above, None] - levels[:, :above]
        few = upto[:, :above] <= STRAY * surface[:, above, None]
        stray[:, :above] |= thin[:, None] & few & (gap >= BELOW[0]) & (gap <= BELOW[1])
    return np.asarray(((upto >= FULL * every) & there & ~stray).argmax(axis=1))


def alone(seen: Mask, heights: Floats) -> Mask:
    """Columns that no other near them is about as high as, bool (X, Y)."""
    cells = np.argwhere(seen)
    own = heights[seen]
    company = np.zeros(len(cells), dtype=bool)
    for step, other in neighbours(cells, np.arange(len(cells)), ALONE_AROUND):
        if step != (0, 0):
            most = ALONE + ALONE_STEEP * max(map(abs, step))
            company |= (other >= 0) & (np.abs(own[other] - own) <= most)
    lonely = np.zeros_like(seen)
    lonely[seen] = ~company
    return lonely


def pits_of(layers: Layers, seen: Mask, points: Points, close: Planes) -> Mask:
    """Columns far below the terrain around them, with little as deep: noise, or as rare.

    Args:
        layers: of the columns.
        seen: which columns of the raster have points, bool (X, Y).
        points: their own grounds.
        close: the terrain, closely followed.
    """
    depth = (points[2] - close.at(*points[:2]))[seen]
    cells = np.argwhere(seen)
    deep = np.flatnonzero(depth < -PIT)
    near, below = _masses(layers, close[tuple(cells.T)])
    alike, around, surface, mass = np.zeros((4, len(deep)), dtype=np.int64)
    for _, other in neighbours(cells, deep, AROUND):
        there = other >= 0
        around += there
        alike += there & (np.abs(depth[other] - depth[deep]) <= ALIKE)
        surface += np.where(there, near[other], 0)
        mass += np.where(there, below[other], 0)
    few = (alike - 1 < RARE * around) | (mass * MASS < surface)
    pits = np.zeros_like(seen)
    pits[tuple(cells[deep[few]].T)] = True
    return pits


def _masses(layers: Layers, close: Planes) -> tuple[Int64s, Int64s]:
    """Points of every column near the terrain, and of those far below, int64 (M,) each."""
    first = first_of_columns(layers)
    column = np.repeat(np.arange(len(first)), np.diff(np.append(first, len(layers))))
    x, y = layers["offset"].T.astype(np.float64)
    depth = layers["low"] - close[(column,)].at(x, y)
    count = layers["count"].astype(np.float64)
    near = np.bincount(column, np.where(np.abs(depth) <= 2 * HEIGHT, count, 0), len(first))
    below = np.bincount(column, np.where(depth < -PIT, count, 0), len(first))
    return near.astype(np.int64), below.astype(np.int64)
