"""Scores of a run fold by fold, and how far the folds differ."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from volseg.evaluate.volumes.scores import CaseScores
from volseg.evaluate.volumes.summary import Summary, plain, summarize
from volseg.io.tables import csv_text

COLUMNS = (
    "cases", "dice", "dice_sd", "pooled_dice", "iou", "hd95", "hd95_median", "surface_dice",
    "true_volume", "predicted_volume", "missed", "invented",
)  # fmt: skip
ALL, MEAN, SPREAD = "all", "mean of folds", "sd of folds"


def summarize_folds(
    cases: Sequence[CaseScores], folds: Mapping[str, str]
) -> dict[str, dict[str, Summary]]:
    """Every class of every fold, as `summarize` has it for all cases.

    Args:
        cases: scores of the cases.
        folds: the fold of every case, by their names.
    """
    return {
        fold: summarize([case for case in cases if folds[case.name] == fold])
        for fold in sorted({folds[case.name] for case in cases})
    }


def spread_of(summaries: Sequence[Summary], figure: str) -> tuple[float, float]:
    """Mean and standard deviation (of all of them, not a sample) of a figure over folds.

    Folds that do not have it are left out; NaN where none has, or where it is infinite in one.
    """
    values = np.array([getattr(one, figure) for one in summaries], dtype=np.float64)
    values = values[~np.isnan(values)]
    if not len(values):
        return math.nan, math.nan
    spread = float(values.std()) if np.isfinite(values).all() else math.nan
    return float(values.mean()), spread


def summary_csv(cases: Sequence[CaseScores], folds: Mapping[str, str]) -> str:
    """A row a fold and class; then of all cases together, and mean and deviation over folds.

    Args:
        cases: scores of the cases.
        folds: the fold of every case; empty where there are none.
    """
    unit = cases[0].unit
    header = ("fold", "class", *COLUMNS, "unit")
    return csv_text(header, ((*row, unit) for row in _rows(cases, folds)))


def _rows(cases: Sequence[CaseScores], folds: Mapping[str, str]) -> Iterator[tuple[Any, ...]]:
    by_fold = summarize_folds(cases, folds) if folds else {}
    for fold, classes in (*by_fold.items(), (ALL, summarize(cases))):
        for name, one in classes.items():
            yield fold, name, *plain({column: getattr(one, column) for column in COLUMNS}).values()
    if len(by_fold) < 2:
        return
    for place, called in enumerate((MEAN, SPREAD)):
        for name in cases[0].classes:
            held = [classes[name] for classes in by_fold.values()]
            spreads = {column: spread_of(held, column)[place] for column in COLUMNS}
            yield called, name, *plain(spreads).values()
