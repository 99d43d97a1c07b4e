"""Plants stand in the ground, as high and as long as they were asked for."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.extent import extent, is_one_object
from volseg.synthetic import plants
from volseg.synthetic.labels import Label

seeds = pytest.mark.parametrize("seed", range(3))


@seeds
@pytest.mark.parametrize("height", [4.0, 12.0])
@pytest.mark.parametrize("species", plants.SPECIES)
def test_a_tree_is_rooted_and_about_as_high_as_it_should_be(
    seed: int, height: float, species: str
) -> None:
    tree = plants.tree(np.random.default_rng(seed), species, height)
    low, high = extent(tree)
    assert -0.6 < low[2] < 0
    assert 0.5 * height < high[2] < 1.6 * height
    assert np.abs((low[:2], high[:2])).max() < height
    assert is_one_object(tree)
    assert {*tree.label.tolist()} == {Label.VEGETATION}


@seeds
def test_a_bush_reaches_the_ground_and_no_higher_than_a_tree(seed: int) -> None:
    bush = plants.bush(np.random.default_rng(seed), 2.0)
    low, high = extent(bush)
    assert -0.2 < low[2] < 0.3
    assert 0.6 < high[2] < 4
    assert is_one_object(bush)


@seeds
def test_a_hedge_keeps_to_its_strip(seed: int) -> None:
    low, high = extent(plants.hedge(np.random.default_rng(seed), 5.0, 0.8, 1.5))
    np.testing.assert_allclose(low, (0, -0.4, 0), atol=0.25)
    np.testing.assert_allclose(high, (5, 0.4, 1.5), atol=0.25)
