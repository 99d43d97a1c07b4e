"""A profiler's rays: in one plane, from a head that drives, none forgotten near a sphere."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.scanners.sphere import check_near
from volseg.synthetic.scanners.profiles import Profiles, tilted


def profiles(rng: np.random.Generator, view: tuple[float, float]) -> Profiles:
    across, up = tilted(rng.uniform(-0.7, 0.7), rng.uniform(-0.3, 0.3))
    along = np.cumsum(rng.uniform(0.1, 0.6, 20))
    return Profiles(along, rng.random(20), 90, across, up, (-1.0, 2.0), view)


@pytest.mark.parametrize("view", [(0.5, 5.8), (0.2, 2.6), (3.7, 6.1)])
@pytest.mark.parametrize("seed", range(3))
def test_no_ray_near_a_sphere_is_forgotten(seed: int, view: tuple[float, float]) -> None:
    rng = np.random.default_rng(seed)
    check_near(profiles(rng, view), rng)


def test_rays_lie_in_the_plane_of_their_head_and_within_its_view() -> None:
    head = profiles(np.random.default_rng(0), (0.2, 2.6))
    direction = head.directions(np.arange(len(head)))
    np.testing.assert_allclose(direction @ np.cross(head.across, head.up), 0, atol=1e-9)
    angle = np.arctan2(direction @ head.across, -(direction @ head.up))
    assert (angle >= 0.2).all()
    assert (angle <= 2.6 + head.step).all()
