"""Classes of raw ids: one entry a class, whatever arrays hold them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry import LabelClass, LabelMap
from volseg.view.classes import IGNORED, Classes
from volseg.view.palette import id_colour

LABELS = LabelMap(
    (LabelClass("ground", (2, 11), "#102030"), LabelClass("tree", (5,), "#40FF60")), ignore=(0,)
)


@given(st.lists(st.integers(-5, 300), min_size=1, max_size=40))
def test_every_id_has_the_entry_that_names_it(ids: list[int]) -> None:
    array = np.array(ids)
    classes = Classes.of([array], None, asprs=False)
    names = [classes.entries[code].name for code in classes.codes(array)]
    assert names == [str(one) for one in ids]
    assert [tuple(one) for one in classes.colours[classes.codes(array)].tolist()] == [
        id_colour(one) for one in ids
    ]


def test_prediction_and_truth_share_their_entries() -> None:
    classes = Classes.of([np.array([[2, 5]]), np.array([6])], None, asprs=True)
    assert [entry.name for entry in classes.entries] == [
        "2  ground",
        "5  high vegetation",
        "6  building",
    ]
    assert classes.codes(np.array([[6, 2]])).tolist() == [[2, 0]]


def test_a_label_map_gives_names_and_says_what_is_ignored() -> None:
    classes = Classes.of([np.array([11, 0, 5, 2])], LABELS, asprs=False)
    assert [entry.name for entry in classes.entries] == ["ground", "tree", "ignored"]
    assert classes.codes(np.array([11, 0, 5, 2])).tolist() == [0, 2, 1, 0]
    assert classes.colours[2].tolist() == list(IGNORED)
    assert (classes.ignored, classes.background) == ({2}, {0})
    assert classes.name(11) == "ground"


def test_an_id_outside_the_label_map_is_refused() -> None:
    with pytest.raises(InputError, match="class id 9"):
        Classes.of([np.array([2, 9])], LABELS, asprs=False)


def test_nothing_has_no_class() -> None:
    assert Classes.of([], None, asprs=False).entries == ()
