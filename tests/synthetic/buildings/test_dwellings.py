"""Dwellings keep to their plan, closed from above, as high as their floors."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.above import seen
from tests.synthetic.extent import extent, is_one_object
from volseg.synthetic.buildings import dwellings
from volseg.synthetic.buildings.roofs import SHAPES
from volseg.synthetic.buildings.wings import draw_style
from volseg.synthetic.labels import Label

seeds = pytest.mark.parametrize("seed", range(4))


@seeds
@pytest.mark.parametrize("shape", SHAPES)
def test_a_house_keeps_to_its_plan_and_its_middle_is_roofed(shape: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    style = draw_style(rng, shape, dwellings.eaves(rng, 2))
    made = dwellings.house(rng, 13, 9, style)
    low, high = extent(made)
    assert (np.abs((low[:2], high[:2])) < (8.5, 9)).all()
    assert 5 < high[2] < 16
    assert seen(made, np.zeros(1), np.zeros(1))[0] > 5
    assert is_one_object(made)
    assert {*made.label.tolist()} == {Label.BUILDING}


@seeds
def test_a_terrace_is_roofed_from_end_to_end(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = dwellings.terrace(rng, 5, 6.0, 9.0)
    x, y = rng.uniform((-14.9, -4.0), (14.9, 4.0), (300, 2)).T
    assert seen(made, x, y)[0].min() > 2.5
    assert is_one_object(made)


@seeds
@pytest.mark.parametrize("letter", "ILUO")
def test_a_block_is_as_high_as_asked(letter: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    style = draw_style(rng, "flat", 18.0)
    made = dwellings.block(rng, letter, 40, 35, style)
    assert 18 < extent(made)[1][2] < 23
    back = seen(made, rng.uniform(-19, 19, 50), np.full(50, 14.0))[0]
    assert back.min() >= 18 - 1e-9


@seeds
def test_a_garage_is_low_and_a_church_has_a_tower_at_its_front(seed: int) -> None:
    rng = np.random.default_rng(seed)
    low, high = extent(dwellings.garage(rng, 3, 6))
    np.testing.assert_allclose((low[:2], high[:2]), ((-1.5, -3), (1.5, 3)), atol=0.35)
    assert 2 < high[2] < 5
    church = dwellings.church(rng, 36, 12)
    top, _ = seen(church, np.zeros(2), np.array([-15.0, 6.0]))
    assert top[0] > top[1] > 7
    assert is_one_object(church)
