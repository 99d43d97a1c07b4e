"""How often every value of an attribute stands in a scan, whatever its size."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


class RunningHistogram:
    """Counts of values, gathered piece by piece and exact for any pieces.

    Attributes:
        values: every value met, in rising order, (K,).
        counts: how often each value was met, int64 (K,).
    """

    def __init__(self) -> None:
        self.values: NDArray[Any] = np.empty(0, dtype=np.uint8)
        self.counts = np.empty(0, dtype=np.int64)

    def add(self, values: NDArray[Any]) -> None:
        """Count more values, of any shape."""
        found, counts = np.unique(values, return_counts=True)
        met = self.values if len(self.values) else found[:0]
        self.values, place = np.unique(np.concatenate((met, found)), return_inverse=True)
        total = np.zeros(len(self.values), dtype=np.int64)
        np.add.at(total, place, np.concatenate((self.counts, counts)))
        self.counts = total

    def percentile(self, share: int) -> float:
        """The least value that ``share`` percent of all values, or more, do not exceed; 0 of none.

        That is NumPy's percentile of method ``inverted_cdf``.
        """
        if not len(self.values):
            return 0.0
        upto = self.counts.cumsum()
        return float(self.values[np.searchsorted(upto * 100, share * upto[-1])])

    @property
    def largest(self) -> float:
        """The largest value; 0 of none."""
        return float(self.values[-1]) if len(self.values) else 0.0
