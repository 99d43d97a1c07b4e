"""Colours of objects: one an object, another than its neighbours', grey where there is none."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from volseg.view.object_colours import NO_OBJECT, object_colours


@example(seed=0, count=140)  # an object's nearest need not have it among its own nearest
@given(seed=st.integers(0, 999), count=st.integers(2, 300))
@settings(max_examples=20, deadline=None)
def test_neighbours_are_told_apart(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    centres = random.uniform(0, 50, (count, 3))
    ids = np.arange(1, count + 1) * 7
    colours = object_colours(ids, centres)
    nearest = cKDTree(centres).query(centres, k=2)[1][:, 1]
    assert (colours != colours[nearest]).any(axis=1).all()


def test_an_object_has_one_colour_and_none_is_grey() -> None:
    ids = np.array([4, 0, 4, 2**32 - 1, 0])
    colours = object_colours(ids, np.random.default_rng(0).random((5, 3)))
    assert colours[0].tolist() == colours[2].tolist() != colours[3].tolist()
    assert [tuple(colour) for colour in colours[[1, 4]]] == [NO_OBJECT, NO_OBJECT]


def test_places_that_are_not_known_and_no_points_do_no_harm() -> None:
    assert object_colours(np.zeros(0, np.int64), np.zeros((0, 3))).shape == (0, 3)
    assert object_colours(np.array([1]), np.full((1, 3), np.nan)).shape == (1, 3)
