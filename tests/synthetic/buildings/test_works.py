"""Works are closed from above, as wide and as high as their kind."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.synthetic.above import seen
from tests.synthetic.extent import extent, is_one_object
from volseg.synthetic.buildings import works
from volseg.synthetic.facets import Facets

Build = Callable[[np.random.Generator, float, float], Facets]
seeds = pytest.mark.parametrize("seed", range(5))


@seeds
@pytest.mark.parametrize("build", [works.hall, works.barn, works.greenhouse])
@pytest.mark.parametrize("size", [(40.0, 30.0), (14.0, 24.0)])
def test_halls_are_roofed_all_over(build: Build, size: tuple[float, float], seed: int) -> None:
    rng = np.random.default_rng(seed)
    made = build(rng, *size)
    half = np.array(size) / 2
    x, y = rng.uniform(-half + 1e-6, half - 1e-6, (300, 2)).T
    top, _ = seen(made, x, y)
    assert top.min() > 2
    assert top.max() < 35
    assert is_one_object(made)
    assert (np.abs(extent(made)[1][:2]) < half + 1.5).all()


@seeds
def test_tanks_are_round_and_closed_or_open_but_never_hollow_to_the_ground(seed: int) -> None:
    made = works.tank(np.random.default_rng(seed), 8.0)
    angle = np.linspace(0, 6, 40)
    top, _ = seen(made, 6 * np.cos(angle), 6 * np.sin(angle))
    assert top.min() > 1
    low, high = extent(made)
    np.testing.assert_allclose((low[:2], high[:2]), ((-8, -8), (8, 8)), atol=0.2)
    assert 3 < high[2] < 22


@seeds
def test_silos_and_stacks_are_taller_than_wide(seed: int) -> None:
    rng = np.random.default_rng(seed)
    silo, stack = extent(works.silo(rng)), extent(works.stack(rng))
    assert silo[1][2] > silo[1][1] - silo[0][1]
    assert 18 <= stack[1][2] <= 70
    assert np.ptp(np.stack(stack)[:, 0]) < 8


def test_drums_and_rings_reach_their_heights() -> None:
    cone = works.drum(3, 5, 2, works.METAL)
    assert seen(cone, np.zeros(1), np.zeros(1))[0] == pytest.approx(7)
    sunk = works.drum(3, 5, -2, works.METAL)
    assert seen(sunk, np.zeros(1), np.zeros(1))[0] == pytest.approx(3)
    assert extent(works.ring(2, 1, 1, 4, works.METAL))[1][2] == pytest.approx(4)


def test_a_conveyor_stands_on_feet_from_end_to_end() -> None:
    low, high = extent(works.conveyor(np.random.default_rng(0), 30.0))
    np.testing.assert_allclose((low[0], high[0]), (0, 30), atol=0.1)
    assert low[2] < 0 < 4 < high[2]
