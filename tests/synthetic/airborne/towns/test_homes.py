"""Homes: houses front on their road, gardens have trees, rows are one object each."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.towns import homes
from volseg.synthetic.labels import Label, Material
from volseg.synthetic.scenery import Scenery

AREA = Area(0, 0, 120, 32)


def built(made: Scenery) -> np.ndarray:
    """Middles, (n, 3), of buildings, by objects."""
    facets = made.facets
    ids = np.unique(facets.instance[facets.label == Label.BUILDING])
    return np.array([facets.anchor[facets.instance == number].mean(axis=0) for number in ids])


@pytest.mark.parametrize("seed", range(3))
def test_houses_stand_in_a_row_and_sheds_behind(seed: int) -> None:
    made = homes.detached(np.random.default_rng(seed), hills(steep=0.05), AREA)
    middle = built(made)
    assert 5 <= len(middle) <= 30
    assert (middle[:, 1] < 6).sum() >= 4
    assert (made.crowns.instance > 0).any()


def test_a_row_of_houses_is_one_object_of_many_units() -> None:
    made = homes.rows(np.random.default_rng(1), hills(steep=0.0), AREA)
    facets = made.facets
    lengths = [
        np.ptp(facets.anchor[facets.instance == number, 0])
        for number in np.unique(facets.instance[facets.label == Label.BUILDING])
    ]
    assert max(lengths) > 18


def test_a_village_has_a_church_that_is_its_highest_building() -> None:
    made = homes.village(np.random.default_rng(3), hills(steep=0.0), Area(0, 0, 120, 90))
    tops = made.facets.anchor[made.facets.label == Label.BUILDING, 2]
    assert 14 < tops.max() < 60


def test_allotments_have_sheds_alone_and_winter_takes_leaves() -> None:
    made = homes.allotments(np.random.default_rng(0), hills(steep=0.0), AREA, leaves=False)
    building = made.facets.label == Label.BUILDING
    assert made.facets.anchor[building, 2].max() < 6
    assert (made.crowns.material == Material.BARK).mean() > 0.5
