"""What comes back: points on what was hit, of its class and object; weak echoes drown."""

from __future__ import annotations

import numpy as np
import pytest

from volseg.synthetic.facets import Facets, box, join
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scanners.rays import Rays, cast
from volseg.synthetic.scanners.returns import Scanner, scan, strength
from volseg.synthetic.scanners.turns import Turns

STEEL = Skin(Label.FURNITURE, Material.REFLECTOR)
WALL = Skin(Label.BUILDING, Material.PLASTER)


@pytest.fixture
def head() -> Rays:
    return Turns(np.array([[0, 0, 1.5]]), np.zeros(1), 400, np.linspace(-0.3, 0.3, 9))


@pytest.fixture
def scene() -> Facets:
    post = box((4, -1, 0), (5, 1, 3), STEEL).as_object()
    return join([box((-20, -20, -1), (-15, 20, 9), WALL), post, post.moved(0, 8, 0)])


def device(noise: float = 0.0, stray: float = 0.0, weakest: float = 1e-9) -> Scanner:
    return Scanner(lambda count: [], noise, stray, weakest)


def test_a_perfect_scanner_sees_what_its_rays_hit(head: Rays, scene: Facets) -> None:
    made = scan(np.random.default_rng(0), device(), head, scene)
    ray, _, facet = cast(head, scene)
    number = np.rint(made.time * len(head)).astype(np.int64)
    assert len(number) > 0.9 * len(ray)  # plaster loses one in a hundred
    hit = facet[np.searchsorted(ray, number)]
    np.testing.assert_array_equal(made.labels, scene.label[hit])
    np.testing.assert_array_equal(made.instances, scene.instance[hit])
    posts = made.xyz[made.instances > 0]
    assert np.abs(posts[:, 0] - 4).min() < 0.01
    assert {*made.instances.tolist()} == {0, 1, 2}


def test_strays_are_noise_and_no_object(head: Rays, scene: Facets) -> None:
    made = scan(np.random.default_rng(0), device(stray=1.0), head, scene)
    assert {*made.labels.tolist()} == {Label.NOISE}
    assert {*made.instances.tolist()} == {0}


def test_a_deafer_scanner_sees_less_and_the_far_first(head: Rays, scene: Facets) -> None:
    near, deaf = (
        scan(np.random.default_rng(0), device(weakest=weakest), head, scene)
        for weakest in (1e-9, 0.5)
    )
    assert len(deaf.xyz) < len(near.xyz)
    share = [np.mean(one.labels == Label.BUILDING) for one in (near, deaf)]
    assert share[1] < share[0]


def test_half_of_the_power_is_left_at_the_falloff() -> None:
    wall = np.full(2, Material.PLASTER, dtype=np.int8)
    near, far = strength(wall, np.ones(2), np.array([0.0, 1.0]))
    assert near == pytest.approx(2 * far)
    assert 0.4 < near < 0.7
