"""A confusion as it is drawn: what pictures and pages show of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volseg.metrics.confusion import Confusion


@dataclass(frozen=True, eq=False)
class ConfusionTable:
    """A row per true class, a column per predicted one.

    Attributes:
        rows: names of the K classes.
        columns: the same names, and ``no class`` where some prediction is of none.
        counts: int64 (K, number of columns), points or voxels.
        shares: float64 of the same shape, shares of each row's truth; NaN where the truth lacks
            the class.
    """

    rows: Sequence[str]
    columns: Sequence[str]
    counts: NDArray[np.int64]
    shares: NDArray[np.float64]

    @classmethod
    def of(cls, names: Sequence[str], confusion: Confusion) -> ConfusionTable:
        """The table of a confusion of as many classes as there are names."""
        columns = [*names, "no class"] if confusion.counts[:, -1].any() else list(names)
        counts = confusion.counts[:, : len(columns)]
        totals = counts.sum(axis=1, keepdims=True)
        shares = np.where(totals > 0, counts / np.maximum(totals, 1), np.nan)
        return cls(names, columns, counts, shares)
