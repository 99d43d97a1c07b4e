"""Laws of all towns: they keep to their area, stand on the ground, count their objects."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.towns import TOWNS
from volseg.synthetic.airborne.woods.places import Fill
from volseg.synthetic.labels import Label

AREA = Area(3, -5, 100, 70, 0.4)
every = pytest.mark.parametrize("fill", TOWNS.values(), ids=TOWNS)
TALLEST = {"towers": 100, "industry": 80, "slabs": 50, "centre": 60, "village": 60, "farm": 60}


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("seed", range(2))
def test_towns_keep_to_their_area_and_stand_on_the_ground(name: str, seed: int) -> None:
    terrain = hills(steep=0.15)
    made = TOWNS[name](np.random.default_rng(seed), terrain, AREA)
    facets = made.facets
    along, across = AREA.own(facets.anchor[:, 0], facets.anchor[:, 1])
    assert (np.abs(along) < AREA.length / 2 + 4).all()
    assert (np.abs(across) < AREA.depth / 2 + 4).all()
    ground = terrain.height(facets.anchor[:, 0], facets.anchor[:, 1])
    above = facets.anchor[:, 2] + np.abs(facets.u[:, 2]) + np.abs(facets.v[:, 2]) - ground
    assert above.max() < TALLEST.get(name, 45)
    for number in np.unique(facets.instance[facets.label == Label.BUILDING]):
        own = facets.instance == number
        corner = facets.anchor[own] - np.abs(facets.u[own]) - np.abs(facets.v[own])
        assert (corner[:, 2] - ground[own]).min() < -1, "a building floats"
    cars = facets.label == Label.VEHICLE
    assert (np.abs((facets.anchor[:, 2] - ground)[cars]) < 4.5).all()


@every
def test_objects_are_numbered_without_gaps_and_of_one_class(fill: Fill) -> None:
    made = fill(np.random.default_rng(0), hills(), AREA)
    ids = np.concatenate((made.facets.instance, made.crowns.instance))
    labels = np.concatenate((made.facets.label, made.crowns.label))
    np.testing.assert_array_equal(np.unique(ids[ids > 0]), np.arange(made.objects) + 1)
    pairs = np.unique(np.stack((ids, labels))[:, ids > 0], axis=1)
    assert pairs.shape[1] == made.objects


@every
def test_the_seed_is_all_that_counts(fill: Fill) -> None:
    first, again = (fill(np.random.default_rng(5), hills(), AREA) for _ in range(2))
    np.testing.assert_array_equal(first.facets.anchor, again.facets.anchor)
    np.testing.assert_array_equal(first.crowns.centre, again.crowns.centre)


@every
def test_nothing_stands_in_a_lake(fill: Fill) -> None:
    made = fill(np.random.default_rng(0), hills(wet=100.0), AREA)
    assert made.objects == 0
    assert len(made.crowns) == 0


@every
def test_a_large_quarter_keeps_its_budget(fill: Fill) -> None:
    made = fill(np.random.default_rng(2), hills(320, 0.05), Area(0, 0, 300, 300))
    assert len(made.facets) < 60_000
    assert len(made.crowns) < 60_000


@every
def test_no_facet_is_without_area(fill: Fill) -> None:
    facets = fill(np.random.default_rng(1), hills(), AREA).facets
    assert np.linalg.norm(np.cross(facets.u, facets.v), axis=1).min() > 1e-10
