"""Open grounds: level pitches, caravans that are vehicles, stones in rows, panels that lean."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.towns import grounds
from volseg.synthetic.labels import Label, Material

AREA = Area(0, 0, 100, 80)
seeds = pytest.mark.parametrize("seed", range(3))


@seeds
def test_pitches_are_level_and_lit(seed: int) -> None:
    terrain = hills(steep=0.1)
    made = grounds.sports(np.random.default_rng(seed), terrain, AREA).facets
    rise = np.hypot(*np.gradient(terrain.z))
    inside = rise[45:116, 50:111]  # the area without its rim
    assert (inside < 1e-9).mean() > 0.4
    furniture = made.label == Label.FURNITURE
    over = made.anchor[:, 2] - terrain.height(made.anchor[:, 0], made.anchor[:, 1])
    assert 4 < over[furniture].max() < 25


@seeds
def test_caravans_are_vehicles_and_tents_are_not(seed: int) -> None:
    made = grounds.campsite(np.random.default_rng(seed), hills(steep=0.05), AREA).facets
    vehicles = np.unique(made.instance[made.label == Label.VEHICLE])
    assert len(vehicles) > 15
    assert Label.FURNITURE in made.label
    assert Label.BUILDING in made.label


@seeds
def test_graves_are_low_and_trees_are_high(seed: int) -> None:
    terrain = hills(steep=0.05)
    made = grounds.cemetery(np.random.default_rng(seed), terrain, AREA)
    facets = made.facets
    stones = facets.material == Material.STONE
    over = facets.anchor[:, 2] - terrain.height(facets.anchor[:, 0], facets.anchor[:, 1])
    furniture = stones & (facets.label == Label.FURNITURE)
    assert furniture.sum() > 100
    assert (np.abs(over[furniture]) < 1.5).all()
    assert made.crowns.radii[:, 2].max() > 1


@seeds
def test_panels_lean_to_the_front_and_follow_the_ground(seed: int) -> None:
    terrain = hills(steep=0.15)
    made = grounds.solar(np.random.default_rng(seed), terrain, AREA).facets
    cells = made.material == Material.SCREEN
    over = made.anchor[:, 2] - terrain.height(made.anchor[:, 0], made.anchor[:, 1])
    assert cells.sum() > 60
    assert (over[cells] > 0.4).all()
    assert (over[cells] < 2.5).all()
