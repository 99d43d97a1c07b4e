"""Roofs cover their plan without a hole, from the eaves to the ridge."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.above import seen
from tests.synthetic.extent import extent
from volseg.synthetic.buildings.roofs import PITCHED, SHAPES, TILES, cover, draw_roof
from volseg.synthetic.labels import Label, Material, Skin

WALL = Skin(Label.BUILDING, Material.BRICK)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [(14.0, 9.0), (7.0, 12.0), (40.0, 30.0)])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_roof_has_no_hole_and_keeps_between_eaves_and_ridge(
    shape: str, size: tuple[float, float], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    roof = draw_roof(rng, shape, *size)
    facets = cover(roof, 5.0, rng.uniform(0, 0.8), TILES[0], WALL)
    x, y = rng.uniform((0, 0), size, (500, 2)).T
    top, _ = seen(facets, x, y)
    assert top.min() >= 5 - 1e-9
    assert top.max() <= 5 + roof.top + 1e-9
    if not roof.hip:
        np.testing.assert_allclose(
            top, 5 + np.array([roof.height(value) for value in y]), atol=1e-6
        )


@pytest.mark.parametrize("shape", PITCHED)
def test_pitches_are_those_of_real_roofs(shape: str) -> None:
    for seed in range(20):
        roof = draw_roof(np.random.default_rng(seed), shape, 15, 10)
        assert 0.1 * roof.depth < roof.top < 0.75 * roof.depth
        assert roof.height(roof.depth / 2) == pytest.approx(roof.top)


def test_hips_lean_in_and_a_pyramid_ends_in_a_point() -> None:
    rng = np.random.default_rng(0)
    middle = np.array([5.0])
    assert draw_roof(rng, "gable", 15, 10).inset(middle) == 0
    assert 0 < draw_roof(rng, "hip", 15, 10).inset(middle)[0] <= 5
    assert draw_roof(rng, "pyramid", 15, 10).inset(middle) == pytest.approx(7.5)
    half = draw_roof(rng, "half-hip", 15, 10)
    assert half.inset(np.array([half.start])) == 0
    assert half.inset(middle) > 0


def test_a_roof_stands_out_of_its_walls_by_its_overhang() -> None:
    for shape in ("gable", "hip", "half-hip"):
        facets = cover(draw_roof(np.random.default_rng(1), shape, 12, 8), 3, 0.6, TILES[0], WALL)
        x, y = np.array([6.0, 6.0, 6.0]), np.array([-0.5, 8.5, 8.7])
        top, _ = seen(facets, x, y)
        assert 2 < top[0] < 3
        assert 2 < top[1] < 3
        assert top[2] == -np.inf


def test_gables_may_stand_out_less_than_eaves() -> None:
    roof = draw_roof(np.random.default_rng(1), "gable", 12, 8)
    low, high = extent(cover(roof, 3, 0.6, TILES[0], WALL, verge=0.2))
    np.testing.assert_allclose((low[0], high[0]), (-0.2, 12.2))
    np.testing.assert_allclose((low[1], high[1]), (-0.6, 8.6))
