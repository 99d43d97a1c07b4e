"""Vehicles from above: bodies without wheels."""

from __future__ import annotations

import numpy as np

from tests.synthetic.extent import extent, is_one_object
from volseg.synthetic.airborne.cars import SMALL, fleet
from volseg.synthetic.labels import Label


def test_a_fleet_has_as_many_small_bodies_as_asked() -> None:
    cars = fleet(np.random.default_rng(0), 8)
    assert len(cars) == 8
    for car in cars:
        low, high = extent(car)
        assert high[0] - low[0] < 6.5
        assert 1.2 < high[2] < 2.8
        assert len(car) < 100
        assert is_one_object(car)
        assert {*car.label.tolist()} == {Label.VEHICLE}
    assert "bus" not in SMALL
