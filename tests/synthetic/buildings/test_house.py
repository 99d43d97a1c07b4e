"""Houses fill their ground plan: walls all around, a roof on top, little that stands out."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.extent import extent, is_one_object
from volseg.synthetic.buildings.house import CELLAR, house
from volseg.synthetic.labels import Label


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize(("width", "depth", "floors"), [(6.0, 8.0, 1), (17.0, 12.0, 5)])
def test_a_house_fills_its_plan(seed: int, width: float, depth: float, floors: int) -> None:
    made = house(np.random.default_rng(seed), width, depth, floors)
    low, high = extent(made)
    assert low[2] == pytest.approx(-CELLAR)
    assert floors * 2.6 < high[2] < 0.3 + 1 + 4 * floors + depth
    assert -0.5 < low[0] < 0.01
    assert width - 0.01 < high[0] < width + 0.5
    assert -5 < low[1] < 0
    assert depth - 0.01 < high[1] < depth + 0.7
    assert is_one_object(made)
    assert {*made.label.tolist()} == {Label.BUILDING}


def test_more_floors_make_a_higher_house() -> None:
    tops = [extent(house(np.random.default_rng(3), 10, 8, floors))[1][2] for floors in (1, 6)]
    assert tops[1] - tops[0] > 8  # roofs differ
