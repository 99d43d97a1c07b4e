"""Fields: as high as their kind, and no objects but trees."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.woods import fields
from volseg.synthetic.airborne.woods.places import Fill
from volseg.synthetic.scenery import Scenery

AREA = Area(0, 0, 70, 50, 1.0)


def tops(made: Scenery) -> np.ndarray:
    """Heights of the tops of crowns over flat ground."""
    return made.crowns.centre[:, 2] + made.crowns.radii[:, 2]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    ("fill", "low", "high", "trees"),
    [
        (fields.orchard, 2, 7.5, True),
        (fields.vineyard, 1.4, 2.3, False),
        (fields.crops, 0.1, 2.9, False),
    ],
)
def test_fields_are_as_high_as_their_kind(
    fill: Fill, low: float, high: float, trees: bool, seed: int
) -> None:
    made = fill(np.random.default_rng(seed), hills(steep=0.0), AREA)
    assert low < tops(made).max() < high
    assert (made.objects > 0) == trees


def test_crops_are_gone_in_winter_and_leave_stubble() -> None:
    made = fields.crops(np.random.default_rng(0), hills(steep=0.0), AREA, leaves=False)
    assert tops(made).max() < 0.2


def test_a_hedgerow_follows_the_middle_of_its_area() -> None:
    made = fields.hedgerow(np.random.default_rng(0), hills(steep=0.0), AREA)
    along, across = AREA.own(made.crowns.centre[:, 0], made.crowns.centre[:, 1])
    assert np.abs(across).max() < 7
    assert np.ptp(along) > 60
