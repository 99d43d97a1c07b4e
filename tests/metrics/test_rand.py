"""Rand scores and the variation of information."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.metrics import Overlaps, rand_scores, segment_keys

THING = np.array([True])
Ids = list[tuple[int, int]]


def table_of(truth: list[int], predicted: list[int]) -> Overlaps:
    table, zeros = Overlaps(), np.zeros(len(truth), np.int64)
    table.update(
        segment_keys(zeros, np.array(truth), THING), segment_keys(zeros, np.array(predicted), THING)
    )
    return table


@given(st.lists(st.tuples(st.integers(1, 4), st.integers(0, 4)), min_size=2, max_size=30))
def test_pairs_counted_one_by_one(cells: Ids) -> None:
    truth, predicted = np.array(cells).T
    pairs = np.triu_indices(len(cells), 1)
    in_truth = truth[pairs[0]] == truth[pairs[1]]
    in_prediction = predicted[pairs[0]] == predicted[pairs[1]]
    scores = rand_scores(table_of(truth.tolist(), predicted.tolist()))
    both = (in_truth & in_prediction).sum()
    if in_truth.any():
        assert scores.recall == pytest.approx(both / in_truth.sum())
    if in_prediction.any():
        assert scores.precision == pytest.approx(both / in_prediction.sum())


def test_figures_of_scikit_image() -> None:
    """What scikit-image 0.26 says, which names precision and recall the other way round."""
    truth = [1] * 6 + [2] * 5 + [3] * 4
    predicted = [7] * 4 + [8] * 2 + [9] * 8 + [0]
    scores = rand_scores(table_of(truth, predicted))
    assert scores.error == pytest.approx(0.3939393939393939)
    assert scores.recall == pytest.approx(0.6451612903225806)
    assert scores.precision == pytest.approx(0.5714285714285714)
    assert (scores.split, scores.merge) == pytest.approx((0.58365917, 0.50903147))


def test_split_and_merge_are_told_apart() -> None:
    split, merged = table_of([1] * 4, [1, 1, 2, 2]), table_of([1, 1, 2, 2], [1] * 4)
    assert (rand_scores(split).split, rand_scores(split).merge) == (1, 0)
    assert (rand_scores(merged).split, rand_scores(merged).merge) == (0, 1)
    assert rand_scores(split).precision == rand_scores(merged).recall == 1


def test_background_of_the_truth_counts_nowhere() -> None:
    assert rand_scores(table_of([0, 0, 1, 1], [5, 6, 5, 5])).error == 0
    with pytest.raises(InputError, match="no object in the truth"):
        rand_scores(table_of([0, 0], [1, 1]))
