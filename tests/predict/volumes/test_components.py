"""The largest component of a class stays; nothing else of it does."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from volseg.predict.volumes.components import LEAST_PERSONS, gains_surely, keep_largest

ORGAN, OTHER = 7, 3


def test_one_of_two_stays() -> None:
    labels = np.zeros((8, 8, 8), dtype=np.int16)
    labels[0, 0, 0] = ORGAN
    labels[3:5, 3:5, 3:5] = ORGAN
    labels[7, 7, 7] = OTHER
    wanted = labels.copy()
    wanted[0, 0, 0] = 1
    keep_largest(labels, (ORGAN,), 1)
    np.testing.assert_array_equal(labels, wanted)


def test_corners_connect_and_ids_of_one_class_are_one() -> None:
    labels = np.zeros((4, 4, 4), dtype=np.uint8)
    labels[0, 0, 0], labels[1, 1, 1] = ORGAN, OTHER
    before = labels.copy()
    keep_largest(labels, (ORGAN, OTHER), 0)
    np.testing.assert_array_equal(labels, before)


def test_a_view_of_an_array_is_changed_in_place() -> None:
    labels = np.zeros((5, 6, 7), dtype=np.uint8)
    labels[0, :3, 0] = labels[4, 5, 6] = ORGAN
    keep_largest(labels.transpose(2, 0, 1)[::-1], (ORGAN,), 0)
    assert labels.sum() == 3 * ORGAN
    assert labels[4, 5, 6] == 0


@settings(max_examples=30, deadline=None)
@given(hnp.arrays(np.int8, (4, 5, 3), elements=st.integers(0, 2)))
def test_what_stays_is_stable_and_nothing_else_changes(labels: NDArray[np.int8]) -> None:
    kept = labels.copy()
    keep_largest(kept, (1,), 0)
    assert ((kept == labels) | ((labels == 1) & (kept == 0))).all()
    assert (kept == 1).any() == (labels == 1).any()
    again = kept.copy()
    keep_largest(again, (1,), 0)
    np.testing.assert_array_equal(again, kept)


def gains(*of: float) -> dict[str, list[float]]:
    return {f"p{number}": [one] for number, one in enumerate(of)}


class TestGains:
    def test_a_gain_everywhere_is_sure(self) -> None:
        assert gains_surely(gains(*np.linspace(0.01, 0.05, 20)))

    def test_a_lost_heart_in_four_of_eight_is_not(self) -> None:
        assert not gains_surely(gains(*[0.02] * 4, *[-0.4] * 4))
        assert not gains_surely(gains(*[0.02] * 40, *[-0.4]))

    def test_a_mean_gain_that_one_person_makes_is_not(self) -> None:
        assert not gains_surely(gains(*[0.0] * 19, 0.9))

    def test_few_persons_prove_nothing_however_many_cases(self) -> None:
        assert gains_surely(gains(*[0.1] * LEAST_PERSONS))
        assert not gains_surely(gains(*[0.1] * (LEAST_PERSONS - 1)))
        assert not gains_surely({"a": [0.1] * 50, "b": [0.1] * 50})

    def test_no_gain_is_none(self) -> None:
        assert not gains_surely(gains(*[0.0] * 20))
        assert not gains_surely({f"p{number}": [] for number in range(20)})
