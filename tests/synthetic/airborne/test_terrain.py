"""Terrain: heights between corners, slopes, and water."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from volseg.synthetic.airborne.terrain import Terrain

PLACE = st.floats(0, 9.9)


def plane(rise: float, run: float) -> Terrain:
    i, j = np.mgrid[:21, :21]
    z = 0.5 * (rise * i + run * j)
    return Terrain(z, np.zeros(z.shape, dtype=np.int8), i > 10, 0.5, (100.0, 200.0))


@given(x=PLACE, y=PLACE, rise=st.floats(-2, 2), run=st.floats(-2, 2))
def test_a_plane_is_a_plane_everywhere(x: float, y: float, rise: float, run: float) -> None:
    ground = plane(rise, run)
    assert np.isclose(ground.height(100 + x, 200 + y), rise * x + run * y, atol=1e-9)
    np.testing.assert_allclose(ground.slope(100 + x, 200 + y), (rise, run), atol=1e-9)
    assert ground.wet(100 + x, 200 + y) == (x > 5.25)


def test_beyond_the_grid_the_ground_goes_on_as_at_its_edge() -> None:
    ground = plane(1, 0)
    assert ground.extent == (100, 200, 110, 210)
    assert np.isclose(ground.height(90, 205), 0)
    assert np.isclose(ground.height(120, 205), 10, atol=0.01)
