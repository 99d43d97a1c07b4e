"""Means leave out what has no score, and nothing else."""

import math
import warnings

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from volseg.metrics.means import known, mean_known, mean_over, score_text

SCORES = st.lists(st.floats(0, 1) | st.just(math.nan) | st.just(math.inf), max_size=20)


@given(SCORES)
def test_means_are_numpys_without_its_warnings(values: list[float]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = mean_known(values)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = np.nanmean(np.array(values))
    np.testing.assert_allclose(found, wanted, rtol=1e-12)
    assert len(known(values)) == sum(value == value for value in values)


@given(SCORES)
def test_what_has_no_score_may_stand_anywhere(values: list[float]) -> None:
    scattered = [part for value in values for part in (math.nan, value, math.nan)]
    np.testing.assert_equal(mean_known(scattered), mean_known(values))


def test_a_class_that_the_truth_lacks_counts_in_no_mean() -> None:
    scores, in_truth = np.array([0.5, 0.0, 1.0]), np.array([True, False, True])
    assert mean_over(scores, in_truth) == 0.75
    assert mean_over(scores, ~(in_truth | True), empty=0.0) == 0.0
    assert math.isnan(mean_over(scores, np.zeros(3, dtype=bool)))


def test_a_score_or_a_dash() -> None:
    assert [score_text(value) for value in (0.12345, 1, math.nan, math.inf)] == [
        "0.123", "1.000", "-", "inf",
    ]  # fmt: skip
