"""Poles stand where they should, and their wires hang between them."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.extent import extent, is_one_object
from volseg.synthetic import poles

seeds = pytest.mark.parametrize("seed", range(4))


@seeds
def test_lamps_and_lights_reach_over_the_lane_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for made in (poles.lamp(rng, 8.0), poles.traffic_light(rng)):
        low, high = extent(made)
        assert low[2] == pytest.approx(-0.2)
        assert -6 < low[1] < high[1] < 0.2
        assert np.abs((low[0], high[0])).max() < 0.3
        assert is_one_object(made)


@seeds
def test_wires_hang_between_poles_and_are_no_object(seed: int) -> None:
    along, levels = np.array([0.0, 20.0, 45.0]), np.array([0.0, 1.0, -1.0])
    line = poles.power_line(np.random.default_rng(seed), along, levels)
    low, high = extent(line)
    np.testing.assert_allclose((low[0], high[0]), (0, 45), atol=0.4)
    assert low[2] == pytest.approx(-1.2)
    assert {*line.instance.tolist()} == {0, 1, 2, 3}
    wires = line.anchor[line.instance == 0]
    assert wires[:, 2].min() > 2
    assert wires[:, 2].max() < high[2]
    assert (np.abs(wires[:, 1]) < 2).all()
