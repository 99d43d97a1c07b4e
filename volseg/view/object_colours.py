"""A colour for every object, so that those that lie side by side are told apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.colours import default_colour, rgb
from volseg.metrics.object_errors import ErrorKind

NO_OBJECT = (205, 205, 205)
"""Light, so that what is of no object steps back behind what is."""
ERROR_COLOURS: dict[ErrorKind, str] = {
    "missed": "#d61a1a", "false": "#f08c00", "split": "#1971c2", "merged": "#9c36b5",
}  # fmt: skip
"""Of objects that are wrong."""
NUMBER = 12
"""Colours that objects take turns in."""
PALETTE = np.array([rgb(default_colour(k)) for k in range(NUMBER)], dtype=np.uint8)
NEAR = 9
"""Objects around one whose colours it does not take; fewer than there are colours."""


def object_colours(ids: NDArray[np.int64], xyz: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Colours of points by the object they are of, uint8 (N, 3); grey of those of none.

    Objects take their colours in the order of their ids, each one that none of the objects whose
    centres are nearest to its own has, as far as there are any.

    Args:
        ids: of the objects, (N,), 0 of none.
        xyz: the points, (N, 3).
    """
    found, rows = np.unique(ids, return_inverse=True)
    counts = np.bincount(rows)
    placed = np.where(np.isfinite(xyz), xyz, 0.0)
    centres = np.stack([np.bincount(rows, axis) / counts for axis in placed.T], axis=1)
    table = np.full((len(found), 3), NO_OBJECT, np.uint8)
    table[found > 0] = PALETTE[take_turns(centres[found > 0], int((found <= 0).sum()))]
    return np.asarray(table[rows], dtype=np.uint8)


def take_turns(centres: NDArray[np.float64], first: int = 0) -> NDArray[np.int64]:
    """Rows of `PALETTE` for objects with centres (n, nd), int64 (n,); as `object_colours`.

    Args:
        centres: of the objects.
        first: row that the first of them takes.
    """
    from scipy.spatial import cKDTree

    chosen = np.full(len(centres), -1, np.int64)
    if len(centres):
        near = cKDTree(centres).query(centres, k=min(NEAR, len(centres)))[1]
        near = near.reshape(len(centres), -1)
        beside = [row.tolist() for row in near]
        for row, nearest in enumerate(near[:, 1:2].ravel()):
            beside[nearest].append(row)  # whose nearest it is may be far for itself
        for row, others in enumerate(beside):
            taken = set(chosen[others].tolist())
            turns = [(first + row + k) % NUMBER for k in range(NUMBER)]
            chosen[row] = next((k for k in turns if k not in taken), turns[0])
    return chosen
