"""Blocks are as high as their kind, and their courtyards are open."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.above import seen
from tests.synthetic.airborne.land import hills
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.towns import blocks
from volseg.synthetic.airborne.woods.places import Fill
from volseg.synthetic.facets import Facets, Floats
from volseg.synthetic.labels import Label


def buildings(fill: Fill, seed: int, area: Area) -> Facets:
    made = fill(np.random.default_rng(seed), hills(steep=0.0), area).facets
    own = made.label == Label.BUILDING
    return Facets(*(column[own] for column in vars(made).values()))


def grid(area: Area) -> tuple[Floats, Floats]:
    x, y = np.mgrid[-0.48:0.48:25j, -0.48:0.48:25j]
    return area.world(x.ravel() * area.length, y.ravel() * area.depth)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("fill", "low", "high", "share"),
    [
        (blocks.blocks, 8, 40, (0.2, 0.8)),
        (blocks.slabs, 8, 45, (0.03, 0.5)),
        (blocks.towers, 25, 100, (0.02, 0.4)),
        (blocks.centre, 8, 60, (0.2, 0.85)),
    ],
)
def test_heights_and_shares_of_built_land(
    fill: Fill, low: float, high: float, share: tuple[float, float], seed: int
) -> None:
    area = Area(0, 0, 90, 70)
    top, _ = seen(buildings(fill, seed, area), *grid(area))
    assert low < top.max() < high
    assert share[0] < (top > 2).mean() < share[1]


def test_a_courtyard_is_open_and_closed_around() -> None:
    area = Area(0, 0, 70, 60)
    for seed in range(12):
        made = buildings(blocks.blocks, seed, area)
        top, _ = seen(made, *grid(area))
        field = (top > 2).reshape(25, 25)
        if field[12, [2, -3]].all() and field[[2, -3], 12].all():
            assert not field[8:17, 8:17].all()
            return
    raise AssertionError("no courtyard in twelve blocks")
