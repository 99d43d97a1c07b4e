"""The largest component of a class stays; nothing else of it does."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from volseg.inference.components import keep_largest

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
