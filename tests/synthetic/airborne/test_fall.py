"""Rays to the ground: they end on it, and nowhere before have they been below it."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.airborne.grounds import flat, ground
from volseg.synthetic.airborne.fall import fall
from volseg.synthetic.scanners.strip import Strip


def rays(rng: np.random.Generator, count: int = 3000) -> Strip:
    along, aside = rng.uniform(-40, 40, count), rng.uniform(-0.6, 0.6, count)
    return Strip((0, 0, 60.0), rng.uniform(-3, 3), along, 0 * along + 0.1, aside, np.zeros_like)


def bumps(rng: np.random.Generator) -> np.ndarray:
    """Smooth hills, and a cliff of 12 m."""
    i, j = np.mgrid[:141, :141]
    return 6 * np.sin(i / 9) + 5 * np.cos(j / 7 + i / 30) + np.where(i + 0.3 * j > 100, 12.0, 0)


@pytest.mark.parametrize("seed", range(3))
def test_rays_end_on_the_ground_and_have_not_been_below_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    terrain, sent = ground(bumps(rng)), rays(rng)
    every = np.arange(len(sent))
    origin, way, distance = sent.origins(every), sent.directions(every), fall(sent, terrain)
    x, y, z = (origin + distance[:, None] * way).T
    inside = (np.abs(x) < 69) & (np.abs(y) < 69)
    assert inside.mean() > 0.9
    off = np.abs(z - terrain.height(x, y))[inside]
    assert np.quantile(off, 0.95) < 1e-2
    # On a cliff's face a cell is 12 m high, and interpolation ends within a step of it.
    assert off.max() < 4
    for share in np.linspace(0.5, 0.99, 30):
        x, y, z = (origin + share * distance[:, None] * way).T
        below = terrain.height(x, y) - z
        assert np.quantile(below[inside], 0.995) < 0.3


def test_on_level_ground_the_way_is_the_height_over_the_cosine() -> None:
    sent = rays(np.random.default_rng(0))
    way = sent.directions(np.arange(len(sent)))
    np.testing.assert_allclose(fall(sent, flat()), 60 / -way[:, 2], rtol=1e-9)
