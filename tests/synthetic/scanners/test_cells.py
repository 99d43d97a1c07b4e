"""Cells: every place within a rectangle is found, once, and no other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.synthetic.scanners.cells import Cells


@given(seed=st.integers(0, 10_000), count=st.integers(0, 300), boxes=st.integers(0, 40))
def test_rectangles_find_what_comparing_every_place_finds(
    seed: int, count: int, boxes: int
) -> None:
    rng = np.random.default_rng(seed)
    # Places that coincide, and rectangles whose edges they lie on.
    place = rng.integers(-9, 10, (2, count)) * rng.choice([1.0, 0.3])
    low = rng.integers(-12, 12, (2, boxes)).astype(float)
    high = low + rng.integers(0, 9, (2, boxes))
    pairs = [
        pair
        for box, number in Cells.of(place).inside(low, high)
        for pair in zip(box.tolist(), number.tolist(), strict=True)
    ]
    within = (place[:, None] >= low[:, :, None]) & (place[:, None] <= high[:, :, None])
    wanted = np.argwhere(within.all(axis=0))
    assert sorted(pairs) == [tuple(pair) for pair in wanted.tolist()]


@pytest.mark.parametrize("shift", [-1e3, 1e3])
def test_rectangles_far_away_find_nothing(shift: float) -> None:
    cells = Cells.of(np.random.default_rng(0).random((2, 50)))
    low = np.full((2, 3), shift)
    assert sum(len(box) for box, _ in cells.inside(low, low + 1)) == 0
