"""Points that stand alone, and points that stand twice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.unique import KEY_BITS, unique

LIMIT = 1 << 20
"""Cells along an axis at most, so that the number of a cell fits its bits."""


def find_isolated(
    metres: NDArray[np.float64], *, step: float = 4.0, others: int = 5
) -> NDArray[np.bool_]:
    """Which points have few others about them, bool (N,).

    Args:
        metres: points, float64 (N, 3).
        step: edge of a cell in metres.
        others: other points there are at most in the 27 cells round a point that is isolated.

    Example:
        >>> points = np.vstack([np.random.default_rng(0).random((50, 3)), [[40, 0, 0]]])
        >>> find_isolated(points).nonzero()[0].tolist()
        [50]
    """
    if not len(metres):
        return np.zeros(0, np.bool_)
    cells = np.floor(metres / step).astype(np.int64)
    cells -= cells.min(axis=0) - 1
    cells = np.minimum(cells, LIMIT)  # farther ones are alone all the more, and stay apart enough
    weights = np.array([1 << 42, 1 << 21, 1])
    numbers = cells @ weights
    keys, inverse, counts = unique(lambda rows: numbers[rows], len(numbers), KEY_BITS)
    around = np.zeros(len(keys), np.int64)
    for shift in np.ndindex(3, 3, 3):
        wanted = keys + (np.array(shift) - 1) @ weights
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        around += np.where(keys[place] == wanted, counts[place], 0)
    return np.asarray(around[inverse] - 1 <= others)


def find_duplicates(xyz: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points, float64 (N, 3), have the coordinates of an earlier one, bool (N,).

    Example:
        >>> find_duplicates(np.array([[0.0, 0, 0], [1, 0, 0], [0, 0, 0]])).tolist()
        [False, False, True]
    """
    order = np.lexsort(xyz.T)  # stable: the first of equal points comes first
    same = (xyz[order][1:] == xyz[order][:-1]).all(axis=1)
    doubled = np.zeros(len(xyz), np.bool_)
    doubled[order[1:]] = same
    return doubled
