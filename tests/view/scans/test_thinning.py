"""Thinning: as many points as asked for, everywhere, the same at every call."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.view.scans.thinning import spacing, thin


@settings(max_examples=40, deadline=None)
@given(
    count=st.integers(1, 3000),
    most=st.integers(1, 3000),
    sides=st.tuples(*[st.sampled_from([0.0, 1.0, 80.0])] * 3),
)
def test_as_many_as_asked_for_and_no_other(
    count: int, most: int, sides: tuple[float, float, float]
) -> None:
    xyz = np.random.default_rng(count).random((count, 3)) * sides + 5e6
    index = thin(xyz, most)
    assert len(index) == min(count, most)
    assert (np.diff(index) > 0).all()
    assert (index == thin(xyz, most)).all()
    assert index[0] >= 0
    assert index[-1] < count


def test_dense_places_lose_their_surplus_first() -> None:
    random = np.random.default_rng(0)
    dense = random.random((90_000, 3)) * (10, 10, 0)
    sparse = random.random((1_000, 3)) * (100, 100, 0) + (10, 10, 0)
    kept = thin(np.vstack([dense, sparse]), 10_000)
    assert (kept >= 90_000).mean() > 0.08
    assert (kept >= 90_000).sum() > 800


def test_far_strays_do_not_change_where_points_stay() -> None:
    random = np.random.default_rng(1)
    scene = random.random((50_000, 3)) * (20, 20, 1)
    strays = np.array([[1e9, 0, 0], [0, 0, -1e12]])
    kept = thin(np.vstack([scene, strays]), 5_000)
    taken = np.histogram2d(*scene[kept[kept < 50_000], :2].T, bins=20)[0]
    assert taken.min() > 0


@pytest.mark.parametrize("flat", [0, 1, 2])
@pytest.mark.parametrize("distance", [0.01, 3.0])
def test_spacing_is_that_of_a_lattice(flat: int, distance: float) -> None:
    grid = np.insert(np.argwhere(np.ones((150, 90))) * distance, flat, 7.0, axis=1)
    assert spacing(grid) == pytest.approx(distance, rel=0.1)


def test_spacing_leaves_empty_ground_out() -> None:
    random = np.random.default_rng(2)
    streets = np.vstack([
        random.random((20_000, 3)) * (100, 4, 0), random.random((20_000, 3)) * (4, 100, 0)
    ])  # fmt: skip
    assert spacing(streets) == pytest.approx(np.sqrt(800 / 40_000), rel=0.4)


@pytest.mark.parametrize("count", [1, 5])
def test_points_in_one_place_have_some_spacing(count: int) -> None:
    assert spacing(np.full((count, 3), 6e6)) == 1.0


def test_points_on_a_line_are_as_far_apart_as_they_are() -> None:
    line = np.arange(1000.0)[:, None] * (0, 0.5, 0)
    assert spacing(line) == pytest.approx(0.5, rel=0.1)
