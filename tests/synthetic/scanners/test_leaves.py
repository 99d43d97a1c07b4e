"""Leaves in crowns: how many rays pass is the law of Beer, and what they meet lies within."""

from __future__ import annotations

import numpy as np
import pytest

from tests.synthetic.scanners.strips import random_strip
from volseg.synthetic.crowns import Crowns, crowns
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scanners.leaves import pierce
from volseg.synthetic.scanners.strip import Strip

LEAF = Skin(Label.VEGETATION, Material.LEAF)


def straight_down(count: int) -> Strip:
    along = np.linspace(-0.001, 0.001, count)
    return Strip((0, 0, 100.0), 0.0, along, 0 * along, 0 * along, np.zeros_like)


@pytest.mark.parametrize("density", [0.1, 0.5, 2.0])
def test_the_share_that_passes_falls_off_with_the_way(density: float) -> None:
    ball = crowns((0, 0, 10), (1, 1, 2), density, LEAF)  # 4 m deep
    ray, distance, _ = pierce(np.random.default_rng(0), straight_down(40_000), ball)
    assert 1 - len(ray) / 40_000 == pytest.approx(np.exp(-4 * density), abs=0.01)
    assert (distance >= 88).all()
    assert (distance <= 92).all()
    assert np.median(distance) < 90


@pytest.mark.parametrize("seed", range(4))
def test_leaves_lie_in_the_crowns_they_are_of_and_before_the_reach(seed: int) -> None:
    rng = np.random.default_rng(seed)
    balls = crowns(rng.uniform(-9, 9, (30, 3)), rng.uniform(0.3, 3, (30, 3)), 0.7, LEAF)
    rays = random_strip(rng)
    ray, distance, crown = pierce(rng, rays, balls)
    assert len(ray) > 20
    assert (np.diff(ray) > 0).all()
    assert (distance < 80).all()
    leaf = rays.origins(ray) + distance[:, None] * rays.directions(ray)
    within = ((leaf - balls.centre[crown]) / balls.radii[crown]) ** 2
    assert (within.sum(axis=1) <= 1 + 1e-9).all()


def test_the_first_of_crowns_in_a_row_is_met_most() -> None:
    balls = crowns([(0, 0, z) for z in (10, 20, 30)], 2.0, 0.4, LEAF)
    _, _, crown = pierce(np.random.default_rng(0), straight_down(20_000), balls)
    met = np.bincount(crown, minlength=3) / 20_000
    stays = np.exp(-1.6)
    np.testing.assert_allclose(met[::-1], (1 - stays) * stays ** np.arange(3), atol=0.02)


def test_no_crown_stops_nothing() -> None:
    nothing = Crowns(**{n: c[:0] for n, c in vars(crowns((0, 0, 1), 1.0, 1.0, LEAF)).items()})
    assert all(len(c) == 0 for c in pierce(np.random.default_rng(0), straight_down(9), nothing))
