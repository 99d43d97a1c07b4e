"""Votes for centres: what they gather at is an object, in any order and from any tiles."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.geometry.labels import LabelClass, LabelMap
from volseg.predict.objects.centre import (
    CentreVotes,
    cells_of,
    find_peaks,
    upright_classes,
    weights_of,
)

SCALES = (1.0, 2.0, 0.5)


def scene(seed: int, objects: int = 12) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Cells and weights of votes, and the object that each is truly for."""
    random = np.random.default_rng(seed)
    spots = np.stack(np.meshgrid(np.arange(4), np.arange(3), [0.0]), axis=-1).reshape(-1, 3)
    centres = (spots[:objects] * 9 + 0.1) + 4e6
    kinds = random.integers(0, 2, objects)
    of = random.integers(0, objects, 60 * objects)
    votes = centres[of] + random.normal(0, 0.2, (len(of), 3))
    cells = cells_of(kinds[of], votes, SCALES)
    return cells, random.integers(1, 300, len(of)), of


def ids_of(cells: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return find_peaks(CentreVotes.of(cells, weights)).assign(cells)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=20, deadline=None)
def test_votes_that_gather_are_one_object(seed: int) -> None:
    cells, weights, of = scene(seed)
    ids = ids_of(cells, weights)
    pairs = {*zip(of.tolist(), ids.tolist(), strict=True)}
    assert len(pairs) == len({*of.tolist()}) == len({*ids.tolist()})
    assert 0 not in ids


@given(seed=st.integers(0, 2**32))
@settings(max_examples=10, deadline=None)
def test_ten_cuts_and_any_order_change_no_id(seed: int) -> None:
    cells, weights, _ = scene(seed)
    ids, random = ids_of(cells, weights), np.random.default_rng(seed)
    for _ in range(10):
        tile = random.integers(0, random.integers(2, 9), len(cells))
        order = random.permutation(len(cells))
        parts = [
            CentreVotes.of(cells[order][tile[order] == t], weights[order][tile[order] == t])
            for t in random.permutation(tile.max() + 1)
        ]
        peaks = find_peaks(CentreVotes.sum(parts))
        for t in np.unique(tile):
            np.testing.assert_array_equal(peaks.assign(cells[tile == t]), ids[tile == t])


def test_memory_grows_with_objects_and_not_with_votes() -> None:
    cells, weights, _ = scene(0)
    many = CentreVotes.of(np.repeat(cells, 50, axis=0), np.repeat(weights, 50))
    assert len(many) == len(CentreVotes.of(cells, weights))
    assert many.weights.sum() == 50 * weights.sum()


def test_classes_do_not_mix_and_far_votes_are_of_none() -> None:
    cells = np.array([[0, 5, 5, 5]] * 9 + [[1, 5, 5, 5]] * 9 + [[0, 60, 5, 5]])
    ids = ids_of(cells, np.append(np.full(18, 100), 1))
    assert len({*ids[:9]}) == len({*ids[9:18]}) == 1
    assert ids[0] != ids[9]
    assert ids[-1] == 0


def test_upright_things_are_grouped_in_plan() -> None:
    classes = (
        LabelClass("car", (1,), "#000000", grouping="centre"),
        LabelClass("tree", (2,), "#000000", grouping="centre", axes="xy"),
    )
    assert upright_classes(LabelMap(classes)) == [1]
    votes = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 30.0]])
    flat = cells_of(np.array([1, 1]), votes, SCALES, [1])
    high = cells_of(np.array([0, 0]), votes, SCALES, [1])
    assert (flat[0] == flat[1]).all()
    assert (high[0] != high[1]).any()


def test_no_votes_no_objects() -> None:
    empty = CentreVotes.of(np.empty((0, 4), np.int64), np.empty(0, np.int64))
    assert len(find_peaks(empty)) == 0
    assert len(find_peaks(empty).assign(np.empty((0, 4), np.int64))) == 0
    assert len(CentreVotes.sum([empty, empty])) == 0


@pytest.mark.parametrize("nd", [2, 3])
def test_grids_have_any_number_of_axes(nd: int) -> None:
    places = np.repeat(np.arange(2)[:, None] * 40, nd, axis=1)
    cells = np.column_stack((np.zeros(2, np.int64), places)).repeat(5, axis=0)
    assert ids_of(cells, np.full(10, 8)).tolist() == [1] * 5 + [2] * 5


def test_sure_votes_weigh_more() -> None:
    weights = weights_of(np.array([-9.0, -1.0, 0.0, 1.0, 99.0]))
    assert (np.diff(weights) < 0).all()
    assert weights[-1] >= 1


@settings(max_examples=40, deadline=None)
@given(
    cells=st.lists(st.tuples(*[st.integers(-6, 6)] * 3), min_size=1, max_size=60, unique=True),
    flat=st.lists(st.sampled_from([0, 1, 2]), max_size=3),
    radius=st.integers(1, 5),
    seed=st.integers(0, 99),
)
def test_support_is_the_sum_over_a_ball(
    cells: list[tuple[int, int, int]], flat: list[int], radius: int, seed: int
) -> None:
    """Also where all cells lie in one plane, on one line, or are one."""
    places = np.array(cells)
    places[:, flat] = 0
    places = np.unique(places, axis=0)
    weights = np.random.default_rng(seed).integers(1, 99, len(places))
    votes = CentreVotes.of(np.column_stack((places[:, 0] * 0 + 2, places)), weights)
    peaks = find_peaks(votes, core=radius, apart=radius, share=0, faint=0)
    near = np.linalg.norm(places[:, None] - places[None], axis=2) <= radius
    support = near @ weights
    rank = np.lexsort((-np.arange(len(places)), support)).argsort()
    highest = (np.where(near, rank, -1).max(axis=1) == rank).nonzero()[0]
    assert np.array_equal(peaks.cells[:, 1:], places[highest])
    assert np.array_equal(peaks.support, support[highest])
