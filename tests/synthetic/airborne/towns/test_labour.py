"""Works: halls, tanks and stacks, farms, glass, cars; heaps are ground."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.towns import labour
from volseg.synthetic.labels import Label, Material

AREA = Area(0, 0, 110, 90)


@pytest.mark.parametrize("seed", range(3))
def test_yards_of_halls_are_paved_and_hold_cars_and_crates(seed: int) -> None:
    terrain = hills(steep=0.02)
    made = labour.halls(np.random.default_rng(seed), terrain, AREA)
    paved = np.isin(terrain.cover, (Material.ASPHALT, Material.PAVING, Material.GRAVEL))
    assert paved.sum() > 0.6 * AREA.length * AREA.depth
    assert Label.BUILDING in made.facets.label
    assert Label.FURNITURE in made.facets.label  # a fence at least


def test_works_have_all_kinds_and_heaps_are_ground() -> None:
    land = [hills(steep=0.0) for _ in range(4)]
    for seed, terrain in enumerate(land):
        labour.industry(np.random.default_rng(seed), terrain, AREA)
    assert 1 < max(terrain.z.max() for terrain in land) < 12
    for terrain in land:
        assert (terrain.cover[terrain.z > 1] == Material.GRAVEL).all()


@pytest.mark.parametrize("seed", range(3))
def test_a_farm_has_several_buildings_and_old_trees(seed: int) -> None:
    made = labour.farm(np.random.default_rng(seed), hills(steep=0.05), AREA)
    ids = made.facets.instance[made.facets.label == Label.BUILDING]
    assert 3 <= len(np.unique(ids)) <= 12
    assert len(np.unique(made.crowns.instance)) > 3


def test_greenhouses_are_of_glass_and_car_parks_of_cars() -> None:
    glass = labour.greenhouses(np.random.default_rng(0), hills(steep=0.0), AREA).facets
    assert (glass.material == Material.GLASS).mean() > 0.5
    cars = labour.car_park(np.random.default_rng(0), hills(steep=0.0), AREA).facets
    assert len(np.unique(cars.instance[cars.label == Label.VEHICLE])) > 60
    assert Label.BUILDING not in cars.label
