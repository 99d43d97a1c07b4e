"""A table of objects: what they are, how large, and where."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Int64s = NDArray[np.int64]

STEP = 1000
"""Sums are of whole thousandths, so that the order of pieces changes no bit."""


@dataclass(eq=False)
class ObjectTable:
    """What is known of objects 1 to N, gathered from their cells in any pieces and order.

    Attributes:
        count: number of objects, N.
        axes: names of the coordinates.
        sizes: int64 (N,), cells or points.
        classes: int64 (N,), training ids.
        lower: int64 (N, nd), least coordinates, in thousandths.
        upper: int64 (N, nd), largest.
    """

    count: int
    axes: Sequence[str] = ("x", "y", "z")
    sizes: Int64s = field(init=False)
    classes: Int64s = field(init=False)
    lower: Int64s = field(init=False)
    upper: Int64s = field(init=False)
    _sums: Int64s = field(init=False)
    _sure: Int64s = field(init=False)

    def __post_init__(self) -> None:
        shape, far = (self.count, len(self.axes)), np.iinfo(np.int64).max
        self.sizes, self.classes = np.zeros(self.count, np.int64), np.zeros(self.count, np.int64)
        self.lower, self.upper = np.full(shape, far), np.full(shape, -far)
        self._sums, self._sure = np.zeros(shape, np.int64), np.zeros(self.count, np.int64)

    def add(
        self,
        numbers: NDArray[np.integer],
        classes: NDArray[np.integer],
        places: NDArray[np.floating],
        confidence: NDArray[np.floating] | None = None,
    ) -> None:
        """Take cells.

        Args:
            numbers: (n,), the object of each, 1 to N; 0 of none.
            classes: (n,), training ids.
            places: (n, nd), coordinates.
            confidence: (n,), the probability of the class.
        """
        inside = np.flatnonzero(numbers > 0)
        order = inside[np.argsort(numbers[inside], kind="stable")]
        if not len(order):
            return
        rows, starts = np.unique(numbers[order], return_index=True)
        rows = rows.astype(np.int64) - 1
        steps = np.rint(places[order] * STEP).astype(np.int64)
        self.sizes[rows] += np.diff(starts, append=len(order))
        self.classes[rows] = classes[order[starts]]
        self.lower[rows] = np.minimum(self.lower[rows], np.minimum.reduceat(steps, starts))
        self.upper[rows] = np.maximum(self.upper[rows], np.maximum.reduceat(steps, starts))
        self._sums[rows] += np.add.reduceat(steps, starts)
        if confidence is not None:
            sure = np.rint(confidence[order].astype(np.float64) * STEP * STEP).astype(np.int64)
            self._sure[rows] += np.add.reduceat(sure, starts)

    @property
    def centres(self) -> NDArray[np.float64]:
        """Mean coordinates of every object's cells, float64 (N, nd)."""
        centres: NDArray[np.float64] = self._sums / self.sizes[:, None] / STEP
        return centres

    @property
    def confidence(self) -> NDArray[np.float64]:
        """Mean probability of every object's cells, float64 (N,); 0 where nobody gave one."""
        mean: NDArray[np.float64] = self._sure / self.sizes / STEP**2
        return mean

    def columns(self, decimals: int = 3) -> dict[str, list[float]]:
        """Centres and boxes by their names in files, one value an object."""
        low, high = self.lower / STEP, self.upper / STEP
        columns = {name: self.centres[:, k] for k, name in enumerate(self.axes)}
        for k, name in enumerate(self.axes):
            columns |= {f"{name}_min": low[:, k], f"{name}_max": high[:, k]}
        return {name: values.round(decimals).tolist() for name, values in columns.items()}
