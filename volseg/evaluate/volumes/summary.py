"""What the scores of many cases add up to, on one page and in files."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from volseg.evaluate.volumes.scores import CaseScores, ClassScore
from volseg.io.tables import csv_text
from volseg.metrics.confusion import Confusion
from volseg.metrics.means import known, mean_known, mean_over

COLUMNS = (
    "dice", "iou", "predicted_volume", "true_volume", "unit", "hd95", "surface_dice"
)  # fmt: skip


@dataclass(frozen=True)
class Summary:
    """A class over all cases, or the mean over classes.

    Cases with the class in neither truth nor prediction are left out; where no case is left,
    figures are NaN.

    Attributes:
        cases: in how many cases the class is in truth or prediction.
        dice: mean of the cases' Dice.
        dice_sd: its standard deviation over the cases (of all of them, not a sample).
        pooled_dice: Dice of the voxels of all cases together.
        iou: mean of the cases' IoU.
        hd95: mean of the cases' HD95; infinite if the class is missed or invented in a case.
        hd95_median: median of the cases' HD95.
        surface_dice: mean of the cases' surface Dice.
        missed: in how many cases the class is in the truth and nowhere predicted.
        invented: in how many it is predicted and not in the truth.
        true_volume: mean of the true volumes of the cases, in their unit; NaN of a mean of classes.
        predicted_volume: mean of the predicted ones, likewise.
    """

    cases: int
    dice: float
    dice_sd: float
    pooled_dice: float
    iou: float
    hd95: float
    hd95_median: float
    surface_dice: float
    missed: int
    invented: int
    true_volume: float = math.nan
    predicted_volume: float = math.nan

    @property
    def in_truth(self) -> bool:
        """Whether the truth of any case has the class; the mean over classes is over such."""
        return self.cases > self.invented


def summarize(cases: Sequence[CaseScores]) -> dict[str, Summary]:
    """Every class over all cases, by name; every case has every class."""
    return {name: _summary([case.classes[name] for case in cases]) for name in cases[0].classes}


def average(classes: dict[str, Summary], leave_out: str | None) -> Summary:
    """Means over classes, and counts of all of them, without one (the background).

    Means leave out too what the truth of no case has, predicted or not: it can score nothing but
    0. Its counts are included. The deviation over cases has no mean: it is NaN.
    """
    kept = [summary for name, summary in classes.items() if name != leave_out]
    in_truth = np.array([summary.in_truth for summary in kept], dtype=bool)

    def mean(figure: str) -> float:
        figures = np.array([getattr(summary, figure) for summary in kept], dtype=np.float64)
        return mean_over(figures, in_truth & ~np.isnan(figures))

    return Summary(
        cases=max((summary.cases for summary in kept), default=0),
        dice=mean("dice"),
        dice_sd=math.nan,
        pooled_dice=mean("pooled_dice"),
        iou=mean("iou"),
        hd95=mean("hd95"),
        hd95_median=mean("hd95_median"),
        surface_dice=mean("surface_dice"),
        missed=sum(summary.missed for summary in kept),
        invented=sum(summary.invented for summary in kept),
    )


def pool(cases: Sequence[CaseScores]) -> tuple[Confusion | None, list[Confusion]]:
    """All voxels together: the confusion of all classes, and that of each against all else.

    There is none of all classes where they are regions that overlap.
    """
    wholes = [case.confusion for case in cases if case.confusion is not None]
    whole = _merged(wholes) if wholes else None
    return whole, [
        _merged([case.classes[name].confusion for case in cases]) for name in cases[0].classes
    ]


def to_json(
    cases: Sequence[CaseScores], leave_out: str | None, tolerance: float | None
) -> dict[str, Any]:
    """All figures as plain values: NaN as None (JSON's null), infinity as ``"inf"``.

    Keys: ``classes`` (by name, as `Summary`), ``mean`` (as `average`), ``background`` (the class
    left out of it, or null), ``tolerance`` (of the surface Dice, null where surfaces were not
    measured) and ``cases`` (by name, then by class: as a row of `to_csv`).
    """
    summaries = summarize(cases)
    by_case: dict[str, dict[str, Any]] = {case.name: {} for case in cases}
    for case, name, row in _rows(cases):
        by_case[case][name] = plain(row)
    return {
        "classes": {name: plain(asdict(one)) for name, one in summaries.items()},
        "mean": plain(asdict(average(summaries, leave_out))),
        "background": leave_out,
        "tolerance": tolerance,
        "cases": by_case,
    }


def to_csv(cases: Sequence[CaseScores]) -> str:
    """One row a case and class; NaN is empty, infinity ``inf``."""
    rows = ((case, name, *plain(row).values()) for case, name, row in _rows(cases))
    return csv_text(("case", "class", *COLUMNS), rows)


def _rows(cases: Sequence[CaseScores]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for case in cases:
        for name, score in case.classes.items():
            row = {
                column: case.unit if column == "unit" else getattr(score, column)
                for column in COLUMNS
            }
            yield case.name, name, row


def _summary(scores: Sequence[ClassScore]) -> Summary:
    pooled = _merged([score.confusion for score in scores])
    dice = known(score.dice for score in scores)
    distances = known(score.hd95 for score in scores)
    volumes = [(score.true_volume > 0, score.predicted_volume > 0) for score in scores]
    having = [score for score, both in zip(scores, volumes, strict=True) if any(both)]
    return Summary(
        cases=len(having),
        dice=mean_known(dice),
        dice_sd=float(np.std(dice)) if dice else math.nan,
        pooled_dice=float(pooled.scores().dice[1]),
        iou=mean_known(score.iou for score in scores),
        hd95=mean_known(distances),
        hd95_median=float(np.median(distances)) if distances else math.nan,
        surface_dice=mean_known(score.surface_dice for score in scores),
        missed=volumes.count((True, False)),
        invented=volumes.count((False, True)),
        true_volume=mean_known(score.true_volume for score in having),
        predicted_volume=mean_known(score.predicted_volume for score in having),
    )


def _merged(confusions: Sequence[Confusion]) -> Confusion:
    total = Confusion(confusions[0].num_classes)
    for confusion in confusions:
        total.merge(confusion)
    return total


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same with None for NaN, and ``inf`` for infinity, which JSON and tables lack."""
    made = dict(values)
    for key, value in values.items():
        if isinstance(value, float) and not math.isfinite(value):
            made[key] = None if math.isnan(value) else "inf"
    return made
