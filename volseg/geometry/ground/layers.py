"""The lowest layers of every column of a scan: all that the ground is found from.

A column is cut into layers by height. Kept are the lowest few that hold points: how many, and the
lowest of them. Of points given in parts, in any order, the same is kept as of all at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.voxelgrid import voxelize_metres

CELL = 2.0
"""Edge of a column in metres."""

HEIGHT = 0.25
"""Height of a layer in metres; a power of two below `CELL`, so that no division rounds."""

KEPT = 8
"""Layers kept of a column, its lowest."""

LAYER = np.dtype(
    [("cell", "<i4", 2), ("level", "<i4"), ("count", "<u4"), ("offset", "<f4", 2), ("low", "<f8")]
)
"""A layer: its column on the lattice of all scans and its number, counted from z = 0; its points;
and the lowest: x and y from the column's middle, in columns, and z in metres."""

FAR = float(2**30)

Floats = NDArray[np.float64]
Layers = NDArray[np.void]
"""Of `LAYER`, (L,), sorted by column, then upwards."""


def layers_of(metres: Floats) -> Layers:
    """The lowest layers of every column that holds points, float64 (N, 3) in metres.

    Raises:
        InputError: if points lie so far out that columns are not told apart.
    """
    if not len(metres):
        return np.empty(0, dtype=LAYER)
    if not np.abs(metres).max() < FAR * HEIGHT:
        raise InputError(
            f"points lie {np.abs(metres).max():,.6g} m from the origin, too far for columns of "
            f"{CELL:g} m; remove stray points"
        )
    grid = voxelize_metres(metres * (1.0, 1.0, CELL / HEIGHT), CELL)
    lowest = np.full(len(grid), np.inf)
    np.minimum.at(lowest, grid.inverse, metres[:, 2])
    rows = np.flatnonzero(metres[:, 2] == lowest[grid.inverse])
    layers = np.empty(len(rows), dtype=LAYER)
    places = grid.coords + grid.origin
    layers["cell"], layers["level"] = places[grid.inverse[rows], :2], places[grid.inverse[rows], 2]
    layers["count"] = grid.counts[grid.inverse[rows]]
    layers["offset"] = metres[rows, :2] / CELL - layers["cell"] - 0.5
    layers["low"] = metres[rows, 2]
    return _lowest_kept(layers, sums=False)


def merge(parts: list[Layers]) -> Layers:
    """The lowest layers of all that several parts of a scan, or several scans, have."""
    return _lowest_kept(np.concatenate((np.empty(0, dtype=LAYER), *parts)), sums=True)


def keys_of(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """One integer for each column, int64 (M, 2 or more), in order of x and then of y."""
    return np.asarray((cells[:, 0] << 32) + cells[:, 1])


def first_of_columns(layers: Layers) -> NDArray[np.int64]:
    """The rows at which columns begin, int64 (M,)."""
    cells = layers["cell"]
    return np.flatnonzero(np.append(True, (cells[1:] != cells[:-1]).any(axis=1))[: len(layers)])


def table_of(layers: Layers) -> NDArray[np.int64]:
    """The rows of the layers of every column, upwards, int64 (M, KEPT), -1 where there are less."""
    first = first_of_columns(layers)
    sizes = np.diff(np.append(first, len(layers)))
    rank = np.arange(KEPT)[None]
    return np.where(rank < sizes[:, None], first[:, None] + rank, -1)


def _lowest_kept(layers: Layers, *, sums: bool) -> Layers:
    """Layers sorted, each once, the lowest `KEPT` of a column.

    Of one that is there twice the lower point is kept; counts are added up where ``sums`` asks
    for that.
    """
    if not len(layers):
        return layers
    x, y = layers["cell"].T
    across, along = layers["offset"].T[::-1]
    layers = layers[np.lexsort((across, along, layers["low"], layers["level"], y, x))]
    again = (layers["cell"][1:] == layers["cell"][:-1]).all(axis=1)
    again &= layers["level"][1:] == layers["level"][:-1]
    first = np.flatnonzero(np.append(True, ~again))
    counts = np.add.reduceat(layers["count"], first) if sums else layers["count"][first]
    layers = layers[first]
    layers["count"] = counts
    columns = first_of_columns(layers)
    sizes = np.diff(np.append(columns, len(layers)))
    rank = np.arange(len(layers)) - np.repeat(columns, sizes)
    return layers[rank < KEPT]
