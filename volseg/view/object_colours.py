"""A colour for every object, so that those that lie side by side are told apart."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.colours import default_colour, rgb

NO_OBJECT = (205, 205, 205)
"""Light, so that what is of no object steps back behind what is."""
NUMBER = 12
"""Colours that objects take turns in."""
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
    from scipy.spatial import cKDTree

    palette = np.array([rgb(default_colour(k)) for k in range(NUMBER)], dtype=np.uint8)
    found, rows = np.unique(ids, return_inverse=True)
    counts = np.bincount(rows)
    placed = np.where(np.isfinite(xyz), xyz, 0.0)
    centres = np.stack([np.bincount(rows, axis) / counts for axis in placed.T], axis=1)
    objects = np.flatnonzero(found > 0)
    chosen = np.full(len(found), -1)
    if len(objects):
        near = cKDTree(centres[objects]).query(centres[objects], k=min(NEAR, len(objects)))[1]
        for row, beside in zip(objects, near.reshape(len(objects), -1), strict=True):
            taken = set(chosen[objects[beside]].tolist())
            free = [k for k in range(NUMBER) if (row + k) % NUMBER not in taken]
            chosen[row] = (row + free[0]) % NUMBER
    table = np.where(chosen[:, None] >= 0, palette[chosen], np.array(NO_OBJECT, np.uint8))
    return np.asarray(table[rows], dtype=np.uint8)
