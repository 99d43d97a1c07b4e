"""Objects found by their centres, as foresters count trees."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.metrics.matching import greedy

Centres = NDArray[np.float64]


@dataclass(frozen=True)
class Detection:
    """How many objects were found within a distance; counts of several cases may be added.

    Attributes:
        tp: pairs of a truth object and a predicted one.
        fp: predictions without a partner.
        fn: truth objects without a partner.
    """

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: Detection) -> Detection:
        return Detection(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """``TP / (TP + FP)``; 0 where nothing was predicted, NaN where nothing is there."""
        return self._ratio(self.tp, self.tp + self.fp)

    @property
    def recall(self) -> float:
        """``TP / (TP + FN)``; 0 where the truth has none, NaN where nothing was predicted."""
        return self._ratio(self.tp, self.tp + self.fn)

    @property
    def f1(self) -> float:
        """``2 TP / (2 TP + FP + FN)``; NaN where neither side has an object."""
        return self._ratio(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    def _ratio(self, hits: int, total: int) -> float:
        return hits / max(total, 1) if self.tp + self.fp + self.fn else math.nan


def match_centres(truth: Centres, predicted: Centres, distance: float) -> Detection:
    """Pair centres that are within a distance, nearest first, each at most once.

    >>> vs.metrics.match_centres(np.array([[0.0, 0], [9, 0]]), np.array([[1.0, 0]]), 2)
    Detection(tp=1, fp=0, fn=1)

    Args:
        truth: float64 (N, nd), centres of one class; in plan (nd = 2) for trees.
        predicted: float64 (M, nd), likewise.
        distance: the farthest apart that two of a pair may be, in the centres' unit.

    Raises:
        InputError: if the distance is not positive, or the centres have other axes.
    """
    if not 0 < distance < math.inf:
        raise InputError(f"a distance of {distance}; wanted more than 0")
    if truth.shape[1:] != predicted.shape[1:]:
        raise InputError(
            f"centres of shape {truth.shape} and {predicted.shape}; wanted the same axes"
        )
    if not len(truth) or not len(predicted):
        return Detection(0, len(predicted), len(truth))
    from scipy.spatial import cKDTree

    near = cKDTree(truth).sparse_distance_matrix(
        cKDTree(predicted), distance, output_type="ndarray"
    )
    best = near[np.lexsort((near["j"], near["i"], near["v"]))]
    pairs = int(greedy(best["i"].astype(np.int64), best["j"].astype(np.int64)).sum())
    return Detection(pairs, len(predicted) - pairs, len(truth) - pairs)
