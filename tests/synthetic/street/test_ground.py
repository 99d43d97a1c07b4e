"""The ground of a street: falls to the kerb, steps up on it, and meets the yards behind."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.extent import extent
from volseg.synthetic.labels import Label
from volseg.synthetic.street.ground import CAMBER, Section, draw_section, strips, yard


def section(seed: int) -> Section:
    return draw_section(np.random.default_rng(seed), 3.5, seed % 2 == 0, (2.0, 12.0))


@pytest.mark.parametrize("seed", range(6))
def test_the_ground_has_one_step_at_the_kerb(seed: int) -> None:
    side = section(seed)
    y = np.linspace(0, side.line + side.setback + 10, 20_000)
    heights = np.array([side.height(value) for value in y])
    steps = np.diff(heights)
    highest = int(np.argmax(steps))
    assert y[highest] == pytest.approx(side.road, abs=0.01)
    assert steps[highest] == pytest.approx(side.kerb, abs=0.01)
    assert np.abs(np.delete(steps, highest)).max() < 0.01
    assert side.height(side.road) == pytest.approx(-CAMBER * side.road)


@pytest.mark.parametrize("seed", range(6))
def test_strips_and_yards_lie_on_the_section(seed: int) -> None:
    side, rng = section(seed), np.random.default_rng(seed)
    street, lot = strips(rng, side, 0, 30), yard(rng, side, 0, 12, green=True)
    low, high = extent(street)
    np.testing.assert_allclose((low[0], low[1], high[1]), (0, 0, side.line), atol=0.01)
    assert extent(lot)[0][1] == pytest.approx(side.line)
    for made, rough in ((street, 0.35), (lot, 0.6)):  # a kerb reaches into the ground
        assert {*made.label.tolist()} == {Label.GROUND}
        level = np.array([side.height(y) for y in made.anchor[:, 1]])
        assert np.abs(made.anchor[:, 2] - level).max() < rough
