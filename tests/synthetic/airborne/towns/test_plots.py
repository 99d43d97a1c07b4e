"""Land cut into rows and plots: nothing left out, nothing twice; cars in their stalls."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.cars import fleet
from volseg.synthetic.airborne.site import Site, lot
from volseg.synthetic.airborne.towns.plots import cut, park, ranks, stalls
from volseg.synthetic.labels import Label, Material

AREA = Area(0, 0, 90, 100, 0.3)


def site() -> Site:
    return Site(np.random.default_rng(0), hills(), AREA)


@pytest.mark.parametrize("depth", [20.0, 35.0, 60.0, 200.0])
def test_rows_and_lanes_fill_an_area_and_front_on_them(depth: float) -> None:
    own = site()
    rows = ranks(own, AREA, depth)
    assert sum(row.depth for row in rows) + 5 * len(own.taken) == pytest.approx(AREA.depth)
    for row in rows:
        front = lot(row, (0, -row.depth / 2 - 1), (2, 1))
        across = AREA.own(np.array(front.x), np.array(front.y))[1]
        lane = not own.free(np.array([[front.x, front.y]]), 0)[0]
        assert lane or abs(across) > AREA.depth / 2


def test_plots_lie_side_by_side_in_their_row() -> None:
    row = lot(AREA, (0, 0), (90, 30))
    plots = cut(np.random.default_rng(3), row, (10, 20))
    middle = np.array([row.own(np.array(p.x), np.array(p.y))[0] for p in plots])
    half = np.array([p.length for p in plots]) / 2
    np.testing.assert_allclose((middle + half)[:-1], (middle - half)[1:])
    assert middle[0] - half[0] == pytest.approx(-45)
    assert middle[-1] + half[-1] <= 45 + 1e-9
    assert (2 * half <= 26 + 1e-9).all()


def test_cars_are_parked_once_in_a_place() -> None:
    own = site()
    car, spot = fleet(own.rng, 1)[0], lot(AREA, (3, 3), (2, 5))
    assert park(own, car, spot)
    assert not park(own, car, spot)


def test_stalls_hold_cars_on_paving() -> None:
    own = site()
    spot = lot(AREA, (0, 0), (40, 34))
    stalls(own, spot, 0.7)
    made = own.scenery.facets
    cars = made.label == Label.VEHICLE
    assert len(np.unique(made.instance[cars])) > 20
    assert spot.holds(made.anchor[cars, 0], made.anchor[cars, 1]).mean() > 0.97
    paving = own.terrain.cover[own.terrain.nearest(made.anchor[cars, 0], made.anchor[cars, 1])]
    assert np.isin(paving, (Material.ASPHALT, Material.PAVING)).mean() > 0.95
