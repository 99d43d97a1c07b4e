"""The points of a scan sorted by square columns: which rows lie where, and of which label."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

HALF = 1 << 31
"""Columns lie from minus this to this along an axis, so that one integer names a column."""


def edge_for(side: float) -> float:
    """Edge in metres of the columns that squares of a side are read from: a power of two.

    Four to eight columns span a square: little is read that lies outside, in few runs. Squares
    of about the same side have the same columns.
    """
    return float(2.0 ** math.floor(math.log2(side / 4)))


@dataclass(frozen=True, eq=False)
class Columns:
    """How the points of a scan, or of one end of it, are sorted: by column, and a column's by file.

    Columns are in order along the longer side of the scan, then along the other.

    Attributes:
        edge: of a column in metres.
        axis: the longer side, 0 or 1.
        keys: of the columns that hold points, rising, int64 (C,); see `keys_of`.
        upto: the rows at which columns begin and the last one ends, int64 (C + 1,), as the last
            row of int64 (L + 1, C + 1); the others count the points of each label before them.
    """

    edge: float
    axis: int
    keys: Int64s
    upto: Int64s

    def __len__(self) -> int:
        """Points in the columns."""
        return int(self.upto[-1, -1] - self.upto[-1, 0])

    @property
    def counts(self) -> Int64s:
        """Points of each label, int64 (L,)."""
        return np.asarray(self.upto[:-1, -1] - self.upto[:-1, 0])

    def cells(self) -> Int64s:
        """The columns' places on x and y, int64 (C, 2)."""
        along, across = places_of(self.keys)
        return np.stack((across, along) if self.axis else (along, across), axis=1)

    def columns_of(self, metres: Floats) -> Int64s:
        """The number of the column each point (N, 3) lies in, int64 (N,); it must be there."""
        cells = cells_of(metres, self.edge)
        keys = keys_of(cells[:, self.axis], cells[:, 1 - self.axis])
        return np.searchsorted(self.keys, keys)

    def within(self, lower: Floats, upper: Floats) -> list[slice]:
        """Runs of rows that hold every point of a rectangle, its corners (2,) in metres."""
        corners = np.floor(np.stack((lower, upper)) / self.edge).clip(-HALF, HALF - 2)
        ends = corners.astype(np.int64)
        low, high = places_of(self.keys[[0, -1]])[0]
        first, last = ends[:, self.axis]
        lines = np.arange(max(first, low), min(last, high) + 1)
        bottom, top = ends[:, 1 - self.axis]
        begin = np.searchsorted(self.keys, keys_of(lines, bottom))
        end = np.searchsorted(self.keys, keys_of(lines, top + 1))
        starts = self.upto[-1, begin]
        return [slice(a, a + n) for a, n in spans(starts, self.upto[-1, end] - starts) if n]

    def holding(self, label: int, rank: int) -> tuple[slice, int]:
        """Rows of the column that the ``rank``-th point of a label is in, and its rank there."""
        before = self.upto[label]
        rank += int(before[0])
        column = int(np.searchsorted(before, rank, side="right")) - 1
        start, stop = self.upto[-1, column : column + 2].tolist()
        return slice(start, stop), rank - int(before[column])

    def cut(self, share: float) -> tuple[Columns, Columns]:
        """Two ends, the far one with about a share of the longer side.

        Raises:
            InputError: if no line between two columns cuts the scan.
        """
        low, high = places_of(self.keys[[0, -1]])[0].tolist()
        line = min(max(round(high + 1 - share * (high + 1 - low)), low + 1), high)
        if line <= low:
            raise InputError(
                f"the scan is too short to cut off a validation share of {share:g}: wanted more "
                f"than one column of {self.edge:g} m; use a smaller train.crop, or "
                "data.validation 0"
            )
        at = int(np.searchsorted(self.keys, keys_of(line, -HALF)))
        return self[:at], self[at:]

    def __getitem__(self, part: slice) -> Columns:
        """Some of the columns, one after another."""
        first, last, _ = part.indices(len(self.keys))
        return Columns(self.edge, self.axis, self.keys[first:last], self.upto[:, first : last + 1])


class Counter:
    """Counts points by column and label, piece by piece; the same for any pieces.

    Args:
        edge: of a column in metres.
        labels: how many there are, L.
    """

    def __init__(self, edge: float, labels: int) -> None:
        self.edge, self.labels = edge, labels
        self._keys = np.empty(0, dtype=np.int64)
        self._counts = np.empty((0, labels + 1), dtype=np.int64)

    def add(self, metres: Floats, labels: Int64s) -> None:
        """Count points, float64 (N, 3), of labels int64 (N,): ``0 ... L-1``, or -1 for none."""
        keys, place = np.unique(keys_of(*cells_of(metres, self.edge).T), return_inverse=True)
        width = self.labels + 1
        slots = np.bincount(place * width + labels % width, minlength=len(keys) * width)
        before = len(self._keys)
        self._keys, place = np.unique(np.concatenate((self._keys, keys)), return_inverse=True)
        counts = np.zeros((len(self._keys), width), dtype=np.int64)
        counts[place[:before]] = self._counts
        counts[place[before:]] += slots.reshape(-1, width)
        self._counts = counts

    def columns(self) -> Columns:
        """How the points counted are to be sorted; one at least."""
        x, y = places_of(self._keys)
        axis = int(np.ptp(y) > np.ptp(x))
        keys = keys_of(y, x) if axis else self._keys
        order = np.argsort(keys)
        counts = self._counts[order].T
        upto = np.zeros((self.labels + 1, len(keys) + 1), dtype=np.int64)
        np.cumsum((*counts[:-1], counts.sum(axis=0)), axis=1, out=upto[:, 1:])
        return Columns(self.edge, axis, keys[order], upto)


def keys_of(along: Int64s | int, across: Int64s | int) -> Int64s:
    """One integer for each place of two axes, in order of the first and then of the second."""
    return np.asarray((np.asarray(along, dtype=np.int64) << 32) + across + HALF)


def places_of(keys: Int64s) -> tuple[Int64s, Int64s]:
    """What `keys_of` was given."""
    return keys >> 32, (keys & (2 * HALF - 1)) - HALF


def cells_of(metres: Floats, edge: float) -> Int64s:
    """The columns points (N, 3) lie in, int64 (N, 2), on one lattice for all scans.

    Raises:
        InputError: if they lie too far out to be told apart.
    """
    cells = np.floor(metres[:, :2] / edge)
    if len(cells) and not np.abs(cells).max() < HALF - 1:
        raise InputError(
            f"points lie {np.abs(metres[:, :2]).max():,.6g} m from the origin, too far for columns "
            f"of {edge:g} m; remove stray points, or use a larger train.crop"
        )
    return cells.astype(np.int64)


def spans(starts: Int64s, counts: Int64s) -> Iterator[tuple[int, int]]:
    """Starts and lengths of runs of rows, those that adjoin taken as one."""
    if not len(starts):
        return
    stops = starts + counts
    first = np.flatnonzero(np.append(True, starts[1:] != stops[:-1]))
    last = np.append(first[1:], len(starts)) - 1
    yield from zip(starts[first].tolist(), (stops[last] - starts[first]).tolist(), strict=True)
