"""Boats float, apart from each other; jetties lead from the shore."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills
from tests.synthetic.extent import extent, is_one_object
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.lines.boats import boat, boats
from volseg.synthetic.labels import Label

AREA = Area(0, 0, 140, 130, 0.2)
seeds = pytest.mark.parametrize("seed", range(4))


@seeds
@pytest.mark.parametrize("length", [4.0, 10.0, 26.0])
def test_a_boat_is_as_long_as_asked_and_lies_on_the_water(length: float, seed: int) -> None:
    made = boat(np.random.default_rng(seed), length)
    low, high = extent(made)
    assert high[0] - low[0] == pytest.approx(length)
    assert high[1] - low[1] < 0.5 * length
    assert low[2] == pytest.approx(0)
    assert is_one_object(made)


@seeds
def test_boats_lie_on_water_within_their_area(seed: int) -> None:
    terrain = hills(steep=0.3, wet=0.0)
    made = boats(np.random.default_rng(seed), terrain, AREA).facets
    assert made.instance.max() >= 1
    assert {*made.label.tolist()} == {Label.FURNITURE}
    afloat = made.instance > 0
    x, y = made.anchor[afloat, 0], made.anchor[afloat, 1]
    assert AREA.holds(x, y).all()
    assert terrain.wet(x, y).mean() > 0.98
    assert made.anchor[afloat, 2].min() >= 0


def test_there_are_none_on_land() -> None:
    assert len(boats(np.random.default_rng(0), hills(), AREA).facets) == 0
