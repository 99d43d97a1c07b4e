"""Lots: houses stand on their ground plans, side by side, and behind the pavement."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.synthetic.extent import extent
from volseg.synthetic.facets import join
from volseg.synthetic.labels import Label
from volseg.synthetic.street import lots
from volseg.synthetic.street.ground import draw_section


@pytest.mark.parametrize("lot", [lots.houses, lots.blocks])
@pytest.mark.parametrize("seed", range(3))
def test_houses_stand_on_their_plans(lot: lots.Lot, seed: int) -> None:
    rng = np.random.default_rng(seed)
    side = draw_section(rng, 3.5, rich=True, setbacks=(3.0, 8.0))
    parts, plans = lot(rng, side, 0, 50)
    corners = np.array(plans)
    assert (corners[:, 0, 1] >= side.line).all()
    assert all(own[1, 0] <= after[0, 0] + 1e-9 for own, after in pairwise(corners))
    houses = [part for part in parts if (part.label == Label.BUILDING).all()]
    assert len(houses) == len(plans)
    for part, ((x0, y0), (x1, y1)) in zip(houses, plans, strict=True):
        low, high = extent(part)
        np.testing.assert_allclose((low[0], high[0]), (x0, x1), atol=0.5)
        assert y0 - 5 < low[1] < y0 + 0.01
        assert high[1] == pytest.approx(y1, abs=0.7)


@pytest.mark.parametrize("lot", [lots.park, lots.car_park])
def test_open_land_has_ground_and_no_house(lot: lots.Lot) -> None:
    rng = np.random.default_rng(0)
    side = draw_section(rng, 3.5, rich=True, setbacks=(5.0, 20.0))
    parts, plans = lot(rng, side, 0, 50)
    assert plans == []
    labels = {*join(parts).label.tolist()}
    assert Label.GROUND in labels
    assert Label.BUILDING not in labels
    assert (Label.VEHICLE in labels) == (lot is lots.car_park)
