"""Areas: their own frame and the world's, and ground made level under them."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from volseg.synthetic.airborne.area import Area, level
from volseg.synthetic.airborne.terrain import Terrain

NUMBER = st.floats(-50, 50)


def slope() -> Terrain:
    i, _ = np.mgrid[:101, :101]
    return Terrain(0.3 * i, np.zeros(i.shape, dtype=np.int8), i > 200, 1.0, (0.0, 0.0))


@given(x=NUMBER, y=NUMBER, along=NUMBER, across=NUMBER, heading=st.floats(-4, 4))
def test_there_and_back_is_where_one_was(
    x: float, y: float, along: float, across: float, heading: float
) -> None:
    area = Area(x, y, 10, 10, heading)
    back = area.own(*area.world(np.array([along]), np.array([across])))
    np.testing.assert_allclose(np.ravel(back), (along, across), atol=1e-9)


@given(heading=st.floats(-4, 4), bank=st.floats(1, 9))
def test_ground_is_level_within_and_as_it_was_beyond_the_bank(heading: float, bank: float) -> None:
    ground, before = slope(), slope().z
    area = Area(50, 50, 20, 12, heading)
    height = level(ground, area, bank)
    i, j = np.mgrid[:101, :101].astype(float)
    outside = area.outside(ground, (slice(0, 101), slice(0, 101)))
    assert np.allclose(ground.z[area.holds(i, j)], height)
    assert np.array_equal(ground.z[outside >= bank], before[outside >= bank])
    assert abs(height - 15) < 0.5


def test_an_area_outside_the_grid_changes_nothing() -> None:
    ground, before = slope(), slope().z
    level(ground, Area(500, 500, 10, 10))
    assert np.array_equal(ground.z, before)
