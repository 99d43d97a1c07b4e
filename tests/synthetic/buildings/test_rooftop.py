"""What stands on roofs stands on them: not under, not beside, not far above."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.extent import extent
from volseg.synthetic.buildings import rooftop
from volseg.synthetic.buildings.roofs import PITCHED, TILES, draw_roof
from volseg.synthetic.facets import join
from volseg.synthetic.labels import Label, Material, Skin

WALL = Skin(Label.BUILDING, Material.BRICK)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shape", PITCHED)
def test_chimneys_dormers_and_panels_stand_on_their_roof(shape: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    roof = draw_roof(rng, shape, 16, 11)
    parts = [
        rooftop.chimneys(rng, roof, 5.0, 2),
        rooftop.dormers(rng, roof, 5.0, TILES[0], WALL),
        rooftop.panels(rng, roof, 5.0, window=False),
        rooftop.panels(rng, roof, 5.0, window=True),
    ]
    for own in filter(None, parts):
        low, high = extent(join(own))
        assert (low > (-0.3, -0.3, 4.5)).all()
        assert (high < (16.3, 11.3, 5 + roof.top + 1.3)).all()
    for field in (*parts[2], *parts[3]):
        for middle in field.anchor:
            y = min(middle[1], 11 - middle[1])
            assert 0.03 < middle[2] - 5 - roof.height(y) < 0.5


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("size", [(6.0, 5.0), (40.0, 18.0)])
def test_a_terrace_keeps_within_its_rim(size: tuple[float, float], seed: int) -> None:
    low, high = extent(join(rooftop.terrace(np.random.default_rng(seed), *size, 9.0, WALL)))
    np.testing.assert_allclose(low, (0, 0, 9), atol=0.2)
    np.testing.assert_allclose(high[:2], size)
    assert 9 < high[2] < 13


def test_a_parapet_goes_all_around() -> None:
    low, high = extent(join(rooftop.parapet(10, 8, 3, 1, WALL)))
    np.testing.assert_allclose((low, high), ((0, 0, 3), (10, 8, 4)))
