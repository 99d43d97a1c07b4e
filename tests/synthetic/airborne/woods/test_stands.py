"""Stands keep to their area, stand on the ground, and let the light pass that foresters say."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills, passing
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.trees import HABITS
from volseg.synthetic.airborne.woods import WOODS, stands
from volseg.synthetic.airborne.woods.places import Fill
from volseg.synthetic.labels import Label

AREA = Area(3, -5, 90, 60, 0.4)
every = pytest.mark.parametrize("fill", WOODS.values(), ids=WOODS)


@every
def test_every_growth_keeps_to_its_area_and_stands_on_the_ground(fill: Fill) -> None:
    terrain = hills()
    made = fill(np.random.default_rng(0), terrain, AREA)
    centre = made.crowns.centre
    along, across = AREA.own(centre[:, 0], centre[:, 1])
    outside = np.maximum(np.abs(along) - AREA.length / 2, np.abs(across) - AREA.depth / 2)
    assert outside.max() < 6  # crowns overhang
    ground = terrain.height(centre[:, 0], centre[:, 1])
    foot = centre[:, 2] - made.crowns.radii[:, 2] - ground
    assert -3 < foot.min() < 3  # on slopes of 30 %, within the radius of a crown
    assert (centre[:, 2] + made.crowns.radii[:, 2] - ground).max() < 50
    assert {*made.crowns.label.tolist()} == {Label.VEGETATION}
    ids = np.unique(np.concatenate((made.crowns.instance, made.facets.instance)))
    np.testing.assert_array_equal(ids[ids > 0], np.arange(made.objects) + 1)


@every
def test_growth_depends_on_its_seed_alone_and_keeps_its_budget(fill: Fill) -> None:
    area = Area(0, 0, 300, 300)
    terrain = hills(300)
    first, again = (fill(np.random.default_rng(7), terrain, area) for _ in range(2))
    np.testing.assert_array_equal(first.crowns.centre, again.crowns.centre)
    np.testing.assert_array_equal(first.facets.anchor, again.facets.anchor)
    assert len(first.crowns) < 60_000
    assert len(first.facets) < 60_000


@every
def test_nothing_grows_in_a_lake(fill: Fill) -> None:
    made = fill(np.random.default_rng(1), hills(wet=100.0), AREA)
    assert len(made.crowns) == len(made.facets) == 0


@pytest.mark.parametrize(
    ("fill", "leaves", "low", "high"),
    [
        (stands.broadleaf, True, 0.02, 0.25),
        (stands.broadleaf, False, 0.12, 0.5),
        (stands.pine, True, 0.2, 0.65),
        (stands.mixed, True, 0.05, 0.45),
        (stands.dead, True, 0.6, 1.0),
    ],
)
def test_stands_let_light_pass(fill: Fill, leaves: bool, low: float, high: float) -> None:
    x, y = np.random.default_rng(0).uniform(-20, 20, (2, 300))
    shares = []
    for seed in range(4):
        made = fill(np.random.default_rng(seed), hills(), Area(0, 0, 80, 80), leaves=leaves)
        shares.append(passing(made.crowns, x, y).mean())
    assert low < np.mean(shares) < high


def test_a_layer_has_the_heights_of_its_age() -> None:
    feet = np.zeros((500, 3))
    rng = np.random.default_rng(0)
    made = stands.layer(rng, HABITS["pine"], feet, 20, 0.1, 3, True)
    top = (made.crowns.centre + made.crowns.radii)[:, 2].reshape(500, -1).max(axis=1)
    assert top.mean() == pytest.approx(20, abs=0.3)
    assert 15 - 1e-9 <= top.min() < top.max() <= 25 + 1e-9
