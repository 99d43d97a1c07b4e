"""A flight strip's rays: unit directions, downwards, and none that passes a crown is left out."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.scanners.strips import random_strip
from volseg.synthetic.crowns import crowns
from volseg.synthetic.labels import Label, Material, Skin

LEAF = Skin(Label.VEGETATION, Material.LEAF)


@pytest.mark.parametrize("seed", range(5))
def test_every_ray_that_passes_a_crown_is_named_with_it_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rays = random_strip(rng)
    balls = crowns(rng.uniform(-9, 9, (30, 3)), rng.uniform(0.3, 3, (30, 3)), 1.0, LEAF)
    named = [
        pair
        for crown, ray in rays.crossings(balls)
        for pair in zip(crown.tolist(), ray.tolist(), strict=True)
    ]
    assert len(named) == len(set(named))
    every = np.arange(len(rays))
    origin, direction = rays.origins(every), rays.directions(every)
    for number, (centre, radii) in enumerate(zip(balls.centre, balls.radii, strict=True)):
        to, way = (centre - origin) / radii, direction / radii
        along = (to * way).sum(axis=1) / (way**2).sum(axis=1)
        missed = np.linalg.norm(to - along[:, None] * way, axis=1)
        passing = {(number, int(ray)) for ray in np.flatnonzero(missed < 1 - 1e-9)}
        assert passing <= set(named)
    assert 0 < len(named) < 0.5 * len(rays) * len(balls)


def test_rays_go_down_from_a_level_line_in_the_direction_of_flight() -> None:
    rays = random_strip(np.random.default_rng(1))
    every = np.arange(len(rays))
    origin, direction = rays.origins(every), rays.directions(every)
    np.testing.assert_allclose(np.linalg.norm(direction, axis=1), 1)
    assert (direction[:, 2] < 0).all()
    assert (origin[:, 2] == 20).all()
    heading = (np.cos(rays.heading), np.sin(rays.heading))
    np.testing.assert_allclose((origin[:, :2] - (2, 1)) @ heading, rays.along)
    flat = direction[:, :2] / -direction[:, 2:]
    np.testing.assert_allclose(flat @ heading, rays.ahead)
