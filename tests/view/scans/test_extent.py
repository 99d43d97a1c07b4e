"""Far outliers are left out, whatever they look like; what a scan merely extends to is not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.view.scans.extent import inliers, say_far

Points = NDArray[np.float64]
UTM = np.array([691_000.0, 5_334_000.0, 520.0])


def tile(count: int = 5000) -> Points:
    return np.random.default_rng(1).random((count, 3)) * (80, 50, 12) + UTM


def scattered(count: int, reach: float) -> Points:
    """Directions at random, all at least as far away as the reach."""
    random = np.random.default_rng(2)
    ways = random.normal(size=(count, 3))
    far = reach * (1 + random.random((count, 1)))
    return UTM + ways / np.abs(ways).max(axis=1, keepdims=True) * far


@pytest.mark.parametrize(
    "outliers",
    [
        scattered(1, 9000),
        scattered(25, 400),
        scattered(500, 5e4),
        np.zeros((600, 3)),  # returns without a place, a tenth of all
        UTM + np.random.default_rng(3).random((40, 3)) + (0, 0, -700),  # a cluster below
        np.full((3, 3), np.nan),
        np.array([[np.inf, 0, 0], [0, -np.inf, 0]]),
    ],
    ids=["one", "many", "a tenth", "origin", "cluster", "nan", "infinite"],
)
def test_outliers_are_left_out_and_nothing_else(outliers: Points) -> None:
    kept = inliers(np.concatenate([tile(), outliers]))
    assert kept[:5000].all()
    assert not kept[5000:].any()


def test_a_point_among_few_is_left_out() -> None:
    assert inliers(np.concatenate([tile(30), [[0.0, 0, 0]]])).tolist() == [True] * 30 + [False]


def scanner() -> Points:
    """What a scanner that turns 1.7 m above a square sees of it and of facades up to 150 m off."""
    random = np.random.default_rng(0)
    down = random.uniform(np.deg2rad(0.65), np.pi / 2, 50_000)
    turn, away = random.uniform(0, 2 * np.pi, 50_000), 1.7 / np.tan(down)
    return np.stack([away * np.cos(turn), away * np.sin(turn), np.zeros(50_000)], axis=1)


def corridor() -> Points:
    return np.random.default_rng(0).random((5000, 3)) * (12_000, 20, 8)


def mast() -> Points:
    """A yard with a mast of a hundredth of its points, higher than the yard is wide."""
    high = np.zeros((60, 3)) + (10, 10, 0) + np.linspace(0, 45, 60)[:, None] * (0, 0, 1)
    return np.concatenate([np.random.default_rng(0).random((6000, 3)) * (30, 30, 0.2), high])


def two_places() -> Points:
    near = np.random.default_rng(0).random((5000, 3)) * 40
    return np.concatenate([near[:3500], near[3500:] + (3000, 0, 0)])


@pytest.mark.parametrize("scene", [scanner, corridor, mast, two_places, tile])
def test_a_scan_keeps_what_it_extends_to(scene: object) -> None:
    assert inliers(scene()).mean() > 0.999  # type: ignore[operator]
    if scene is not scanner:
        assert inliers(scene()).all()  # type: ignore[operator]


@given(st.integers(0, 40), st.sampled_from([0.0, 1e-3, 1e6]))
def test_any_number_of_points_in_one_place_or_not(count: int, side: float) -> None:
    xyz = np.random.default_rng(count).random((count, 3)) * side + UTM
    assert inliers(xyz).all()


def test_what_is_left_out_is_said() -> None:
    assert [say_far(many) for many in (0, 1, 1234)] == [
        "", ", 1 far point left out", ", 1,234 far points left out"
    ]  # fmt: skip
