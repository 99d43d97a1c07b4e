"""Objects found by their centres."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.metrics import Detection, match_centres

POINTS = st.lists(st.tuples(st.floats(0, 9), st.floats(0, 9)), max_size=12)


@given(POINTS, POINTS, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_all_are_counted(truth, predicted, random) -> None:
    sides = [np.array(side, dtype=float).reshape(-1, 2) for side in (truth, predicted)]
    found = match_centres(sides[0], sides[1], 1.5)
    assert (found.tp + found.fn, found.tp + found.fp) == (len(truth), len(predicted))
    mixed = [side[random.sample(range(len(side)), len(side))] for side in sides]
    assert match_centres(mixed[0], mixed[1], 1.5) == found


def test_nearest_pairs_go_first() -> None:
    truth, predicted = np.array([[0.0], [2.0]]), np.array([[1.9], [3.5]])
    assert match_centres(truth, predicted, 2) == Detection(1, 1, 1)
    assert match_centres(truth, predicted, 3.5) == Detection(2, 0, 0)


def test_counts_add_up_to_scores() -> None:
    counts = Detection(2, 1, 0) + Detection(1, 0, 2)
    assert (counts.precision, counts.recall, counts.f1) == (3 / 4, 3 / 5, 2 / 3)
    assert Detection(0, 3, 0).f1 == Detection(0, 0, 3).precision == 0
    assert math.isnan(Detection().f1)


def test_wrong_values_are_one_line() -> None:
    with pytest.raises(InputError, match="a distance of 0; wanted more than 0"):
        match_centres(np.zeros((1, 2)), np.zeros((1, 2)), 0)
    with pytest.raises(InputError, match="wanted the same axes"):
        match_centres(np.zeros((1, 2)), np.zeros((1, 3)), 1)
