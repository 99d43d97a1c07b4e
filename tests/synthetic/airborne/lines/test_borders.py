"""Borders follow their line and the ground, and only trees are objects."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from tests.synthetic.airborne.land import hills, passing
from volseg.synthetic.airborne.lines import borders
from volseg.synthetic.labels import Label, Material

LINE = np.array([[-50.0, -20], [10, 0], [40, 45]])
seeds = pytest.mark.parametrize("seed", range(4))


def off(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Distance from the line, (n,)."""
    place = np.stack((x, y), axis=1)
    best = np.full(len(place), np.inf)
    for start, stop in pairwise(LINE):
        way = stop - start
        share = np.clip((place - start) @ way / (way @ way), 0, 1)
        best = np.minimum(best, np.linalg.norm(place - start - share[:, None] * way, axis=1))
    return best


@seeds
@pytest.mark.parametrize("build", [borders.wall, borders.fence])
def test_walls_and_fences_follow_the_ground(build: object, seed: int) -> None:
    terrain = hills()
    made = build(np.random.default_rng(seed), terrain, LINE)  # type: ignore[operator]
    facets = made.facets
    assert off(facets.anchor[:, 0], facets.anchor[:, 1]).max() < 1
    top = facets.anchor[:, 2] + np.abs(facets.v[:, 2])
    above = top - terrain.height(facets.anchor[:, 0], facets.anchor[:, 1])
    assert 0.7 < above.max() < 2.8
    assert above.min() > 0
    assert made.objects == 0
    assert {*facets.label.tolist()} == {Label.FURNITURE}


@seeds
def test_a_hedge_is_dense_from_the_ground_to_its_top(seed: int) -> None:
    terrain = hills()
    made = borders.hedge(np.random.default_rng(seed), terrain, LINE)
    centre, radii = made.crowns.centre, made.crowns.radii
    above = centre[:, 2] + radii[:, 2] - terrain.height(centre[:, 0], centre[:, 1])
    assert 0.6 < above.max() < 3
    assert (above > 0).all()
    assert off(centre[:, 0], centre[:, 1]).max() < 1.2
    x, y = np.linspace(LINE[0], LINE[1], 50)[2:-2].T
    assert passing(made.crowns, x, y).mean() < 0.25
    assert made.objects == 0


@seeds
def test_an_avenue_is_a_row_of_trees(seed: int) -> None:
    made = borders.avenue(np.random.default_rng(seed), hills(), LINE, leaves=False)
    assert 5 < made.objects < 40
    assert off(made.crowns.centre[:, 0], made.crowns.centre[:, 1]).max() < 12
    assert made.crowns.material[0] in (Material.BARK, Material.LEAF)


@seeds
def test_lamps_stand_along_their_line(seed: int) -> None:
    terrain = hills()
    made = borders.lamps(np.random.default_rng(seed), terrain, LINE)
    assert 3 <= made.objects <= 8
    assert off(made.facets.anchor[:, 0], made.facets.anchor[:, 1]).max() < 3
    over = made.facets.anchor[:, 2] - terrain.height(*made.facets.anchor[:, :2].T)
    assert 3.5 < over.max() < 13
