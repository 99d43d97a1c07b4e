"""Clusters of wrong points: connected, apart from each other, the largest first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from volseg.errors import InputError
from volseg.view.spots import find_spots

SIDE = 7


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.floats(0.02, 0.6), reach=st.sampled_from([1.0, 0.25]))
def test_clusters_are_those_of_the_dense_grid(seed: int, share: float, reach: float) -> None:
    wrong = np.random.default_rng(seed).random((SIDE,) * 3) < share
    parts, _ = ndimage.label(wrong, structure=np.ones((3, 3, 3)))
    spots = find_spots((np.argwhere(wrong) + 0.5) * reach, reach)
    wanted = np.sort(np.bincount(parts.ravel())[1:])[::-1]
    assert [spot.count for spot in spots] == wanted.tolist()
    for spot in spots:
        cell = tuple(np.floor(spot.centre / reach).astype(int))
        assert wrong[cell]
        (box,) = ndimage.find_objects((parts == parts[cell]).astype(int))
        assert [side.stop - side.start for side in box] == (spot.sides / reach).tolist()


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_order_of_points_does_not_matter(seed: int) -> None:
    random = np.random.default_rng(seed)
    places = random.random((60, 3)) * 6 + 5e6
    one, other = find_spots(places, 1.0), find_spots(random.permutation(places), 1.0)
    assert [(a.count, tuple(a.centre), a.radius) for a in one] == [
        (b.count, tuple(b.centre), b.radius) for b in other
    ]
    assert sum(spot.count for spot in one) == 60


def test_the_largest_comes_first_and_is_framed() -> None:
    random = np.random.default_rng(0)
    small, large = random.random((30, 3)) + (50, 0, 0), random.random((200, 3)) * 3
    first, second = find_spots(np.vstack([small, large]), 1.0)
    assert (first.count, second.count) == (200, 30)
    assert np.ptp(large, axis=0) == pytest.approx(first.sides, abs=1.0)
    assert np.linalg.norm(first.centre - 1.5) < 0.9
    assert first.radius == pytest.approx(np.linalg.norm(first.sides) / 2)


def test_of_a_shell_a_wrong_place_is_shown_not_its_empty_middle() -> None:
    turns = np.linspace(0, 2 * np.pi, 200)
    ring = 10 * np.stack([np.cos(turns), np.sin(turns), np.zeros(200)], axis=1)
    (spot,) = find_spots(ring, 1.0)
    assert np.linalg.norm(ring - spot.centre, axis=1).min() < 1.0


def test_only_the_worst_are_named() -> None:
    places = np.arange(30.0)[:, None] * (10, 0, 0)
    assert len(find_spots(places, 1.0, most=7)) == 7
    assert len(find_spots(places, 1.0)) == 30


def test_nothing_wrong_has_no_spot() -> None:
    assert find_spots(np.zeros((0, 3)), 1.0) == []


def test_one_wrong_point_is_a_spot() -> None:
    (spot,) = find_spots(np.array([[4.5e6, 5.4e6, 7.0]]), 0.5)
    assert spot.count == 1
    assert np.linalg.norm(spot.centre - (4.5e6, 5.4e6, 7.0)) <= spot.radius


def test_a_reach_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="positive length"):
        find_spots(np.zeros((1, 3)), 0.0)
