"""The ground: steep terrain kept, houses and trees passed over, and how far it looks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.geometry.ground import terrains
from tests.geometry.ground.terrains import bare, slope, with_forest, with_roof
from volseg.errors import InputError
from volseg.geometry.ground.ground import BLOCK, REACH, Ground, ground_of
from volseg.geometry.ground.layers import CELL, FAR, HEIGHT, layers_of, merge

Floats = NDArray[np.float64]
SIDE = BLOCK * CELL


def ground_under(metres: Floats) -> Ground:
    return ground_of(layers_of(metres))


def heights_of(metres: Floats) -> Floats:
    return metres[:, 2] - ground_under(metres).under(metres)


def same(found: Ground, metres: Floats, wanted: Ground) -> None:
    """Whether points have the same ground and noise, bit by bit."""
    np.testing.assert_array_equal(found.under(metres), wanted.under(metres))
    np.testing.assert_array_equal(found.is_noise(metres), wanted.is_noise(metres))


@st.composite
def clouds(draw: st.DrawFn, spread: float = 30.0) -> Floats:
    """Points at multiples of 1/64 m, so that shifts are exact; dense to sparse, also negative."""
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    count = draw(st.integers(1, 400))
    places = random.integers(-int(64 * spread), int(64 * spread), (count, 2))
    heights = random.integers(0, draw(st.sampled_from([100, 2000])), count)
    return np.column_stack((places, heights)) / 64.0


class TestLaws:
    @given(clouds(), st.integers(0, 2**31))
    @settings(deadline=None, max_examples=8)
    def test_the_order_of_the_points_changes_nothing(self, metres: Floats, seed: int) -> None:
        shuffled = np.random.default_rng(seed).permutation(metres)
        same(ground_under(shuffled), metres, ground_under(metres))

    @given(clouds(), st.integers(0, 2**31))
    @settings(deadline=None, max_examples=8)
    def test_parts_merged_have_the_ground_of_all(self, metres: Floats, seed: int) -> None:
        part = np.random.default_rng(seed).integers(0, 3, len(metres))
        merged = merge([layers_of(metres[part == number]) for number in range(3)])
        same(ground_of(merged), metres, ground_under(metres))

    @given(clouds(), st.tuples(*[st.integers(-20, 20)] * 2), st.integers(-400, 400))
    @settings(deadline=None, max_examples=8)
    def test_it_moves_with_the_scan(
        self, metres: Floats, blocks: tuple[int, int], layers: int
    ) -> None:
        moved = metres + (blocks[0] * SIDE, blocks[1] * SIDE, layers * HEIGHT)
        found, wanted = ground_under(moved), ground_under(metres)
        np.testing.assert_array_equal(found.is_noise(moved), wanted.is_noise(metres))
        np.testing.assert_allclose(
            found.under(moved) - layers * HEIGHT, wanted.under(metres), atol=1e-6
        )

    def test_sideways_it_moves_bit_by_bit(self) -> None:
        metres = bare(terrains.rolling, density=1.0, size=(60.0, 60.0)).metres
        metres = np.round(metres * 64) / 64
        moved = metres + (3 * SIDE, -2 * SIDE, 0.0)
        np.testing.assert_array_equal(
            ground_under(moved).under(moved), ground_under(metres).under(metres)
        )

    @pytest.mark.parametrize("along", [0, 1])
    def test_nothing_beyond_its_reach_matters(self, along: int) -> None:
        random = np.random.default_rng(along)
        metres = random.uniform((-1.5 * SIDE, 0.0, 0.0), (1.5 * SIDE, 30.0, 20.0), (4000, 3))
        if along:
            metres = metres[:, [1, 0, 2]]
        whole = ground_under(metres)
        for centre in metres[:4]:
            near = (np.abs(metres[:, :2] - centre[:2]) <= REACH).all(axis=1)
            assert near.sum() < len(metres)
            same(ground_under(metres[near]), centre[None], whole)

    def test_a_scan_of_several_blocks_has_the_ground_of_any_scan_around_it(self) -> None:
        strip = bare(terrains.rolling, density=0.5, size=(SIDE + 300.0, 40.0)).metres
        around = bare(terrains.cliff, density=0.2, size=(200.0, 60.0), seed=5).metres
        beyond = strip[:, 0].max() + REACH + 10.0 + around[:, 0] - around[:, 0].min()
        around = np.column_stack((beyond, around[:, 1:]))
        assert len(np.unique(strip[:, 0] // SIDE)) > 1
        same(ground_under(np.concatenate((around, strip))), strip, ground_under(strip))


class TestSmallScans:
    def test_without_points_there_is_nothing_to_ask(self) -> None:
        none = np.empty((0, 3))
        ground = ground_under(none)
        assert ground.under(none).shape == ground.is_noise(none).shape == (0,)

    @given(st.tuples(*[st.floats(-1e6, 1e6)] * 3), st.integers(1, 3))
    @settings(deadline=None, max_examples=8)
    def test_one_place_lies_on_its_own_ground(
        self, point: tuple[float, float, float], times: int
    ) -> None:
        metres = np.array([point] * times)
        np.testing.assert_allclose(heights_of(metres), 0.0, atol=1e-6)
        assert not ground_under(metres).is_noise(metres).any()

    @pytest.mark.parametrize("along", [(1.0, 0.0, 0.0), (0.0, 1.0, 0.3), (0.7, 0.7, -0.2)])
    def test_points_in_a_row_are_ground(self, along: tuple[float, float, float]) -> None:
        metres = np.linspace(0.0, 80.0, 100)[:, None] * np.array(along) + (7.0, -9.0, 30.0)
        assert np.abs(heights_of(metres)).max() < 0.5

    def test_points_above_one_another_stand_on_the_lowest(self) -> None:
        metres = np.column_stack((np.full((50, 2), 3.25), np.linspace(0.0, 12.25, 50)))
        heights = heights_of(metres)
        np.testing.assert_allclose(np.diff(heights), 0.25)
        assert heights[0] == pytest.approx(0.0, abs=0.5)

    def test_a_scan_may_lie_in_places_far_apart(self) -> None:
        near = bare(terrains.flat, density=1.0, size=(30.0, 30.0)).metres
        far = np.concatenate((near, [[5e6, -7e6, 3.0]]))
        ground = ground_under(far)
        same(ground, near, ground_under(near))
        assert ground.under(far)[-1] == pytest.approx(3.0)

    def test_points_too_far_out_are_refused(self) -> None:
        with pytest.raises(InputError, match="remove stray points"):
            ground_under(np.array([[0.0, 0.0, 0.0], [FAR, 0.0, 0.0]]))


def high(metres: Floats, chosen: NDArray[np.bool_]) -> float:
    """Share of some points that stand more than 1 m over the ground."""
    return float((heights_of(metres)[chosen] > 1.0).mean())


class TestTerrain:
    @pytest.mark.parametrize("density", [0.5, 4.0])
    @pytest.mark.parametrize("rise", [0.1, 0.3, 0.6, 1.0])
    def test_slopes_are_ground_up_to_the_edge_of_the_scan(
        self, rise: float, density: float
    ) -> None:
        scene = bare(slope(rise), density=density)
        heights = heights_of(scene.metres)
        assert (heights > 1.0).mean() < 0.001
        edge = (np.abs(scene.metres[:, :2] - terrains.CORNER - 60.0) > 55.0).any(axis=1)
        assert (heights[edge] > 1.0).mean() < 0.005
        assert np.abs(np.median(heights)) < 0.2

    @pytest.mark.parametrize(
        ("terrain", "most"),
        [
            (terrains.rolling, 0.001),
            (terrains.ridge, 0.05),
            (terrains.hill, 0.01),
            (terrains.terraces, 0.02),
            (terrains.cliff, 0.06),
            (terrains.quarry, 0.12),
        ],
    )
    @pytest.mark.parametrize("density", [0.5, 4.0])
    def test_rough_terrain_is_ground(
        self, terrain: Callable[[Floats, Floats], Floats], most: float, density: float
    ) -> None:
        scene = bare(terrain, density=density)
        assert high(scene.metres, scene.ground) < most


class TestThings:
    @pytest.mark.parametrize("width", [6.0, 20.0, 48.0])
    @pytest.mark.parametrize("rise", [0.0, 0.1, 0.3])
    def test_roofs_are_as_high_as_they_stand(self, width: float, rise: float) -> None:
        scene = with_roof(bare(slope(rise), density=2.0), width)
        heights = heights_of(scene.metres)
        assert (heights[scene.things] > 2.5).mean() > 0.99
        assert (heights[scene.ground] > 1.0).mean() < 0.01

    @pytest.mark.parametrize(("density", "hits"), [(1.0, 0.2), (20.0, 0.02)])
    def test_ground_seldom_seen_through_a_forest_is_kept(self, density: float, hits: float) -> None:
        scene = with_forest(bare(terrains.rolling, density=density, size=(80.0, 80.0)), hits)
        ground = ground_under(scene.metres)
        heights = scene.metres[:, 2] - ground.under(scene.metres)
        assert (heights[scene.ground] > 1.0).mean() < 0.01
        assert (heights[scene.things] > 1.0).mean() > 0.95
        assert not ground.is_noise(scene.metres)[scene.ground].any()
