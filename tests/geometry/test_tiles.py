"""Tiles hold every column once, and as much as a budget allows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from volseg.geometry.tiles import Tile, plan_tiles

COLUMNS = arrays(np.int64, st.tuples(st.integers(1, 40), st.just(2)), elements=st.integers(-9, 9))


@given(COLUMNS, st.integers(0, 2), st.integers(1, 60), st.integers(0, 99))
def test_every_column_is_in_one_tile_within_the_budget(
    places: np.ndarray, ring: int, budget: int, seed: int
) -> None:
    columns = np.unique(places, axis=0)
    costs = np.random.default_rng(seed).integers(1, 9, len(columns)).astype(float)
    tiles = plan_tiles(columns, costs, budget=budget, ring=ring)
    held = np.stack([tile.holds(columns) for tile in tiles])
    assert (held.sum(axis=0) == 1).all()
    for tile, core in zip(tiles, held, strict=True):
        assert costs[tile.holds(columns, ring)].sum() <= budget or core.sum() == 1


@given(COLUMNS, st.integers(0, 2), st.integers(1, 60), st.integers(0, 99))
def test_columns_of_others_are_seen_but_not_held(
    places: np.ndarray, ring: int, budget: int, seed: int
) -> None:
    columns = np.unique(places, axis=0)
    own = np.random.default_rng(seed).random(len(columns)) < 0.5
    costs = np.ones(len(columns))
    tiles = plan_tiles(columns, costs, budget=budget, ring=ring, own=own)
    held = np.array([tile.holds(columns[own]) for tile in tiles]).reshape(len(tiles), own.sum())
    assert (held.sum(axis=0) == 1).all()
    for tile, core in zip(tiles, held, strict=True):
        assert costs[tile.holds(columns, ring)].sum() <= budget or core.sum() == 1


@given(COLUMNS, st.integers(0, 2))
def test_what_fits_is_one_tile(places: np.ndarray, ring: int) -> None:
    columns = np.unique(places, axis=0)
    costs = np.ones(len(columns))
    assert plan_tiles(columns, costs, budget=len(columns), ring=ring) == [Tile.around(columns)]


def test_the_order_of_columns_does_not_matter() -> None:
    random = np.random.default_rng(0)
    columns = np.unique(random.integers(0, 30, (300, 2)), axis=0)
    costs, order = random.uniform(size=len(columns)), random.permutation(len(columns))
    planned = plan_tiles(columns, costs, budget=20, ring=1)
    assert plan_tiles(columns[order], costs[order], budget=20, ring=1) == planned
    assert len(planned) > 4


def test_a_square_is_cut_into_squares() -> None:
    columns = np.stack(np.meshgrid(np.arange(8), np.arange(8)), axis=-1).reshape(-1, 2)
    tiles = plan_tiles(columns, np.ones(64), budget=16, ring=0)
    assert {np.subtract(tile.upper, tile.lower).tolist()[0] for tile in tiles} == {4}
    assert len(tiles) == 4


@pytest.mark.parametrize("far", [10**6, 10**15])
def test_a_stray_column_costs_nothing(far: int) -> None:
    columns = np.array([[0, 0], [1, 0], [far, far]])
    assert len(plan_tiles(columns, np.ones(3), budget=2, ring=1)) == 2


def test_no_column_makes_no_tile() -> None:
    assert plan_tiles(np.empty((0, 2), np.int64), np.empty(0), budget=1, ring=1) == []
