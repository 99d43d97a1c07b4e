"""Peaks of votes held against the size that their voters tell: of one object, one peak is left."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from volseg.predict.objects.centre import CORE, Peaks

Int64s = NDArray[np.int64]

FINER = 16
"""Lengths of ways are whole numbers of so many to a cell of the lattice."""
BEHIND = 1.2
"""Mean ways of its voters within which a peak suffers no weaker one beside it."""
FILLED = 0.2
"""Voters that a peak has at least, to the cells of a ball whose cells' ways are as long."""


def lengths_of(ways: NDArray[np.floating]) -> Int64s:
    """Lengths of ways, (n, nd) in cells of the lattice, int64 (n,) in parts of a cell."""
    lengths: Int64s = np.rint(FINER * np.linalg.norm(ways, axis=1)).astype(np.int64)
    return lengths


def one_per_object(
    peaks: Peaks,
    voted: Int64s,
    lengths: Int64s,
    *,
    density: NDArray[np.float64] | None = None,
    nd: int = 3,
) -> Peaks:
    """The peaks without the weaker ones of the same objects, and without strays.

    Cells of an object with radius r lie 2 r / 3 from its centre on average, in a ball 3 r / 4: so
    the ways of a peak's voters tell how large its object is. Within that length of a peak there
    is no other object's centre; and voters much fewer than such an object has cells are strays.
    All is summed in whole numbers: the order of voters changes no bit.

    Args:
        peaks: where votes gather.
        voted: the peak of every voter, 1 to P, 0 of none.
        lengths: of their ways, as of `lengths_of`.
        density: voters in a cell of the lattice that is full of them, one a class, of grids; None
            where that tells nothing, as of points.
        nd: number of axes of the ways.
    """
    many = len(peaks) + 1
    voters = np.bincount(voted, minlength=many)[1:]
    sums = np.zeros(many, np.int64)
    np.add.at(sums, voted, lengths)
    means = sums[1:] / np.maximum(voters, 1) / FINER
    kept = voters > 0
    if density is not None:
        radius = np.maximum(means * (nd + 1) / nd, 0.5)
        ball = math.pi ** (nd / 2) / math.gamma(nd / 2 + 1) * radius**nd
        kept &= voters >= FILLED * ball * density[peaks.cells[:, 0]]
    kept = _strongest(peaks, kept, np.maximum(BEHIND * means, CORE))
    return Peaks(peaks.cells[kept], peaks.support[kept])


def _strongest(
    peaks: Peaks, candidates: NDArray[np.bool_], reach: NDArray[np.float64]
) -> NDArray[np.bool_]:
    """Candidates with no stronger peak whose reach they lie in."""
    from scipy.spatial import cKDTree

    kept = np.zeros(len(peaks), np.bool_)
    for label in np.unique(peaks.cells[:, 0]):
        rows = np.flatnonzero(candidates & (peaks.cells[:, 0] == label))
        tree = cKDTree(peaks.cells[rows, 1:])
        left = np.ones(len(rows), np.bool_)
        # Of equals the first in order is the stronger one.
        for at in np.lexsort((rows, -peaks.support[rows])):
            if left[at]:
                kept[rows[at]] = True
                left[tree.query_ball_point(peaks.cells[rows[at], 1:], reach[rows[at]])] = False
    return kept
