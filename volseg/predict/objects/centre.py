"""Votes for centres, grouped to objects: peaks of votes, and the cells that voted for each.

Votes are whole numbers in cells of one lattice all over the world, so that they add up to the
same, in any order and from any tiles; memory grows with the places voted for. A cell of the
lattice is a quarter of the scale of its class wide: for points in metres, for grids in their
units.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.labels import LabelMap
from volseg.geometry.unique import KEY_BITS

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

FINENESS = 4
"""Cells of the lattice along the scale of a class."""
UNIT = 256
"""Weight of a vote that is off by the scale of its class."""
SURE = 16
"""How much more a vote may weigh, however sure it is."""
CORE = 2
"""Cells around a peak whose votes support it."""
APART = 3
"""Cells within which there is one peak at most."""
REACH = 12
"""Cells from a vote to its peak at most; what voted for nothing near is no object."""
SHARE = 0.35
"""Votes for a peak that fall on it or near, of all that are nearest to it: fewer are smeared over
a place where no centre is."""
FAINT = 0.02
"""Support of a peak, to what is usual in its class, below which it is a stray."""


@dataclass(frozen=True, eq=False)
class CentreVotes:
    """Votes for centres, added up in cells.

    Attributes:
        cells: int64 (M, 1 + nd), class and place on the lattice of that class, each once, sorted.
        weights: int64 (M,) or (M, ...), sums of votes.
    """

    cells: Int64s
    weights: Int64s

    def __len__(self) -> int:
        return len(self.cells)

    @classmethod
    def of(cls, cells: Int64s, weights: NDArray[np.integer]) -> CentreVotes:
        """Votes, (N, 1 + nd) with weights (N,) or (N, ...), those of one cell added up."""
        if not len(cells):
            return cls(cells.reshape(0, cells.shape[-1]), weights.astype(np.int64))
        order, first = _grouped(cells)
        sums = np.add.reduceat(weights[order].astype(np.int64), first)
        return cls(cells[order[first]], sums)

    @classmethod
    def sum(cls, parts: Iterable[CentreVotes]) -> CentreVotes:
        """Votes of several tiles together; the same for any tiles, in any order."""
        every = list(parts)
        return cls.of(
            np.concatenate([one.cells for one in every]),
            np.concatenate([one.weights for one in every]),
        )


def upright_classes(labels: LabelMap) -> list[int]:
    """Training ids of things whose ways lead to centres in plan."""
    return [k for k, entry in enumerate(labels.classes) if entry.axes == "xy"]


def cells_of(
    classes: Int64s, votes: Floats, scales: Sequence[float], upright: Sequence[int] = ()
) -> Int64s:
    """The cells that votes fall in: class and place, int64 (N, 1 + nd).

    Args:
        classes: training ids, (N,), of things.
        votes: the centres voted for, (N, nd), in the units of ``scales``.
        scales: of every class.
        upright: classes whose votes count in plan, along the first two axes.
    """
    edges = np.asarray(scales)[classes][:, None] / FINENESS
    places = np.floor(votes / edges).astype(np.int64)
    places[np.isin(classes, upright), 2:] = 0
    cells: Int64s = np.column_stack((classes, places))
    return cells


def weights_of(doubt: NDArray[np.floating]) -> Int64s:
    """Weights of votes whose logarithm of how far they may be off is (N,), int64 (N,)."""
    sure = np.exp(-np.clip(doubt.astype(np.float64), -np.log(SURE), np.log(UNIT)))
    weights: Int64s = np.rint(UNIT * sure).astype(np.int64)
    return weights


@dataclass(frozen=True, eq=False)
class Peaks:
    """Objects found among votes.

    Attributes:
        cells: int64 (P, 1 + nd), class and place of each, sorted.
        support: int64 (P,), weight of the votes at and around each.
    """

    cells: Int64s
    support: Int64s

    def __len__(self) -> int:
        return len(self.cells)

    @cached_property
    def _trees(self) -> dict[int, tuple[int, Any]]:
        """For each class the number of its first peak, and a tree of all."""
        from scipy.spatial import cKDTree

        trees = {}
        for label in np.unique(self.cells[:, 0]):
            rows = np.flatnonzero(self.cells[:, 0] == label)
            trees[int(label)] = int(rows[0]), cKDTree(self.cells[rows, 1:])
        return trees

    def assign(self, cells: Int64s) -> Int64s:
        """The object that votes in cells (N, 1 + nd) are for, int64 (N,): 1 to P, 0 for none.

        It is the nearest of the class; cells decide, so that votes of one cell are for one object.
        """
        ids = np.zeros(len(cells), np.int64)
        for label, (first, tree) in self._trees.items():
            rows = np.flatnonzero(cells[:, 0] == label)
            far, nearest = tree.query(cells[rows, 1:])
            ids[rows] = np.where(far <= REACH, first + nearest + 1, 0)
        return ids


def find_peaks(
    votes: CentreVotes,
    *,
    core: int = CORE,
    apart: int = APART,
    share: float = SHARE,
    faint: float = FAINT,
) -> Peaks:
    """The objects voted for: where votes gather, some cells from where more of them do.

    Args:
        votes: all votes.
        core: cells around a peak whose votes support it.
        apart: cells within which there is one peak at most.
        share: of the votes that are nearest to a peak, how many have to be near; what voted for a
            peak with fewer is left to others.
        faint: support, to what is usual in the class, below which a peak is a stray.
    """
    if not len(votes):
        return Peaks(votes.cells, votes.weights)
    keys_of = _Keys.of(votes.cells)
    support = _near(votes.cells, keys_of, votes.weights, core, np.add)
    # Of equals the first in order wins.
    rank = np.empty(len(votes), np.int64)
    rank[np.lexsort((-np.arange(len(votes)), support))] = np.arange(len(votes))
    best = _near(votes.cells, keys_of, rank, apart, np.maximum)
    rows = np.flatnonzero(best == rank)
    peaks = Peaks(votes.cells[rows], support[rows])
    of = peaks.assign(votes.cells)
    total = np.bincount(of, votes.weights, len(peaks) + 1)[1:]
    kept = peaks.support >= share * total
    for label in np.unique(peaks.cells[:, 0]):
        of_class = peaks.cells[:, 0] == label
        kept[of_class] &= peaks.support[of_class] >= faint * _usual(peaks.support[of_class])
    return Peaks(peaks.cells[kept], peaks.support[kept])


def _usual(support: Int64s) -> int:
    """The support that peaks with half of all support have at least: strays do not count."""
    ordered = np.sort(support)[::-1]
    return int(ordered[np.searchsorted(ordered.cumsum(), ordered.sum() / 2)])


def _near(cells: Int64s, keys_of: _Keys, values: Int64s, radius: int, combine: np.ufunc) -> Int64s:
    """Sum or largest of the values within a radius of each cell, int64 (M,), row by row.

    The cells of a row along the last axis, from one end of the ball to the other, have keys that
    follow on each other.
    """
    sides = np.ptp(cells[:, 1:], axis=0)
    *leading, last = np.flatnonzero(sides) if sides.any() else [0]  # upward all may be one
    total, keys = np.zeros_like(values), keys_of(cells)
    upto = np.append(0, values.cumsum())
    padded = np.append(values, 0)
    for lead in itertools.product(range(-radius, radius + 1), repeat=len(leading)):
        left = radius**2 - sum(side**2 for side in lead)
        if left < 0 or (np.abs(lead) > sides[leading]).any():
            continue
        away = np.zeros(len(sides), np.int64)
        away[leading] = lead
        row = keys + keys_of.step(away)
        away[:], away[last] = 0, math.isqrt(left)
        end = keys_of.step(away)
        first, stop = np.searchsorted(keys, row - end), np.searchsorted(keys, row + end, "right")
        if combine is np.add:
            total += upto[stop] - upto[first]
        else:
            most = combine.reduceat(padded, np.column_stack((first, stop)).ravel())[::2]
            total = np.where(first < stop, combine(total, most), total)
    return total


@dataclass(frozen=True, eq=False)
class _Keys:
    """One integer for each cell, in the order of class and place.

    Places count from the lowest of their class, with room for steps around: the lattices of
    classes differ, and with them the cells of one place in the world.
    """

    classes: Int64s
    lower: Int64s
    bits: tuple[int, ...]

    @classmethod
    def of(cls, cells: Int64s) -> _Keys:
        """Keys for these cells, (M, 1 + nd), and those near them.

        Raises:
            InputError: if the cells lie too far apart for one key.
        """
        classes = np.unique(cells[:, 0])
        lower = np.empty((len(classes), cells.shape[1] - 1), np.int64)
        sides = np.empty_like(lower)
        for row, label in enumerate(classes):
            places = cells[cells[:, 0] == label, 1:]
            lower[row] = places.min(axis=0) - REACH
            sides[row] = places.max(axis=0) + REACH - lower[row]
        bits = tuple(int(side).bit_length() for side in sides.max(axis=0))
        if sum(bits) + len(classes).bit_length() > KEY_BITS:
            raise InputError(
                "votes for centres lie too far apart to be told apart; remove stray points far "
                "from the scan"
            )
        return cls(classes, lower, bits)

    def __call__(self, cells: Int64s) -> Int64s:
        """The keys of cells, int64 (N,)."""
        row = np.searchsorted(self.classes, cells[:, 0])
        keys = row.astype(np.int64)
        for column, width in enumerate(self.bits):
            keys <<= width
            keys |= cells[:, 1 + column] - self.lower[row, column]
        return keys

    def step(self, away: Sequence[int] | Int64s) -> int:
        """What a step of so many cells along each axis adds to a key."""
        added = 0
        for side, width in zip(away, self.bits, strict=True):
            added = (added << width) + side
        return added


def _grouped(cells: Int64s) -> tuple[Int64s, Int64s]:
    """The order that sorts cells, and where in it each cell stands first."""
    keys = _Keys.of(cells)(cells)
    order = np.argsort(keys, kind="stable")
    ordered = keys[order]
    return order, np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 1))
