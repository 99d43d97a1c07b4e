"""Isolated and doubled points against plain counting."""

from __future__ import annotations

import numpy as np

from volseg.geometry.isolated import find_duplicates, find_isolated


def test_isolated_points_are_those_of_plain_counting() -> None:
    rng = np.random.default_rng(0)
    metres = rng.uniform(-60, 60, (400, 3)) * (1, 1, 0.2) + (6.5e5, 6.8e6, 100)
    cells = np.floor(metres / 4).astype(int)
    near = (np.abs(cells[:, None] - cells[None]) <= 1).all(axis=2).sum(axis=1) - 1
    found = find_isolated(metres, step=4, others=1)
    np.testing.assert_array_equal(found, near <= 1)
    assert 0 < found.sum() < 400
    order = rng.permutation(400)
    np.testing.assert_array_equal(find_isolated(metres[order], step=4, others=1), found[order])


def test_the_first_of_equal_points_stays() -> None:
    xyz = np.random.default_rng(0).integers(0, 4, (300, 3)).astype(float)
    seen: set[tuple[float, ...]] = set()
    wanted = [tuple(row) in seen or bool(seen.add(tuple(row))) for row in xyz.tolist()]
    assert find_duplicates(xyz).tolist() == wanted


def test_no_points_are_none() -> None:
    assert len(find_isolated(np.empty((0, 3)))) == len(find_duplicates(np.empty((0, 3)))) == 0
