"""Sites: nothing stands in another's place, in water or outside; houses stand on level ground."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills
from tests.synthetic.extent import extent
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.site import Site, lean, lot
from volseg.synthetic.facets import box
from volseg.synthetic.labels import Label, Material, Skin

SKIN = Skin(Label.BUILDING, Material.BRICK)
CRATE = box((-2, -1, 0), (2, 1, 3), SKIN).as_object()


def site(wet: float = -np.inf) -> Site:
    return Site(np.random.default_rng(0), hills(wet=wet), Area(5, 5, 60, 40, 0.5))


def test_a_lot_lies_where_its_area_says() -> None:
    inner = lot(Area(10, 20, 8, 6, np.pi / 2), (3, 1), (2, 1), 0.25)
    np.testing.assert_allclose((inner.x, inner.y), (9, 23))
    assert inner.heading == pytest.approx(np.pi / 2 + 0.25)
    assert (inner.length, inner.depth) == (2, 1)


def test_a_building_stands_on_ground_made_level_and_alone() -> None:
    own = site()
    spot = lot(own.area, (4, 3), (12, 10), 0.2)
    assert own.build(CRATE, spot)
    x, y = spot.world(*np.random.default_rng(1).uniform(-4, 4, (2, 30)))
    ground = own.terrain.height(x, y)
    assert np.ptp(ground) < 1e-9
    assert extent(own.scenery.facets)[0][2] == pytest.approx(ground[0])
    assert not own.build(CRATE, spot)
    assert not own.put(CRATE, lot(spot, (5, 0), (4, 4)))
    assert own.put(CRATE, lot(own.area, (-20, 0), (4, 4)))
    assert own.scenery.objects == 2


def test_nothing_stands_outside_or_in_water() -> None:
    own = site()
    assert not own.build(CRATE, lot(own.area, (29, 0), (4, 4)))
    assert not site(wet=100).build(CRATE, lot(own.area, (0, 0), (4, 4)))


def test_things_lean_with_the_ground() -> None:
    own = site()
    spot = lot(own.area, (10, -10), (4, 2))
    made = lean(CRATE, own.terrain, spot)
    corners = made.anchor[-1] + made.u[-1], made.anchor[-1] - made.u[-1]
    for corner in corners:
        assert corner[2] - own.terrain.height(*corner[:2]) == pytest.approx(3, abs=0.25)


def test_plants_keep_their_distance_and_shrubs_are_no_objects() -> None:
    own = site()
    own.build(CRATE, lot(own.area, (0, 0), (20, 20)))
    own.plant(("shrub",), 3, (1, 2), 1.0, margin=2)
    assert own.scenery.objects == 1
    middle = own.scenery.crowns.centre
    assert len(middle) > 50
    assert own.free(middle, 0.5).all()
    own.plant(("pine",), 8, (5, 9), 1.0)
    assert own.scenery.objects > 20


def test_paving_covers_its_spot_alone() -> None:
    own = site()
    spot = lot(own.area, (0, 0), (9, 5))
    own.pave(spot, Material.ASPHALT)
    paved = own.terrain.cover == Material.ASPHALT
    assert paved.sum() == pytest.approx(45, abs=12)
    x, y = (index - 80.0 for index in np.nonzero(paved))
    assert spot.holds(x, y).all()
