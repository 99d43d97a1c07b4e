"""Bridges: a deck without a hole at its height, on piers that reach the ground."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.above import seen
from tests.synthetic.airborne.land import hills
from volseg.synthetic.airborne.lines.bridge import bridge
from volseg.synthetic.labels import Label

seeds = pytest.mark.parametrize("seed", range(8))
X = np.linspace(-50, 50, 21)
LINE = np.stack((X, 0.2 * X, 14 + 0.02 * X), axis=1)


@seeds
def test_a_deck_is_closed_and_at_its_height(seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = bridge(rng, hills(steep=0.2), LINE, 9.0, cars=False).facets
    x = rng.uniform(-49, 49, 200)
    y = 0.2 * x + rng.uniform(-4, 4, 200)
    top, _ = seen(made, x, y)
    assert (top > 14 + 0.02 * x - 0.15).all()
    assert np.median(top - 14 - 0.02 * x) < 0.15
    assert (made.label == Label.BRIDGE).all()
    assert (made.instance == 0).all()


@seeds
def test_piers_reach_into_the_ground(seed: int) -> None:
    terrain = hills(steep=0.2)
    made = bridge(np.random.default_rng(seed), terrain, LINE, 9.0, cars=False).facets
    low = made.anchor[:, 2] - np.abs(made.u[:, 2]) - np.abs(made.v[:, 2])
    ground = terrain.height(made.anchor[:, 0], made.anchor[:, 1])
    assert (low - ground).min() < -1.5


def test_cars_drive_on_the_deck_and_are_vehicles() -> None:
    cars = 0
    for seed in range(8):
        made = bridge(np.random.default_rng(seed), hills(steep=0.2), LINE, 9.0).facets
        own = made.label == Label.VEHICLE
        cars += len(np.unique(made.instance[own]))
        over = made.anchor[own, 2] - 14 - 0.02 * made.anchor[own, 0]
        assert (over > -0.3).all()
        assert (over < 4.5).all()
    assert cars > 4
