"""Noise below the ground: found where it is rare, without taking ground along."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.geometry.ground import terrains
from tests.geometry.ground.terrains import Scene, bare, cluster, scattered, slope
from volseg.geometry.ground.ground import Ground, ground_of
from volseg.geometry.ground.layers import HEIGHT, Layers, layers_of
from volseg.geometry.ground.low_noise import BOTTOMLESS, clear, find_low, neighbours
from volseg.geometry.ground.planes import Planes

Floats = NDArray[np.float64]
Terrain = Callable[[Floats, Floats], Floats]
WIDE, STRIP, ROOM = (60.0, 60.0), (150.0, 10.0), (120.0, 80.0)


@cache
def known(terrain: Terrain, density: float, size: tuple[float, float]) -> tuple[Scene, Ground]:
    """A scan without noise, and its ground."""
    scene = bare(terrain, density=density, size=size)
    return scene, ground_of(layers_of(scene.metres))


def outcome(scene: Scene, before: Ground, noise: Floats) -> tuple[float, float, float]:
    """Shares: of points whose height the noise changes by 0.5 m, of ground and of noise found."""
    all_of_it = scene + noise
    ground = ground_of(layers_of(all_of_it.metres))
    changed = np.abs(ground.under(scene.metres) - before.under(scene.metres)) > 0.5
    called = ground.is_noise(all_of_it.metres)
    return changed.mean(), called[all_of_it.ground].mean(), called[all_of_it.noise].mean()


class TestFlat:
    @pytest.mark.parametrize("density", [0.3, 4.0, 50.0])
    @pytest.mark.parametrize(
        ("count", "deep"), [(2, 1.0), (2, 8.0), (10, 3.0), (100, 1.5), (100, 8.0)]
    )
    def test_a_cluster_changes_hardly_a_height(
        self, count: int, deep: float, density: float
    ) -> None:
        scene, before = known(terrains.flat, density, WIDE)
        changed, ground, found = outcome(scene, before, cluster(scene, count, deep))
        assert changed < 0.01
        assert ground < 0.005
        if deep > 1.0 and density > 0.3:
            assert found > 0.9

    @pytest.mark.parametrize("density", [1.0, 4.0, 20.0])
    @pytest.mark.parametrize(("count", "deep"), [(2, 1.0), (2, 8.0), (10, 3.0)])
    def test_nor_does_a_cluster_in_a_strip(self, count: int, deep: float, density: float) -> None:
        scene, before = known(terrains.flat, density, STRIP)
        changed, ground, _ = outcome(scene, before, cluster(scene, count, deep))
        assert changed < 0.01
        assert ground < 0.005

    @pytest.mark.parametrize("at", [(0.0, 0.5), (1.0, 1.0)])
    @pytest.mark.parametrize("count", [3, 60])
    def test_nor_does_a_cluster_at_the_edge(self, count: int, at: tuple[float, float]) -> None:
        scene, before = known(terrains.flat, 3.0, (60.0, 60.0))
        changed, ground, found = outcome(scene, before, cluster(scene, count, 5.0, at=at))
        assert changed < 0.01
        assert ground < 0.005
        assert found > 0.9

    @pytest.mark.parametrize("size", [WIDE, STRIP])
    @pytest.mark.parametrize("density", [0.3, 2.0, 20.0])
    @pytest.mark.parametrize(("low", "high"), [(1.0, 2.0), (2.0, 10.0), (10.0, 300.0)])
    def test_nor_do_scattered_points(
        self, low: float, high: float, density: float, size: tuple[float, float]
    ) -> None:
        scene, before = known(terrains.flat, density, size)
        changed, ground, found = outcome(scene, before, scattered(scene, 0.005, low, high))
        assert changed < 0.01
        assert ground < 0.005
        # Where points are sparse, shallow noise bends the ground that it is held against.
        assert found > (0.4 if density < 1 and high <= 2 else 0.9)


ROUGH: list[tuple[Terrain, float]] = [
    (slope(0.3), 0.01),
    (slope(0.6), 0.02),
    (terrains.rolling, 0.01),
    (terrains.cliff, 0.1),
    (terrains.quarry, 0.1),
]
"""Terrains, and the share of points whose height noise may change there."""


class TestRough:
    @pytest.mark.parametrize(("density", "share"), [(0.5, 0.005), (4.0, 0.001)])
    @pytest.mark.parametrize(("terrain", "most"), ROUGH)
    def test_scattered_points_change_few_heights(
        self, terrain: Terrain, most: float, density: float, share: float
    ) -> None:
        scene, before = known(terrain, density, ROOM)
        changed, ground, found = outcome(scene, before, scattered(scene, share, 1.0, 8.0))
        assert changed < most
        assert ground < 0.005
        assert found > 0.7

    @pytest.mark.parametrize(("count", "deep"), [(4, 6.0), (100, 3.0)])
    @pytest.mark.parametrize(("terrain", "most"), ROUGH)
    def test_so_do_clusters(self, terrain: Terrain, most: float, count: int, deep: float) -> None:
        scene, before = known(terrain, 4.0, ROOM)
        changed, ground, found = outcome(scene, before, cluster(scene, count, deep, at=(0.25, 0.3)))
        assert changed < most
        assert ground < 0.005
        # Of many points under a steep wall none may be found, but they move few heights.
        assert found > 0.7 or (count == 100 and terrain is terrains.quarry)

    @pytest.mark.parametrize("density", [1.0, 4.0])
    @pytest.mark.parametrize(
        "terrain", [*(one for one, _ in ROUGH), terrains.terraces, terrains.ridge]
    )
    def test_of_ground_alone_hardly_any_is_noise(self, terrain: Terrain, density: float) -> None:
        scene, ground = known(terrain, density, ROOM)
        called = ground.is_noise(scene.metres)
        assert called.mean() < (0.01 if terrain is terrains.terraces else 0.005)


def layers_at(depths: dict[tuple[int, int], list[float]], count: int = 20) -> Layers:
    """A point at every column at these depths, over level ground of many, 21 by 21 columns."""
    places = [(x, y, 0.1) for x in range(21) for y in range(21) for _ in range(count)]
    places += [(x, y, -deep + 0.1) for (x, y), own in depths.items() for deep in own]
    metres = np.array(places) * (2.0, 2.0, 1.0) + (1.0, 1.0, 0.0)
    return layers_of(metres)


LEVEL = Planes(np.zeros(441), np.zeros(441), np.zeros(441), np.ones(441))


class TestFindLow:
    @pytest.mark.parametrize(("deep", "found"), [(0.5, False), (0.75, True), (40.0, True)])
    def test_noise_lies_some_layers_below(self, deep: float, found: bool) -> None:
        layers = layers_at({(10, 10): [deep]})
        low = find_low(layers, np.ones(len(layers), dtype=bool), LEVEL)
        assert low.sum() == found
        np.testing.assert_array_equal(layers["low"][low], [0.1 - deep] * found)

    def test_as_many_as_the_ground_they_are_no_noise(self) -> None:
        layers = layers_at({(x, y): [3.0] for x in range(8, 14) for y in range(8, 14)}, count=1)
        assert not find_low(layers, np.ones(len(layers), dtype=bool), LEVEL).any()

    def test_above_ground_that_lies_deeper_nothing_is_noise(self) -> None:
        deeper = {(x, y): [8.0] for x in range(21) for y in range(21)}
        layers = layers_at(deeper | {(10, 10): [8.0, 3.0]}, count=20)
        low = find_low(layers, np.ones(len(layers), dtype=bool), LEVEL)
        assert not low[layers["low"] > -5.0].any()

    def test_what_was_found_before_is_not_found_again(self) -> None:
        layers = layers_at({(10, 10): [9.0, 3.0]})
        kept = layers["low"] > -5.0
        low = find_low(layers, kept, LEVEL)
        np.testing.assert_array_equal(layers["low"][low], [0.1 - 3.0])


def test_floors_lie_above_all_noise_and_nowhere_else() -> None:
    layers = layers_at({(0, 0): [9.0, 3.0], (0, 1): [5.0]}, count=1)
    floor = clear(layers, layers["low"] > 0.0)
    assert floor[:2].tolist() == [0, 0]
    assert (floor[2:] == BOTTOMLESS).all()
    nothing = clear(layers, np.zeros(len(layers), dtype=bool))
    assert (nothing * HEIGHT > 0.1).all()


@given(st.integers(0, 2**31), st.integers(0, 3))
def test_neighbours_are_the_columns_around(seed: int, reach: int) -> None:
    random = np.random.default_rng(seed)
    cells = np.unique(random.integers(-6, 6, (30, 2)), axis=0)
    column = random.integers(0, len(cells), 5)
    rows = {tuple(cell): row for row, cell in enumerate(cells.tolist())}
    steps = []
    for step, other in neighbours(cells, column, reach):
        steps.append(step)
        wanted = [rows.get(tuple(cell), -1) for cell in (cells[column] + step).tolist()]
        assert other.tolist() == wanted
    assert len(set(steps)) == len(steps) == (2 * reach + 1) ** 2
