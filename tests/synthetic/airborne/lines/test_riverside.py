"""Growth along water stands on its banks, in patches on both sides."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.synthetic.airborne.lines.riverside import riverside
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.labels import Label, Material


def river(half: float) -> Terrain:
    """A straight river along x between banks 1 m high."""
    _, y = np.mgrid[:201, :101].astype(np.float64)
    water = np.abs(y - 50) <= half
    cover = np.full(water.shape, Material.GRASS, dtype=np.int8)
    return Terrain(np.where(water, 0.0, 1.0), cover, water, 1.0, (-100.0, -50.0))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("half", [2.0, 9.0])
def test_plants_stand_on_both_banks_and_not_in_the_water(half: float, seed: int) -> None:
    terrain, line = river(half), np.array([[-95.0, 0], [95, 0]])
    made = riverside(np.random.default_rng(seed), terrain, line, half)
    aside = made.crowns.centre[:, 1]
    assert {*np.sign(aside).tolist()} == {-1, 1}
    stems = made.facets.anchor
    assert (np.abs(stems[:, 1]) > half - 0.6).all()
    assert (np.abs(stems[:, 1]) < half + 6).all()
    small = made.crowns.radii[:, 2] < 1.3
    assert small.any()
    assert (np.abs(aside[small & (made.crowns.instance == 0)]) > half - 2.5).all()
    assert {*made.crowns.label.tolist()} == {Label.VEGETATION}


def test_no_plant_leaves_the_terrain() -> None:
    terrain, line = river(3.0), np.array([[-300.0, 0], [300, 0]])
    made = riverside(np.random.default_rng(0), terrain, line, 3.0, leaves=False)
    assert np.abs(made.facets.anchor[:, 0]).max() < 101
