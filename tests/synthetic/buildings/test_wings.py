"""Buildings of wings fill their letter, closed from above, one object on walls all around."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.above import seen
from tests.synthetic.extent import extent, is_one_object
from volseg.synthetic.buildings.roofs import SHAPES
from volseg.synthetic.buildings.wings import FOOT, Wing, building, draw_style, plan
from volseg.synthetic.facets import Floats
from volseg.synthetic.labels import Label

LETTERS = "ILTUHO"


def within(wings: list[Wing], x: Floats, y: Floats) -> np.ndarray:
    inside = np.zeros(len(x), dtype=bool)
    for wing in wings:
        half = (wing.depth, wing.width) if wing.turned else (wing.width, wing.depth)
        inside |= (np.abs(x - wing.x) < half[0] / 2) & (np.abs(y - wing.y) < half[1] / 2)
    return inside


@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("shape", SHAPES)
def test_no_hole_is_seen_from_above(letter: str, shape: str) -> None:
    rng = np.random.default_rng(len(shape))
    wings = plan(letter, 30, 26, 9)
    style = draw_style(rng, shape, 6.0)
    made = building(rng, wings, style, 1.0)
    x, y = rng.uniform(-18, 18, (2, 600))
    top, _ = seen(made, x, y)
    inside = within(wings, x, y)
    assert (top[inside] >= 6 - 1e-9).all()
    far = ~within([Wing(w.x, w.y, w.width + 3, w.depth + 3, w.turned) for w in wings], x, y)
    assert (top[far] == -np.inf).all()
    assert is_one_object(made)
    assert {*made.label.tolist()} == {Label.BUILDING}
    low, high = extent(made)
    assert low[2] == pytest.approx(-FOOT)
    assert high[2] < 6 + 26 * 0.75 + 4


def test_a_courtyard_is_open() -> None:
    rng = np.random.default_rng(0)
    made = building(rng, plan("O", 30, 26, 9), draw_style(rng, "hip", 6.0), 1.0)
    assert seen(made, np.zeros(1), np.zeros(1))[0] == -np.inf
