"""Division of land: blocks lie in it, apart from each other and from the streets."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.blocks import Division, divide


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 1000),
    size=st.floats(130, 700),
    heading=st.floats(-4, 4),
    streets=st.floats(0, 1),
)
def test_blocks_share_land_with_each_other_and_no_street(
    seed: int, size: float, heading: float, streets: float
) -> None:
    rng = np.random.default_rng(seed)
    land = Area(10, -20, size, size, heading)
    blocks, cuts = divide(rng, land, Division(120, streets, (4, 8)))
    x, y = land.world(*rng.uniform(-size / 2, size / 2, (2, 3000)))
    within = np.sum([block.holds(x, y) for block in blocks], axis=0)
    assert within.max() <= 1
    assert within.mean() > 0.7
    assert len(blocks) == len(cuts) + 1
    wider = Area(10, -20, size + 1e-6, size + 1e-6, heading)
    for block in blocks:
        assert block.length >= block.depth
        assert block.length < 1.5 * 120
        assert wider.holds(*block.corners()).all()
    for cut in cuts:
        (x0, y0), (x1, y1) = cut.line
        steps = np.linspace(0, 1, 50)
        on = [block.holds(x0 + steps * (x1 - x0), y0 + steps * (y1 - y0)) for block in blocks]
        # Ends reach 2 m into the street, or over the border, at which they stop.
        assert np.sum(on, axis=0)[3:-3].max() == 0
