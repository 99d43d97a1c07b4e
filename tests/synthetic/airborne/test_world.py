"""Landscapes: the same again, every use of land, nothing in water or on roads."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.synthetic.airborne.kinds import RELIEFS, Relief
from volseg.synthetic.airborne.themes import SLOPES, THEMES, USES
from volseg.synthetic.airborne.towns import TOWNS
from volseg.synthetic.airborne.woods import WOODS
from volseg.synthetic.airborne.world import MARGIN, choose, draw_world
from volseg.synthetic.labels import Label


@pytest.mark.parametrize("relief", RELIEFS)
def test_a_landscape_is_drawn_by_seed_and_finite(relief: Relief) -> None:
    made, again = (draw_world(np.random.default_rng(3), relief, 120.0, 1.0) for _ in range(2))
    assert made.use in USES[relief]
    for name in ("z", "cover", "water"):
        assert getattr(made.terrain, name).tobytes() == getattr(again.terrain, name).tobytes()
    for shapes, same in (
        (made.scenery.facets, again.scenery.facets),
        (made.scenery.crowns, again.scenery.crowns),
    ):
        for column, other in zip(vars(shapes).values(), vars(same).values(), strict=True):
            assert column.tobytes() == other.tobytes()
            assert np.isfinite(column).all()
    assert made.terrain.extent[0] == -60 - MARGIN


def test_themes_are_of_kinds_that_there_are() -> None:
    fills = {*TOWNS, *WOODS}
    assert all({*theme.fills} <= fills for theme in THEMES.values())
    assert {*SLOPES} <= {*WOODS}
    assert {use for uses in USES.values() for use in uses} == {*THEMES}
    assert {*USES} == {*RELIEFS}


def test_a_name_is_drawn_as_often_as_wanted() -> None:
    rng = np.random.default_rng(0)
    drawn = [choose(rng, {"a": 3, "b": 1, "c": 0}) for _ in range(2000)]
    assert drawn.count("c") == 0
    assert drawn.count("a") / 2000 == pytest.approx(0.75, abs=0.04)


def test_stems_stand_on_dry_ground() -> None:
    for seed in range(3):
        made = draw_world(np.random.default_rng(seed), "coast", 200.0, 1.0)
        plants = made.scenery.facets.label == Label.VEGETATION
        stems = made.scenery.facets.anchor[plants]
        assert made.terrain.wet(*stems[:, :2].T).mean() < 0.01
        off = stems[:, 2] - made.terrain.height(*stems[:, :2].T)
        assert off.min() > -8
