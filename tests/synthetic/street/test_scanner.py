"""Scanners: where each kind looks, and what a number of rays changes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.synthetic.scanners.rays import Rays
from volseg.synthetic.street.scanner import KINDS, Kind, draw_scanner

LENGTH, LANE = 60.0, 3.5


def rays(kind: Kind, seed: int, count: int) -> list[Rays]:
    return draw_scanner(np.random.default_rng(seed), kind, LANE, LENGTH).rays(count)


def directions(head: Rays) -> np.ndarray:
    return head.directions(np.arange(len(head)))


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32), count=st.integers(60_000, 80_000))
@pytest.mark.parametrize("kind", KINDS)
def test_rays_are_about_as_many_as_asked_for_and_start_in_the_street(
    kind: Kind, seed: int, count: int
) -> None:
    heads = rays(kind, seed, count)
    assert 0.7 * count < sum(map(len, heads)) < 1.2 * count
    for head in heads:
        every = np.arange(len(head))
        x, y, z = head.origins(every).T
        assert (x > -1).all()
        assert (x < LENGTH + 1).all()
        assert np.abs(y).max() <= LANE
        assert (z > 1).all()
        assert (z < 3.1).all()
        np.testing.assert_allclose(np.linalg.norm(head.directions(every), axis=1), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_more_rays_take_the_same_route(kind: Kind) -> None:
    few, many = rays(kind, 3, 5_000), rays(kind, 3, 50_000)
    assert len(few) == len(many)
    for one, other in zip(few, many, strict=True):
        ends = [
            np.sort(head.origins(np.array([0, len(head) - 1])), axis=0) for head in (one, other)
        ]
        np.testing.assert_allclose(*ends, atol=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_a_pushbroom_looks_to_one_side(seed: int) -> None:
    (head,) = rays("pushbroom", seed, 2_000)
    side = directions(head)[:, 1]
    assert (side > -1e-9).all() or (side < 1e-9).all()


@pytest.mark.parametrize("seed", range(6))
def test_a_multibeam_sends_a_few_cones_all_around(seed: int) -> None:
    (head,) = rays("multibeam", seed, 50_000)
    way = directions(head)
    assert len(np.unique(np.round(way[:, 2], 9))) in (16, 32, 40, 64)
    quadrants = np.bincount(2 * (way[:, 0] > 0) + (way[:, 1] > 0), minlength=4) / len(way)
    np.testing.assert_allclose(quadrants, 0.25, atol=0.02)
