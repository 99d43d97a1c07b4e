"""The own ground of columns, and pits: scattered noise in many columns draws no ground down."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.geometry.ground import terrains
from tests.geometry.ground.terrains import bare, scattered, slope
from volseg.geometry.ground.ground import ground_of
from volseg.geometry.ground.layers import layers_of
from volseg.geometry.ground.lowest import alone, own_grounds, pits_of
from volseg.geometry.ground.planes import Planes

Floats = NDArray[np.float64]
Terrain = Callable[[Floats, Floats], Floats]
SHAPE = np.array((24, 24))
CORNER = np.zeros(2, dtype=np.int64)


def column(x: int, y: int, *heights: float) -> list[tuple[float, float, float]]:
    """Points in the middle of a column."""
    return [(2.0 * x + 1.0, 2.0 * y + 1.0, height) for height in heights]


def own_of(metres: list[tuple[float, float, float]]) -> Floats:
    """The own ground of every column that has points."""
    seen, points = own_grounds(layers_of(np.array(metres)), CORNER, SHAPE)
    return points[2][seen]


class TestOwnGrounds:
    def test_few_points_close_below_a_surface_are_passed_over(self) -> None:
        assert own_of(column(0, 0, *[5.1] * 30, 4.0, 3.4)).tolist() == [5.1]

    @pytest.mark.parametrize("deep", [3.0, 15.0])
    def test_under_a_roof_or_a_crown_they_are_the_ground(self, deep: float) -> None:
        assert own_of(column(0, 0, *[20.1] * 30, 20.1 - deep)).tolist() == [20.1 - deep]

    def test_so_they_are_under_shrubs_that_are_no_surface(self) -> None:
        shrub = [1.0 + 0.3 * step for step in range(6) for _ in range(5)]
        assert own_of(column(0, 0, 0.1, *shrub)).tolist() == [0.1]


class TestAlone:
    def test_a_hole_is_and_a_slope_is_not(self) -> None:
        heights = 2.0 * np.add.outer(np.arange(12.0), np.zeros(12))
        heights[6, 6] -= 40.0
        lonely = alone(np.ones((12, 12), dtype=bool), heights)
        assert np.argwhere(lonely).tolist() == [[6, 6]]


class TestPits:
    @pytest.mark.parametrize(("count", "pits"), [(1, True), (30, False)])
    def test_many_columns_are_where_their_points_are_few(self, count: int, pits: bool) -> None:
        """A fifth of the columns reaches 5 m down, by a point each, or as densely as the rest."""
        places = [(x, y) for x in range(24) for y in range(24)]
        metres = [point for x, y in places for point in column(x, y, *[0.1] * 100)]
        deep = [(x, y) for x, y in places if (x + 2 * y) % 5 == 0]
        metres += [point for x, y in deep for point in column(x, y, *[-4.9] * count)]
        layers = layers_of(np.array(metres))
        seen = np.ones(SHAPE, dtype=bool)
        z = np.full(SHAPE, 0.1)
        for x, y in deep:
            z[x, y] = -4.9
        level = Planes(np.full(SHAPE, 0.1), np.zeros(SHAPE), np.zeros(SHAPE), np.ones(SHAPE))
        found = pits_of(layers, seen, (np.zeros(SHAPE), np.zeros(SHAPE), z), level)
        assert found.sum() == (len(deep) if pits else 0)


class TestScatteredNoise:
    """Half a percent of a tile a third of which is ground, all of it below that."""

    @pytest.mark.parametrize(("density", "size"), [(8.0, (50.0, 50.0)), (30.0, (80.0, 10.0))])
    @pytest.mark.parametrize(("low", "high"), [(0.5, 2.0), (2.0, 10.0), (10.0, 200.0)])
    @pytest.mark.parametrize("terrain", [terrains.flat, slope(0.3)])
    def test_of_other_points_hardly_one_is_moved(
        self, terrain: Terrain, low: float, high: float, density: float, size: tuple[float, float]
    ) -> None:
        scene = bare(terrain, density=density, size=size)
        noise = scattered(scene, 0.015, low, high)
        before = ground_of(layers_of(scene.metres))
        after = ground_of(layers_of((scene + noise).metres))
        changed = before.holds(scene.metres) != after.holds(scene.metres)
        assert changed.mean() < 0.01
        assert after.holds(noise).mean() < 0.25  # what is hardly deeper than the ground may rise
