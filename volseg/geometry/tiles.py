"""Tiles: a plane of columns cut into rectangles that each fit a budget.

Columns lie on a lattice of the whole world, so that what is computed tile by tile, each with
enough of its neighbours around it, does not depend on how the plane was cut.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Columns = NDArray[np.int64]
"""Places of columns on the lattice, int64 (K, 2)."""


@dataclass(frozen=True)
class Tile:
    """A rectangle of columns.

    Attributes:
        lower: lowest column of the tile, in x and y.
        upper: the column after its highest, in x and y.
    """

    lower: tuple[int, int]
    upper: tuple[int, int]

    def holds(self, columns: Columns, ring: int = 0) -> NDArray[np.bool_]:
        """Which columns lie in it, bool (K,), or within a ring of some columns around it."""
        above, below = columns >= np.subtract(self.lower, ring), columns < np.add(self.upper, ring)
        return np.asarray((above & below).all(axis=1))

    @classmethod
    def around(cls, columns: Columns) -> Tile:
        """The least rectangle that holds some columns."""
        (x, y), (right, top) = columns.min(axis=0).tolist(), columns.max(axis=0).tolist()
        return cls((x, y), (right + 1, top + 1))


def plan_tiles(
    columns: Columns,
    costs: NDArray[np.float64],
    *,
    budget: float,
    ring: int,
    own: NDArray[np.bool_] | None = None,
) -> list[Tile]:
    """Rectangles that hold every column once, each within a budget together with its ring.

    A rectangle that costs too much is cut across its longer side into halves of equal cost; a
    single column is never cut, whatever it costs.

    Args:
        columns: the columns that are not empty, distinct.
        costs: of each column, (K,).
        budget: what a tile may cost, the ring around it included.
        ring: columns around a tile that are needed to compute it.
        own: the columns to hold, bool (K,); others are only seen in rings. None for all.
    """
    held = np.ones(len(columns), dtype=np.bool_) if own is None else own
    return list(_cut(columns, costs, held, budget, ring)) if held.any() else []


def _cut(
    columns: Columns, costs: NDArray[np.float64], own: NDArray[np.bool_], budget: float, ring: int
) -> Iterator[Tile]:
    """Tiles of our own columns, among those in reach of them."""
    core = columns[own]
    tile = Tile.around(core)
    near = tile.holds(columns, ring)
    if costs[near].sum() <= budget or len(core) == 1:
        yield tile
        return
    axis = int(np.argmax(np.ptp(core, axis=0)))
    lines, line = np.unique(core[:, axis], return_inverse=True)
    share = np.bincount(line, weights=costs[own]).cumsum()
    half = int(np.searchsorted(share, share[-1] / 2)) + 1
    low = columns[:, axis] < lines[min(half, len(lines) - 1)]
    for part in (low, ~low):
        yield from _cut(columns[near], costs[near], (own & part)[near], budget, ring)
