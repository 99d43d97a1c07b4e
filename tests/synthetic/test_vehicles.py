"""Vehicles stand on their wheels, as long as their kind, both sides alike."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.extent import extent, is_one_object
from volseg.synthetic.labels import Label
from volseg.synthetic.vehicles import BODIES, COMMON, vehicle


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("body", BODIES)
def test_every_body_stands_on_its_wheels(body: str, seed: int) -> None:
    made = vehicle(np.random.default_rng(seed), body)
    low, high = extent(made)
    assert low[2] == pytest.approx(0, abs=0.02)
    np.testing.assert_allclose(low[:2], -high[:2], atol=0.02)
    assert high[0] > high[1] > 0.7
    assert 1.2 < high[2] < 4
    assert is_one_object(made)
    assert {*made.label.tolist()} == {Label.VEHICLE}


def test_lorries_and_buses_are_the_longest_and_seldom() -> None:
    lengths = {body: extent(vehicle(np.random.default_rng(0), body))[1][0] for body in BODIES}
    assert {*sorted(lengths, key=lambda body: lengths[body])[-2:]} == {"truck", "bus"}
    assert sum(COMMON) == pytest.approx(1)
    assert COMMON[BODIES.index("truck")] + COMMON[BODIES.index("bus")] < 0.05
