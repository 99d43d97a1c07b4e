"""The kerbside: cars keep to the parking lane, things behind the kerb to their side."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.extent import extent
from volseg.synthetic.facets import join
from volseg.synthetic.labels import Label
from volseg.synthetic.street.ground import draw_section
from volseg.synthetic.street.kerbside import kerbside


@pytest.mark.parametrize("seed", range(4))
def test_cars_are_parked_in_their_lane_and_things_stand_behind_the_kerb(seed: int) -> None:
    rng = np.random.default_rng(seed)
    side = draw_section(rng, 3.5, rich=True, setbacks=(2.0, 12.0))
    cars = 0
    for part in kerbside(rng, side, 0, 40):
        low, high = extent(part)
        if (part.label == Label.VEHICLE).all():
            cars += 1
            assert low[1] > side.lane - 1.2
            assert high[1] < side.road + 0.6
        else:  # crowns and arms reach over the lane
            assert np.median(part.anchor[:, 1]) > side.lane - 2
    assert cars > 1


def test_nothing_is_parked_without_a_parking_lane() -> None:
    rng = np.random.default_rng(0)
    side = draw_section(rng, 3.5, rich=False, setbacks=(2.0, 12.0))
    while side.parking:
        side = draw_section(rng, 3.5, rich=False, setbacks=(2.0, 12.0))
    every = join(kerbside(rng, side, 0, 40))
    assert Label.VEHICLE not in every.label
    assert Label.VEGETATION in every.label
