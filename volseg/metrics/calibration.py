"""Whether a confidence of 0.8 is right eight times in ten."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 10


class Reliability:
    """Confidences and what came of them, counted in a stream.

    Bins are of equal width from 0 to 1; a confidence on a border counts in the upper bin.

    Attributes:
        counts: predictions in every bin, int64 (`BINS`,).
        hits: how many of them were right, int64 (`BINS`,).
        sums: their confidences added up, float64 (`BINS`,).
    """

    def __init__(self) -> None:
        self.counts: NDArray[np.int64] = np.zeros(BINS, dtype=np.int64)
        self.hits: NDArray[np.int64] = np.zeros(BINS, dtype=np.int64)
        self.sums: NDArray[np.float64] = np.zeros(BINS)

    def update(self, confidence: NDArray[np.floating[Any]], right: NDArray[np.bool_]) -> None:
        """Count predictions: their confidence, (N,), and whether they were right, (N,).

        Confidences that are NaN count nowhere, others are clipped to 0 to 1.
        """
        known = ~np.isnan(confidence)
        sure = np.clip(confidence[known].astype(np.float64), 0.0, 1.0)
        bins = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
        self.counts += np.bincount(bins, minlength=BINS)
        self.hits += np.bincount(bins[right[known]], minlength=BINS)
        self.sums += np.bincount(bins, weights=sure, minlength=BINS)

    @property
    def accuracy(self) -> NDArray[np.float64]:
        """The share of right predictions in every bin, NaN where there are none, (`BINS`,)."""
        return _ratio(self.hits, self.counts)

    @property
    def confidence(self) -> NDArray[np.float64]:
        """The mean confidence in every bin, NaN where there is none, (`BINS`,)."""
        return _ratio(self.sums, self.counts)

    @property
    def error(self) -> float:
        """Expected calibration error (Guo et al. 2017); NaN without a prediction.

        The mean over all predictions of the distance between accuracy and confidence of a bin.
        """
        if not self.counts.any():
            return float("nan")
        gaps = np.nan_to_num(np.abs(self.accuracy - self.confidence))
        return float((gaps * self.counts).sum() / self.counts.sum())


def _ratio(part: NDArray[Any], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)
