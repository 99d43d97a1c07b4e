"""The law that every scanner's rays keep: none that passes a sphere is left out."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.scanners.profiles import Profiles
from volseg.synthetic.scanners.turns import Turns


def check_near(rays: Profiles | Turns, rng: np.random.Generator) -> None:
    """Every ray that passes one of some spheres is named with it, once."""
    centre, radius = rng.uniform((-2, -8, -2), (9, 8, 6), (30, 3)), rng.uniform(0.1, 2, 30)
    named = [
        pair
        for sphere, ray in rays.near(centre, radius)
        for pair in zip(sphere.tolist(), ray.tolist(), strict=True)
    ]
    assert len(named) == len(set(named))
    every = np.arange(len(rays))
    origin, direction = rays.origins(every), rays.directions(every)
    np.testing.assert_allclose(np.linalg.norm(direction, axis=1), 1)
    for number in range(len(radius)):
        to = centre[number] - origin
        along = np.maximum((to * direction).sum(axis=1), 0)
        missed = np.linalg.norm(to - along[:, None] * direction, axis=1)
        passing = {(number, int(ray)) for ray in np.flatnonzero(missed < radius[number] - 1e-9)}
        assert passing <= set(named)
    assert 0 < len(named) < len(rays) * len(radius)
