"""Places in a plane, found by the cells of a grid."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from volseg.synthetic.facets import Floats
from volseg.synthetic.scanners.rays import Indices, portions, spans

CROWD = 1.5
"""Places in a cell, on average."""


@dataclass(frozen=True, eq=False)
class Cells:
    """Places in a plane, sorted by row and column of the cell that holds them.

    Attributes:
        place: float64 (2, N), coordinates, sorted.
        number: int64 (N,), which place it was before sorting.
        first: int64 (side * side + 1,), first place of each cell.
        corner: float64 (2,), least coordinates.
        size: float64 (2,), of a cell.
        side: cells a row, and rows.
    """

    place: Floats
    number: Indices
    first: Indices
    corner: Floats
    size: Floats
    side: int

    @classmethod
    def of(cls, place: Floats) -> Cells:
        """Sort places (2, N) into cells."""
        count = place.shape[1]
        side = max(1, int(np.sqrt(count / CROWD)))
        corner = place.min(axis=1, initial=np.inf) if count else np.zeros(2)
        span = np.ptp(place, axis=1) if count else np.zeros(2)
        size = np.maximum(span / side, 1e-9)
        row, column = np.minimum((place - corner[:, None]) / size[:, None], side - 1).astype(int)
        key = row * side + column
        number = np.argsort(key, kind="stable")
        first = np.concatenate(([0], np.cumsum(np.bincount(key, minlength=side * side))))
        return cls(place[:, number], number, first, corner, size, side)

    def inside(self, low: Floats, high: Floats) -> Iterator[tuple[Indices, Indices]]:
        """Pairs (rectangle, place) of all places within rectangles, some at a time.

        Args:
            low: (2, B), least coordinates.
            high: (2, B), greatest ones.
        """
        begin, end = ((edge - self.corner[:, None]) / self.size[:, None] for edge in (low, high))
        apart = ((begin > self.side * (1 + 1e-12)) | (end < 0)).any(axis=0)
        top, left = np.clip(begin, 0, self.side - 1).astype(np.int64)
        bottom, right = np.clip(end, 0, self.side - 1).astype(np.int64)
        rows = np.where(apart, 0, bottom + 1 - top)
        for some in portions(rows):  # first the rows of each rectangle, then the places in them
            box, row = spans(np.zeros_like(rows[some]), rows[some])
            box += some.start
            row = (row + top[box]) * self.side
            start, stop = self.first[row + left[box]], self.first[row + right[box] + 1]
            for few in portions(stop - start):
                part, place = spans(start[few], stop[few])
                part = box[few][part]
                x, y = self.place[:, place]
                within = (x >= low[0, part]) & (x <= high[0, part])
                within &= (y >= low[1, part]) & (y <= high[1, part])
                yield part[within], self.number[place[within]]
