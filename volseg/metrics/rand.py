"""Scores of partitions, for cells that fill space: adapted Rand error, variation of information."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.metrics.overlaps import Int64s, Overlaps, id_of


@dataclass(frozen=True)
class RandScores:
    """How well a partition agrees with the truth, over all cells of its objects.

    Attributes:
        error: adapted Rand error, 1 minus the F score of pairs of cells; 0 is perfect.
        precision: of the pairs of cells that are together in the prediction, the share that is
            so in truth: low where objects were merged.
        recall: of the pairs that are together in truth, the share that is so in the prediction:
            low where objects were split.
        split: entropy of the prediction given the truth, in bits.
        merge: entropy of the truth given the prediction, in bits.
    """

    error: float
    precision: float
    recall: float
    split: float
    merge: float


def rand_scores(overlaps: Overlaps) -> RandScores:
    """Rand scores of one case, over the cells that have an object in truth.

    What is predicted without an id is one object more, as in the challenges of CREMI and SNEMI.

    >>> table = vs.metrics.Overlaps()
    >>> key = 1 << 32
    >>> table.update(np.array([1, 1, 2, 2]) + key, np.array([5, 5, 5, 6]) + key)
    >>> vs.metrics.rand_scores(table).recall
    0.5

    Raises:
        InputError: if no cell has an object in truth.
    """
    known = id_of(overlaps.truth) > 0
    counts = overlaps.counts[known].astype(np.float64)
    if not len(counts):
        raise InputError("no object in the truth; Rand scores want at least one")
    truth = _sums(overlaps.truth[known], counts)
    predicted = _sums(overlaps.predicted[known], counts)
    total = counts.sum()
    together, of_truth, of_prediction = (_pairs(c) for c in (counts, truth, predicted))
    precision = together / of_prediction if of_prediction else 1.0
    recall = together / of_truth if of_truth else 1.0
    both = precision + recall
    joint = _entropy(counts / total)
    return RandScores(
        error=1 - 2 * precision * recall / both if both else 1.0,
        precision=precision,
        recall=recall,
        split=max(0.0, joint - _entropy(truth / total)),
        merge=max(0.0, joint - _entropy(predicted / total)),
    )


def _sums(keys: Int64s, counts: NDArray[np.float64]) -> NDArray[np.float64]:
    inverse = np.unique(keys, return_inverse=True)[1]
    return np.bincount(inverse, counts).astype(np.float64)


def _pairs(counts: NDArray[np.float64]) -> float:
    """Pairs of cells, each with another, within the parts."""
    return float((counts * (counts - 1)).sum())


def _entropy(shares: NDArray[np.float64]) -> float:
    return float(-(shares * np.log2(shares)).sum())
