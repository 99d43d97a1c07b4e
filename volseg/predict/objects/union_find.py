"""Things that belong together, from the pairs that do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]


def joined(count: int, first: Int64s, second: Int64s) -> Int64s:
    """Components of a graph: 0, 1 ... in the order of their first members, int64 (count,).

    The order of the pairs changes nothing.

    >>> joined(5, np.array([4, 0]), np.array([1, 2])).tolist()
    [0, 1, 0, 2, 1]

    Args:
        count: members.
        first: int64 (P,), one member of every pair.
        second: int64 (P,), the other.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(count, count))
    labels = connected_components(pairs, directed=False)[1]
    firsts = np.unique(labels, return_index=True)[1]
    rank = np.empty(len(firsts), np.int64)
    rank[np.argsort(firsts)] = np.arange(len(firsts))
    return rank[labels]
