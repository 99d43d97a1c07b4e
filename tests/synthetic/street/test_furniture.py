"""Furniture stands on the ground, and is as long as it was asked for."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.synthetic.extent import extent, is_one_object
from volseg.synthetic.facets import Facets
from volseg.synthetic.labels import Label
from volseg.synthetic.street import furniture

Build = Callable[[np.random.Generator], Facets]
ALONE: tuple[Build, ...] = (
    furniture.sign, furniture.bollard, furniture.bench, furniture.shelter,
)  # fmt: skip


@pytest.mark.parametrize("build", [*ALONE, furniture.bins])
@pytest.mark.parametrize("seed", range(4))
def test_furniture_stands_on_the_ground(build: Build, seed: int) -> None:
    made = build(np.random.default_rng(seed))
    low, high = extent(made)
    assert -0.3 < low[2] <= 0
    assert 0.4 < high[2] < 3.5
    assert np.abs((low[:2], high[:2])).max() < 3.5
    assert {*made.label.tolist()} == {Label.FURNITURE}
    assert build not in ALONE or is_one_object(made)


@pytest.mark.parametrize("build", [furniture.wall, furniture.fence])
def test_borders_are_as_long_and_high_as_they_should_be(
    build: Callable[[np.random.Generator, float, float], Facets],
) -> None:
    low, high = extent(build(np.random.default_rng(0), 6.0, 1.2))
    np.testing.assert_allclose((low[0], high[0]), (0, 6), atol=0.1)
    assert 1.1 < high[2] < 1.4


def test_walkers_are_noise_and_no_object() -> None:
    walker = furniture.walker(np.random.default_rng(0))
    assert {*walker.label.tolist()} == {Label.NOISE}
    assert {*walker.instance.tolist()} == {0}
