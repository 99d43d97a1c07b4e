"""First hits from above: a roof hides the ground below it, leaves hide a part of both."""

from __future__ import annotations

import numpy as np

from tests.synthetic.airborne.grounds import flat
from volseg.synthetic.airborne.hits import meet
from volseg.synthetic.crowns import crowns
from volseg.synthetic.facets import box
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scanners.strip import Strip
from volseg.synthetic.scenery import Scenery, gather

ROOF = Skin(Label.BUILDING, Material.TILE)
LEAF = Skin(Label.VEGETATION, Material.LEAF)


def down(x: np.ndarray) -> Strip:
    return Strip((0, 0, 100.0), 0.0, x, 0 * x, 0 * x, np.zeros_like)


def test_what_is_above_hides_what_is_below() -> None:
    house = box((-5, -5, 0), (5, 5, 8), ROOF).as_object()
    oak = crowns((0, 0, 15), (9, 9, 3), 0.3, LEAF).as_object()
    x = np.linspace(-20, 20, 8001)
    made = meet(np.random.default_rng(0), down(x), flat(), gather([house, oak]))
    z = 100 - made.distance
    over, under = np.abs(x) < 4.99, (np.abs(x) > 5.01) & (np.abs(x) < 9)
    assert {*made.label[over].tolist()} == {Label.BUILDING, Label.VEGETATION}
    assert {*made.label[under].tolist()} == {Label.GROUND, Label.VEGETATION}
    assert (made.label[np.abs(x) > 9] == Label.GROUND).all()
    np.testing.assert_allclose(z[made.label == Label.BUILDING], 8)
    np.testing.assert_allclose(z[made.label == Label.GROUND], 0, atol=1e-6)
    assert np.isin(made.instance, (0, 1, 2)).all()
    assert (made.instance[made.label == Label.VEGETATION] == 2).all()


def test_water_is_water_and_the_slant_is_that_of_the_ground() -> None:
    terrain = flat()
    terrain.water[:50] = True
    terrain.cover[:50] = Material.WATER
    x = np.linspace(-20, 20, 100)
    made = meet(np.random.default_rng(0), down(x), terrain, Scenery())
    np.testing.assert_array_equal(made.label == Label.WATER, x < -0.5)
    np.testing.assert_allclose(made.slant, 1)
    i, _ = np.mgrid[:101, :101]
    terrain.z[:] = i
    made = meet(np.random.default_rng(0), down(x), terrain, Scenery())
    np.testing.assert_allclose(made.slant, np.sqrt(0.5), atol=1e-6)
