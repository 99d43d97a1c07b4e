"""Panoptic quality and its kin: how well objects are found, of every class."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.metrics.matching import FALSE, MISSED, PLAIN, Matching, Rules, match
from volseg.metrics.means import mean_over
from volseg.metrics.overlaps import Ints, Overlaps, segment_keys

THRESHOLDS = tuple(range(50, 100, 5))
"""Thresholds of IoU, in hundredths, that the mean of average precision is over."""
Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PanopticScores:
    """Scores of K classes, each a fraction of 1; stuff is one segment a case.

    Pairs of one class match where their IoU is above 0.5. With TP pairs, FP predictions and FN
    truth objects without a partner: SQ is the mean IoU of the pairs, RQ (the F1 score)
    ``2 TP / (2 TP + FP + FN)``, and PQ their product. A class absent from truth and prediction
    has NaN throughout, a class in one of them only has 0.

    Attributes:
        pq: float64 (K,), panoptic quality.
        sq: float64 (K,), segmentation quality; 0 where a class has no pair.
        rq: float64 (K,), recognition quality, which is F1 at an IoU above 0.5.
        precision: float64 (K,), ``TP / (TP + FP)``.
        recall: float64 (K,), ``TP / (TP + FN)``.
        ap: float64 (K, 10), ``TP / (TP + FP + FN)`` at IoU above .5, .55 ... .95, the "average
            precision" of microscopy.
        coverage: float64 (K,), mean over truth objects of the best IoU any prediction has.
        tp: int64 (K,), pairs that match.
        fp: int64 (K,), predictions without a partner.
        fn: int64 (K,), truth objects without a partner.
        missed: int64 (K,), truth objects where there is no object in the prediction.
        false: int64 (K,), predictions where there is no object in truth.
        split: int64 (K,), truth objects that are several in the prediction.
        merged: int64 (K,), predictions that are several in truth.
        counted: bool (K,), which classes the means are over: those that the truth has.
    """

    pq: Floats
    sq: Floats
    rq: Floats
    precision: Floats
    recall: Floats
    ap: Floats
    coverage: Floats
    tp: Int64s
    fp: Int64s
    fn: Int64s
    missed: Int64s
    false: Int64s
    split: Int64s
    merged: Int64s
    counted: NDArray[np.bool_]

    @property
    def f1(self) -> Floats:
        """F1 at an IoU above 0.5, which is ``rq``."""
        return self.rq

    @property
    def ap50(self) -> Floats:
        """``TP / (TP + FP + FN)`` at an IoU above 0.5, float64 (K,)."""
        return self.ap[:, 0]

    @property
    def mean_ap(self) -> Floats:
        """Mean of ``ap`` over the ten thresholds, float64 (K,)."""
        mean: Floats = self.ap.mean(axis=1)
        return mean

    def mean(self, score: str = "pq", classes: Collection[int] | None = None) -> float:
        """The mean of a score over the classes that count, or those of some that do.

        NaN where none does.
        """
        chosen = self.counted.copy()
        if classes is not None:
            chosen &= np.isin(np.arange(len(chosen)), list(classes))
        return mean_over(getattr(self, score), chosen)


class Panoptic:
    """Objects of truth and prediction, compared case by case and gathered in a stream.

    >>> objects = vs.metrics.Panoptic(2, things=[1])
    >>> truth, ids = np.array([0, 1, 1, 1, 1, 1]), np.array([0, 1, 1, 1, 2, 2])
    >>> objects.update(truth, ids, np.array([0, 0, 1, 1, 1, 1]), np.array([0, 0, 7, 7, 9, 9]))
    >>> objects.scores().pq.round(3).tolist()
    [0.0, 0.833]

    A prediction of `IGNORE` on a labelled cell is a miss. Cells whose truth is `IGNORE` are
    taken out of every union, and a prediction without a partner that is mostly such is no error.
    Every threshold asks for an IoU *above* it; tools that take *at least* (StarDist's
    ``matching``) differ where an IoU is the threshold to the bit.

    Attributes:
        num_classes: number of classes, K.
        things: bool (K,), which classes have objects.
        cases: the table of every case, by its name.

    Raises:
        InputError: if there is no class, or a thing is none of them.
    """

    def __init__(self, num_classes: int, things: Collection[int]) -> None:
        if num_classes < 1:
            raise InputError(f"objects of {num_classes} classes; wanted at least one")
        wrong = sorted(set(things) - set(range(num_classes)))
        if wrong:
            raise InputError(f"class {wrong[0]} as a thing; wanted 0 to {num_classes - 1}")
        self.num_classes = num_classes
        self.things: NDArray[np.bool_] = np.isin(np.arange(num_classes), list(things))
        self.cases: dict[str, Overlaps] = {}

    def update(
        self,
        truth: Ints,
        truth_ids: Ints,
        predicted: Ints,
        predicted_ids: Ints,
        *,
        case: str | None = None,
    ) -> None:
        """Count the cells of a case, or of one tile of it.

        Args:
            truth: training ids in ``[-1, K)``, integers of any one shape.
            truth_ids: objects' ids of the same shape, 0 for none.
            predicted: training ids, likewise.
            predicted_ids: objects' ids, likewise.
            case: what the tile belongs to; a case of its own where there is no name.

        Raises:
            InputError: if the shapes differ, or a class or an id is out of range; nothing is
                counted then.
        """
        rows = _keys("truth", truth, truth_ids, self.things)
        columns = _keys("prediction", predicted, predicted_ids, self.things)
        tile = Overlaps()
        tile.update(rows, columns)
        self.add(tile, case)

    def add(self, overlaps: Overlaps, case: str | None = None) -> None:
        """Add a table of one tile or case; a case of its own where there is no name."""
        name = f"case {len(self.cases) + 1}" if case is None else case
        self.cases.setdefault(name, Overlaps()).merge(overlaps)

    def merge(self, other: Panoptic) -> None:
        """Add another stream's cases to these; of equal names they are one case.

        Raises:
            InputError: if the other has other classes or things.
        """
        if not np.array_equal(self.things, other.things):
            raise InputError("cannot merge objects of other classes; wanted the same classes")
        for name, overlaps in other.cases.items():
            self.add(overlaps, name)

    def matching(self, case: str, rules: Rules = PLAIN) -> Matching:
        """The objects of one case side by side.

        Raises:
            InputError: if there is no such case.
        """
        if case not in self.cases:
            raise InputError(f"no case {case!r}; wanted one of {', '.join(self.cases) or 'none'}")
        return match(self.cases[case], self.things, rules)

    def scores(self, case: str | None = None, *, rules: Rules = PLAIN) -> PanopticScores:
        """Scores of one case, or of all: their pairs and errors added up.

        Raises:
            InputError: if there is no such case.
        """
        counts = np.zeros((_ROWS, self.num_classes))
        for name in self.cases if case is None else (case,):
            counts += _counted(self.matching(name, rules), self.num_classes)
        return _scores(counts, rules)


_ROWS = 6 + 3 * len(THRESHOLDS)


def _keys(side: str, classes: Ints, ids: Ints, things: NDArray[np.bool_]) -> Int64s:
    try:
        return segment_keys(classes, ids, things)
    except InputError as error:
        raise InputError(f"{side}: {error.message}") from None


def _counted(pairs: Matching, classes: int) -> Floats:
    """What a case adds to the scores, one column a class."""
    truth, predicted = pairs.truth.classes, pairs.predicted.classes
    best = np.zeros(len(truth))
    np.maximum.at(best, pairs.rows, pairs.iou)
    fates = pairs.fates
    missed, false = pairs.truth.counted & (fates[0] == MISSED), fates[1] == FALSE

    def count(of: Int64s, weights: NDArray[Any]) -> Floats:
        return np.bincount(of, weights, classes).astype(np.float64)

    matched = pairs.matched()
    rows = [
        count(truth[pairs.rows[matched]], pairs.iou[matched]),
        count(truth, np.where(pairs.truth.counted, best, 0)),
        count(truth, missed),
        count(predicted, pairs.predicted.counted & false),
        count(truth, pairs.split),
        count(predicted, pairs.merged),
    ]
    for percent in THRESHOLDS:
        matched = pairs.matched(percent)
        without_truth = pairs.predicted.counted.copy()
        without_truth[pairs.columns[matched]] = False
        without_prediction = pairs.truth.counted.copy()
        without_prediction[pairs.rows[matched]] = False
        hits = count(truth[pairs.rows], matched)
        rows += [hits, count(predicted, without_truth), count(truth, without_prediction)]
    return np.stack(rows)


def _scores(counts: Floats, rules: Rules) -> PanopticScores:
    iou, best, missed, false, split, merged = counts[:6]
    tps, fps, fns = (counts[6 + k :: 3] for k in range(3))
    tp, fp, fn = tps[0], fps[0], fns[0]
    fill = 0.0 if rules.absent == "zero" else np.nan
    there = tps + fps + fns > 0

    def ratio(hits: Floats, total: Floats, row: int = 0) -> Floats:
        return np.where(there[row], hits / np.maximum(total, 1), fill)

    sq, rq = ratio(iou, tp), ratio(2 * tp, 2 * tp + fp + fn)
    return PanopticScores(
        pq=sq * rq,
        sq=sq,
        rq=rq,
        precision=ratio(tp, tp + fp),
        recall=ratio(tp, tp + fn),
        ap=np.stack([ratio(tps[k], tps[k] + fps[k] + fns[k], k) for k in range(len(tps))], axis=1),
        coverage=ratio(best, tp + fn),
        **{
            name: values.astype(np.int64)
            for name, values in zip(
                ("tp", "fp", "fn", "missed", "false", "split", "merged"),
                (tp, fp, fn, missed, false, split, merged),
                strict=True,
            )
        },
        counted=np.full(len(tp), True) if rules.absent == "zero" else tp + fn > 0,
    )
