"""Kinds of terrain: the same again, as steep as they are called, and water at its level."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.synthetic.airborne.kinds import RELIEFS, Relief
from volseg.synthetic.airborne.relief import draw_terrain, flood


def draw(relief: Relief, seed: int, size: float = 300.0):  # type: ignore[no-untyped-def]
    return draw_terrain(np.random.default_rng(seed), relief, size, 1.0)


def steepness(relief: Relief) -> np.ndarray:
    """Quantiles of slopes of some terrains, 0.5 and 0.98, metres a metre."""
    slopes = [np.hypot(*np.gradient(draw(relief, seed).z)) for seed in range(4)]
    return np.quantile(slopes, (0.5, 0.98))


@pytest.mark.parametrize("relief", RELIEFS)
def test_the_same_seed_gives_the_same_ground_and_another_another(relief: Relief) -> None:
    z = draw(relief, 3).z
    assert z.tobytes() == draw(relief, 3).z.tobytes()
    assert np.isfinite(z).all()
    assert np.abs(z - draw(relief, 4).z).max() > 0.1


def test_kinds_are_as_steep_as_they_are_called() -> None:
    by_kind = {relief: steepness(relief) for relief in RELIEFS}
    assert by_kind["plain"][1] < 0.12 < by_kind["hills"][1]
    assert by_kind["steep"][0] > 0.3
    assert by_kind["steep"][0] > 3 * by_kind["hills"][0]
    for broken in ("terraces", "quarry", "cliffs"):
        assert by_kind[broken][1] > 0.5  # type: ignore[index]
    assert by_kind["dykes"][0] < 0.1


def test_water_is_level_and_lies_where_the_ground_was_lower() -> None:
    terrain = draw("hills", 0)
    before = terrain.z.copy()
    level = float(np.quantile(before, 0.2))
    flood(terrain, level)
    np.testing.assert_array_equal(terrain.water, before < level)
    assert (terrain.z[terrain.water] == level).all()
    np.testing.assert_array_equal(terrain.z[~terrain.water], before[~terrain.water])


def test_a_coast_has_a_sea() -> None:
    wet = [draw("coast", seed).water.mean() for seed in range(6)]
    assert 0.02 < np.mean(wet) < 0.8
