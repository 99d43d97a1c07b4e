"""Truth objects and predicted ones side by side: which match, and what became of the others."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from volseg.metrics.overlaps import VOID, Int64s, Overlaps, class_of, id_of

Bools = NDArray[np.bool_]

FATES = ("found", "missed", "false", "split", "merged")
"""What becomes of an object: found; nothing is there; nothing is there in truth; one in truth
that is several in the prediction; several that are one."""
FOUND, MISSED, FALSE, SPLIT, MERGED = range(len(FATES))


@dataclass(frozen=True)
class Rules:
    """What counts as an object, and as an error.

    Attributes:
        min_cells: an unmatched segment of fewer cells is no error.
        loose: whether cells of a thing without an id are one segment more; else they are *void*
            to predictions of their class, and belong to no prediction.
        forgive_void: whether an unmatched prediction that is mostly void is no error.
        absent: what a class scores that neither truth nor prediction has: NaN, and no part of
            the mean; or ``"zero"``, which the mean counts.
    """

    min_cells: int = 0
    loose: bool = False
    forgive_void: bool = True
    absent: Literal["nan", "zero"] = "nan"


PLAIN = Rules()
"""As COCO's panoptic evaluator has it."""
SEMANTIC_KITTI = Rules(min_cells=30, loose=True, forgive_void=False, absent="zero")
"""As SemanticKITTI's own evaluator has it, with its ``min_points`` of 30."""


@dataclass(frozen=True, eq=False)
class Segments:
    """The segments of one side.

    Attributes:
        keys: int64 (N,), ascending.
        sizes: int64 (N,), cells, of predictions those whose truth is not void.
        counted: bool (N,), whether it is an error where nothing matches it.
    """

    keys: Int64s
    sizes: Int64s
    counted: Bools

    @property
    def classes(self) -> Int64s:
        """Their training ids, int64 (N,)."""
        return class_of(self.keys)


@dataclass(frozen=True, eq=False)
class Matching:
    """Segments of truth and prediction, and the pairs of one class that share cells.

    Attributes:
        truth: the N truth segments.
        predicted: the M predicted segments.
        rows: int64 (P,), truth segments of the pairs.
        columns: int64 (P,), predicted segments of the pairs.
        shared: int64 (P,), cells the two have in common.
        union: int64 (P,), cells of either, void left out.
    """

    truth: Segments
    predicted: Segments
    rows: Int64s
    columns: Int64s
    shared: Int64s
    union: Int64s

    @property
    def iou(self) -> NDArray[np.float64]:
        """Intersection over union of the pairs, float64 (P,)."""
        return self.shared / self.union

    def matched(self, percent: int = 50) -> Bools:
        """Which pairs match: those with an IoU above a threshold in hundredths, bool (P,).

        From 50 up no segment has two. Below, pairs of larger IoU go first, and each takes both.
        """
        candidates = 100 * self.shared > percent * self.union
        if percent >= 50:
            return candidates
        matched = np.zeros(len(candidates), bool)
        pairs = np.flatnonzero(candidates)
        best = pairs[np.argsort(-self.iou[pairs], kind="stable")]
        matched[best[greedy(self.rows[best], self.columns[best])]] = True
        return matched

    @cached_property
    def fates(self) -> tuple[NDArray[np.int8], NDArray[np.int8]]:
        """What became of every segment, indices of `FATES`, int8 (N,) and (M,)."""
        matched = self.matched()
        inside = 2 * self.shared > self.predicted.sizes[self.columns]
        holding = 2 * self.shared > self.truth.sizes[self.rows]
        truth = np.full(len(self.truth.keys), MISSED, np.int8)
        predicted = np.full(len(self.predicted.keys), FALSE, np.int8)
        pieces = inside & self.split[self.rows]
        truth[self.rows[pieces]], predicted[self.columns[pieces]] = SPLIT, SPLIT
        members = holding & self.merged[self.columns]
        truth[self.rows[members]], predicted[self.columns[members]] = MERGED, MERGED
        truth[self.rows[matched]], predicted[self.columns[matched]] = FOUND, FOUND
        return truth, predicted

    @cached_property
    def split(self) -> Bools:
        """Truth objects that hold most of several predictions, matched or not, bool (N,)."""
        inside = 2 * self.shared > self.predicted.sizes[self.columns]
        return np.bincount(self.rows[inside], minlength=len(self.truth.keys)) > 1

    @cached_property
    def merged(self) -> Bools:
        """Predictions that hold most of several truth objects, matched or not, bool (M,)."""
        holding = 2 * self.shared > self.truth.sizes[self.rows]
        return np.bincount(self.columns[holding], minlength=len(self.predicted.keys)) > 1


def match(overlaps: Overlaps, things: Bools, rules: Rules = PLAIN) -> Matching:
    """Compare the segments of a case.

    Args:
        overlaps: the cells they share.
        things: bool (K,), which classes have objects.
        rules: what counts.
    """
    rows, columns, counts = overlaps.truth, overlaps.predicted, overlaps.counts
    loose_truth, loose_predicted = (_loose(keys, things, rules) for keys in (rows, columns))
    void = (rows == VOID) | (loose_truth & (class_of(rows) == class_of(columns)))
    is_truth, is_predicted = (rows != VOID) & ~loose_truth, (columns != VOID) & ~loose_predicted
    truth_keys, truth_sizes = _summed(rows, counts, is_truth)
    keys, areas = _summed(columns, counts, is_predicted)
    _, voids = _summed(columns, np.where(void, counts, 0), is_predicted)
    sizes = areas - voids
    forgiven = 2 * voids > areas if rules.forgive_void else np.zeros(len(keys), bool)
    truth = Segments(truth_keys, truth_sizes, truth_sizes >= rules.min_cells)
    predicted = Segments(keys, sizes, (sizes >= max(1, rules.min_cells)) & ~forgiven)
    paired = is_truth & is_predicted & (class_of(rows) == class_of(columns))
    row = np.searchsorted(truth_keys, rows[paired])
    column = np.searchsorted(keys, columns[paired])
    shared = counts[paired]
    union = truth_sizes[row] + sizes[column] - shared
    return Matching(truth, predicted, row, column, shared, union)


def greedy(rows: Int64s, columns: Int64s) -> Bools:
    """Of pairs, best first, those whose row and column no better pair has taken, bool (P,)."""
    taken: tuple[set[int], set[int]] = (set(), set())
    kept = np.zeros(len(rows), bool)
    for number, (row, column) in enumerate(zip(rows.tolist(), columns.tolist(), strict=True)):
        if row not in taken[0] and column not in taken[1]:
            kept[number] = True
            taken[0].add(row)
            taken[1].add(column)
    return kept


def _loose(keys: Int64s, things: Bools, rules: Rules) -> Bools:
    """Which keys are things without an id, where those are no segment."""
    if rules.loose:
        return np.zeros(len(keys), bool)
    return np.asarray(np.append(things, False)[class_of(keys)] & (id_of(keys) == 0))


def _summed(keys: Int64s, counts: Int64s, chosen: Bools) -> tuple[Int64s, Int64s]:
    """Each chosen key once, and the sum of its counts."""
    unique, inverse = np.unique(keys[chosen], return_inverse=True)
    return unique, np.bincount(inverse, counts[chosen], len(unique)).astype(np.int64)
