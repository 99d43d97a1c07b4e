"""Folds of a run, each with its own means, and how far these differ."""

from __future__ import annotations

import csv
import io
import math

import numpy as np
import pytest

from tests.evaluate.volumes.test_summary import CASES
from volseg.evaluate.volumes.by_fold import (
    spread_of,
    summarize_folds,
    summary_csv,
)
from volseg.evaluate.volumes.summary import summarize

FOLDS = {"a": "fold_0", "b": "fold_1", "c": "fold_0", "d": "fold_1"}


def test_every_fold_is_summed_up_as_if_it_were_all() -> None:
    by_fold = summarize_folds(CASES, FOLDS)
    np.testing.assert_equal(by_fold["fold_0"], summarize([CASES[0], CASES[2]]))
    np.testing.assert_equal(by_fold["fold_1"], summarize([CASES[1], CASES[3]]))
    mean, spread = spread_of([one["liver"] for one in by_fold.values()], "dice")
    assert (mean, spread) == pytest.approx((np.mean([0.95, 0.7]), np.std([0.95, 0.7])))
    assert all(map(math.isnan, spread_of([], "dice")))
    assert spread_of([one["tumour"] for one in by_fold.values()], "hd95")[0] == math.inf


def test_the_table_has_folds_then_all_then_their_spread() -> None:
    rows = list(csv.DictReader(io.StringIO(summary_csv(CASES, FOLDS))))
    names = ["fold_0", "fold_1", "all", "mean of folds", "sd of folds"]
    assert [row["fold"] for row in rows[::3]] == names
    by_name = {(row["fold"], row["class"]): row for row in rows}
    liver = by_name["all", "liver"]
    assert float(liver["true_volume"]) == pytest.approx(np.mean([0.1, 0.02, 0.05, 0.05]))
    assert liver["unit"] == "ml"
    assert float(by_name["sd of folds", "liver"]["dice"]) == pytest.approx(0.125)
    assert by_name["all", "tumour"]["hd95"] == "inf"
    assert by_name["sd of folds", "tumour"]["hd95"] == ""


def test_without_folds_it_has_all_cases_alone() -> None:
    rows = list(csv.DictReader(io.StringIO(summary_csv(CASES, {}))))
    assert [row["fold"] for row in rows] == ["all"] * 3
