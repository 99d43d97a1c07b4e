"""Polygons against matplotlib's."""

from __future__ import annotations

import numpy as np
from matplotlib.path import Path as Outline

from volseg.geometry.area import Polygons


def test_points_lie_where_another_finds_them() -> None:
    rng = np.random.default_rng(0)
    angles = np.sort(rng.uniform(0, 2 * np.pi, 30))
    star = np.stack((np.cos(angles), np.sin(angles)), 1) * rng.uniform(20, 90, (30, 1))
    star += (6.5e5, 6.8e6)
    hole = np.array([[-9, -9], [9, -9], [9, 9], [-9, 9]]) + (6.5e5, 6.8e6)
    xy = rng.uniform(-100, 100, (5000, 2)) + (6.5e5, 6.8e6)
    wanted = Outline(star - hole[0]).contains_points(xy - hole[0])
    wanted &= ~Outline(hole - hole[0]).contains_points(xy - hole[0])
    rings = tuple(tuple((float(x), float(y)) for x, y in ring) for ring in (star, hole))
    assert (Polygons((rings,)).holds(xy) == wanted).all()
    assert 500 < wanted.sum() < 4500


def test_neighbours_that_share_an_edge_share_no_point() -> None:
    left = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
    right = tuple((x + 1, y) for x, y in left)
    xy = np.array([[1.0, 0.5], [0.5, 0.5], [1.5, 0.5]])
    held = np.stack([Polygons(((ring,),)).holds(xy) for ring in (left, right)])
    assert (held.sum(axis=0) == 1).all()
