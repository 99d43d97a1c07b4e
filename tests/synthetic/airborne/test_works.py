"""Works: level along a line, banks beside it, the ground as it was beyond."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.grounds import ground
from volseg.synthetic.airborne.works import Course, graded, nearness, shape, spaced
from volseg.synthetic.labels import Material

LINE = np.array([[-40.0, -10.0], [0.0, 5.0], [40.0, 0.0]])


def hill() -> np.ndarray:
    i, j = np.mgrid[:121, :121]
    return 6 * np.sin(i / 15) + 0.05 * j


def test_distances_are_those_to_the_nearest_point_of_the_line() -> None:
    terrain = ground(hill())
    distance, along = nearness(terrain, LINE, 20.0)
    dense = spaced(LINE, 0.05)
    x, y = np.mgrid[-60:61, -60:61]
    every = np.hypot(x[..., None] - dense[::4, 0], y[..., None] - dense[::4, 1]).min(axis=-1)
    near = np.isfinite(distance)
    np.testing.assert_allclose(distance[near], every[near], atol=0.11)
    assert (every[~near] > 19.9).all()
    assert along[near].max() <= np.hypot(*np.diff(LINE, axis=0).T).sum() + 1e-9


def test_a_road_is_level_across_and_its_banks_are_no_steeper_than_asked() -> None:
    terrain, before = ground(hill()), hill()
    line = spaced(LINE, 2.0)
    levels = graded(terrain, line, 15.0)
    bed = shape(terrain, line, levels, Course(4.0, Material.ASPHALT, cut=0.5, fill=0.5))
    distance, along = nearness(terrain, line, 59.0)
    wanted = np.interp(along, np.linspace(0, along.max(), len(line)), levels)
    assert np.abs(terrain.z[bed] - wanted[bed]).max() < 0.1
    assert (terrain.cover[bed] == Material.ASPHALT).all()
    assert (terrain.cover[~bed] == Material.GRASS).all()
    bank = np.isfinite(distance) & (distance > 4)
    assert (np.abs(terrain.z - wanted)[bank] <= 0.5 * (distance[bank] - 4) + 0.1).all()
    far = ~np.isfinite(distance)
    np.testing.assert_array_equal(terrain.z[far], before[far])


@pytest.mark.parametrize(("cut", "fill", "sign"), [(0.4, 0.0, -1), (0.0, 0.4, 1)])
def test_ditches_only_cut_and_dykes_only_fill(cut: float, fill: float, sign: int) -> None:
    terrain, before = ground(hill()), hill()
    line = spaced(LINE, 2.0)
    levels = terrain.height(*line.T) + 3.0 * sign
    bed = shape(terrain, line, levels, Course(1.0, Material.SOIL, cut, fill, wet=sign < 0))
    assert (sign * (terrain.z - before)[~bed] >= 0).all()
    assert (sign * (terrain.z - before)[bed]).mean() > 2
    np.testing.assert_array_equal(terrain.water, bed if sign < 0 else False)
