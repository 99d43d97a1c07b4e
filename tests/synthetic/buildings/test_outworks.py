"""What stands out of a front begins at the wall and keeps within its width and height."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.synthetic.extent import extent
from volseg.synthetic.buildings.facade import Facade
from volseg.synthetic.buildings.house import BRICK
from volseg.synthetic.buildings.outworks import balconies, oriels, porch
from volseg.synthetic.facets import Facets, join

FRONT = Facade(12, 4, 3, storey=3, plinth=0.5, recess=0.1, glazed=1, blind=0, wall=BRICK)


@pytest.mark.parametrize("build", [balconies, oriels, porch])
@pytest.mark.parametrize("seed", range(8))
def test_outworks_stand_before_their_wall(
    build: Callable[[np.random.Generator, Facade, int], list[Facets]], seed: int
) -> None:
    parts = build(np.random.default_rng(seed), FRONT, 1)
    if not parts:
        return
    low, high = extent(join(parts))
    assert -2.7 < low[1] < high[1] <= 1e-9
    assert low[0] > -0.5
    assert high[0] < FRONT.width + 0.5
    assert high[2] <= FRONT.height + 0.1


@pytest.mark.parametrize("seed", range(8))
def test_no_balcony_is_on_the_ground_floor(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for part in balconies(rng, FRONT, 1):
        assert extent(part)[0][2] > FRONT.plinth + FRONT.storey - 0.2
    flat = Facade(12, 4, 1, storey=3, plinth=0.5, recess=0.1, glazed=1, blind=0, wall=BRICK)
    assert balconies(rng, flat, 1) == []
