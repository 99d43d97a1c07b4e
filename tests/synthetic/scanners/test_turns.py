"""Rays of whole turns: all around at every elevation, none forgotten near a sphere."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.scanners.sphere import check_near
from volseg.synthetic.scanners.turns import Turns


def turns(rng: np.random.Generator) -> Turns:
    elevations = np.sort(rng.uniform(-1.2, 1.5, 12))
    return Turns(rng.uniform((0, -2, 1), (6, 2, 2), (3, 3)), rng.random(3), 60, elevations)


@pytest.mark.parametrize("seed", range(3))
def test_no_ray_near_a_sphere_is_forgotten(seed: int) -> None:
    rng = np.random.default_rng(seed)
    check_near(turns(rng), rng)


def test_every_place_sends_every_elevation_all_around() -> None:
    head = turns(np.random.default_rng(0))
    every = np.arange(len(head))
    direction = head.directions(every).reshape(3, 60, 12, 3)
    np.testing.assert_allclose(
        np.arcsin(direction[..., 2]), np.broadcast_to(head.elevations, (3, 60, 12))
    )
    azimuth = np.unwrap(np.arctan2(direction[..., 1], direction[..., 0])[:, :, 0], axis=1)
    np.testing.assert_allclose(np.diff(azimuth, axis=1), 2 * np.pi / 60)
    places = head.origins(every).reshape(3, -1, 3)
    np.testing.assert_array_equal(places, np.broadcast_to(head.places[:, None], places.shape))
