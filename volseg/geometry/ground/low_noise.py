"""Noise below the ground: what lies under it, and is rare there.

Scanners see a few points below the ground, scattered or in clusters: echoes by way of a mirror, or
late ones. They share their columns with a ground of far more points, or lie in few columns among
many; whereas lower ground, seldom seen as it may be in a forest, fills as many columns as are seen.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.ground.layers import HEIGHT, Layers, first_of_columns, table_of
from volseg.geometry.ground.planes import Planes

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Int64s = NDArray[np.int64]

AROUND = 8
"""Half width in columns of the window in which noise is compared with the ground."""

DEEP = 3
"""Noise lies this many layers below the ground, or more; the ground is as thick as one less."""

STEEP = 0.25
"""And by this share of the rise of the ground from one column to the next deeper."""

LIKE = 4
"""Layers within which noise is as deep as other noise."""

MASS, OWN_MASS = 80, 10
"""In a window, and in the nine columns at its middle, the ground has so many times the points."""

SCATTERED, CLUSTERED, POINTS, SPREAD = 5, 16, 128, 12
"""Or noise fills so many columns of a window, or so many where it lies together, with so many
points; and the ground fills so many times the columns."""

TOGETHER = 3
"""Half width in columns of the window that a cluster lies in."""

BOTTOMLESS = np.iinfo(np.int64).min


def find_low(layers: Layers, kept: Mask, ground: Planes) -> Mask:
    """Which layers are noise, bool (L,), among those kept: the lowest of a column, or none.

    Args:
        layers: of some columns.
        kept: those not found to be noise before, bool (L,).
        ground: under the columns, arrays (M,).
    """
    rows = table_of(layers)
    there = (rows >= 0) & kept[rows]
    counts = np.where(there, layers["count"][rows], 0).astype(np.int64)
    x, y = np.moveaxis(layers["offset"][rows], 2, 0).astype(np.float64)
    heights = layers["low"][rows] - Planes(
        ground.height[:, None], ground.slope_x[:, None], ground.slope_y[:, None], ground.weight
    ).at(x, y)
    depths = np.where(there, np.floor(heights / HEIGHT + 0.5), np.inf)
    steep = STEEP * np.hypot(ground.slope_x, ground.slope_y) / HEIGHT
    column, place = np.nonzero(depths <= -DEEP - steep[:, None])
    low = np.zeros(rows.shape, dtype=bool)
    cells = layers["cell"][first_of_columns(layers)].astype(np.int64)
    low[column, place] = _is_rare(cells, counts, depths, column, depths[column, place])
    # Only what no layer of the ground lies under.
    low = np.logical_and.accumulate(low | ~there, axis=1) & there
    is_low = np.zeros(len(layers), dtype=bool)
    is_low[rows[low]] = True
    return is_low


def _is_rare(cells: Int64s, counts: Int64s, depths: Floats, column: Int64s, depth: Floats) -> Mask:
    """Whether layers, by their columns (n,) and depths, are few beside the ground around them."""
    ground = np.where(np.abs(depths) < DEEP - 1, counts, 0).sum(axis=1)
    alike, below, same_own, below_own, columns, together, ground_columns = np.zeros(
        (7, len(column)), dtype=np.int64
    )
    for step, other in neighbours(cells, column, AROUND):
        there = other >= 0
        near = (np.abs(depths[other] - depth[:, None]) <= LIKE) & (depths[other] <= -DEEP)
        count = np.where(there, np.where(near, counts[other], 0).sum(axis=1), 0)
        surface = np.where(there, ground[other], 0)
        alike += count
        below += surface
        columns += count > 0
        if max(map(abs, step)) <= TOGETHER:
            together += count > 0
        ground_columns += surface > 0
        if max(map(abs, step)) <= 1:
            same_own += count
            below_own += surface
    by_mass = (alike * MASS < below) & (same_own * OWN_MASS <= below_own)
    few = (columns <= SCATTERED) | ((columns <= CLUSTERED) & (together == columns))
    by_columns = few & (alike <= POINTS) & (columns * SPREAD <= ground_columns)
    return np.asarray(by_mass | by_columns)


def clear(layers: Layers, kept: Mask) -> Int64s:
    """The lowest layer of every column that is no noise, int64 (M,)."""
    rows = table_of(layers)
    there = rows >= 0
    clean = there & kept[rows]
    first = clean.argmax(axis=1)
    levels = layers["level"].astype(np.int64)
    every = np.arange(len(rows))
    above = np.where(there, levels[rows], BOTTOMLESS).max(axis=1) + 1
    floor = np.where(clean.any(axis=1), levels[rows[every, first]], above)
    return np.where(clean[:, 0], BOTTOMLESS, floor)


def neighbours(
    cells: Int64s, column: Int64s, reach: int
) -> Iterator[tuple[tuple[int, int], Int64s]]:
    """Around some columns, step by step: the column that lies there, int64 (n,), or -1.

    Args:
        cells: all columns, int64 (M, 2).
        column: numbers of some of them, int64 (n,).
        reach: steps along an axis.
    """
    low = cells.min(axis=0) - reach
    index = np.full(cells.max(axis=0) - low + 1 + reach, -1)
    x, y = (cells - low).T
    index[x, y] = np.arange(len(cells))
    steps = range(-reach, reach + 1)
    for step in ((a, b) for a in steps for b in steps):
        yield step, index[x[column] + step[0], y[column] + step[1]]
