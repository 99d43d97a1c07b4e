"""The confusion matrix of a report: shares of the truth, for any number of classes."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from volseg.metrics.confusion import Confusion
from volseg.report.charts.matrix import MOST_NAMED, matrix_chart
from volseg.report.results import ClassResult, Results


def results_of(confusion: Confusion | None, classes: int) -> Results:
    entries = tuple(
        ClassResult(f"<c{k}>", "#123456", *[math.nan] * 4, support=0) for k in range(classes)
    )
    return Results("scan", entries, (), math.nan, math.nan, confusion, None)


@pytest.mark.parametrize("classes", [1, 3, 12, 116])
@pytest.mark.parametrize("missed", [False, True])
def test_rows_are_shares_of_the_truth(classes: int, missed: bool) -> None:
    confusion = Confusion(classes)
    confusion.counts[:] = np.random.default_rng(classes).integers(0, 9, (classes, classes + 1))
    confusion.counts[0] = 0  # a class that the truth lacks
    confusion.counts[:, -1] *= missed
    chart = matrix_chart(results_of(confusion, classes))
    assert chart is not None
    json.dumps(chart.figure, allow_nan=False)
    rows = chart.figure["data"][0]["z"]
    has_missed = bool(confusion.counts[:, -1].any())
    assert (len(rows), len(rows[0])) == (classes, classes + has_missed)
    assert set(rows[0]) == {None}
    for row, counts in zip(rows, confusion.counts, strict=True):
        assert not counts.any() or sum(row) == pytest.approx(1, abs=1e-4)
    assert chart.figure["layout"]["xaxis"]["showticklabels"] == (classes <= MOST_NAMED)


def test_names_are_escaped_and_mistakes_said_in_words() -> None:
    confusion = Confusion(2)
    confusion.counts[:] = [[5, 3, 0], [0, 7, 2]]
    chart = matrix_chart(results_of(confusion, 2))
    assert chart is not None
    assert "3 points of <c0> were taken for <c1>." in chart.text
    assert "2 points of <c1> were taken for no class." in chart.text
    assert "&lt;c0&gt;" in str(chart.figure)
    assert "<c0>" not in str(chart.figure)


def test_regions_have_no_matrix() -> None:
    assert matrix_chart(results_of(None, 2)) is None
