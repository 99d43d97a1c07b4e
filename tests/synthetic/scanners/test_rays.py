"""First hits: what solving every ray against every facet finds, for every scanner's rays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tests.synthetic.scanners.strips import random_strip
from volseg.synthetic.facets import (
    DISC,
    TRIANGLE,
    Facets,
    discs,
    join,
    parallelograms,
    quads,
)
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scanners.profiles import Profiles, tilted
from volseg.synthetic.scanners.rays import RANGE_LIMIT, Rays, cast
from volseg.synthetic.scanners.turns import Turns

SKIN = Skin(Label.BUILDING, Material.PLASTER)


def random_facets(rng: np.random.Generator, count: int) -> Facets:
    """Facets of every outline all around the drive, some big, some close."""
    centre = rng.uniform((-4, -8, -3), (10, 8, 8), (count, 3))
    u, w = rng.normal(size=(2, count, 3)) * rng.uniform(0.1, 1.5, (count, 1))
    v = np.cross(u, w)
    v *= np.linalg.norm(u, axis=1, keepdims=True) / np.linalg.norm(v, axis=1, keepdims=True)
    return join(
        [
            discs(centre, u, v, SKIN),
            parallelograms(centre[::-1], u, w, SKIN),
            quads(centre, centre + u, centre + u + w, centre + v, SKIN),
        ]
    )


def whole_profiles(rng: np.random.Generator) -> Rays:
    """A head that sees all around but for the ground below."""
    return random_profiles(rng, (0.5, 2 * np.pi - 0.5))


def one_sided_profiles(rng: np.random.Generator) -> Rays:
    """A head that sees one side only."""
    return random_profiles(rng, (0.2, 2.6) if rng.random() < 0.5 else (3.7, 6.1))


def random_profiles(rng: np.random.Generator, view: tuple[float, float]) -> Rays:
    along = np.cumsum(rng.uniform(0.1, 0.6, 20))
    across, up = tilted(rng.uniform(-0.7, 0.7), rng.uniform(-0.3, 0.3))
    return Profiles(along, rng.random(20), 90, across, up, (-1.0, 2.0), view)


def random_turns(rng: np.random.Generator) -> Rays:
    """Turns at three places, with beams from far below to nearly overhead."""
    elevations = np.sort(rng.uniform(-1.2, 1.5, 12))
    return Turns(rng.uniform((0, -2, 1), (6, 2, 2), (3, 3)), rng.random(3), 60, elevations)


def solve_hits(rays: Rays, facets: Facets) -> np.ndarray:
    """Distance of every ray's first hit by solving a u + b v - t d = o - anchor, inf for none."""
    ray = np.arange(len(rays))
    origin, direction = rays.origins(ray), rays.directions(ray)
    nearest = np.full(len(ray), np.inf)
    for anchor, u, v, outline in zip(
        facets.anchor, facets.u, facets.v, facets.outline, strict=True
    ):
        axes = np.broadcast_to(np.stack((u, v), axis=1), (len(ray), 3, 2))
        matrix = np.concatenate((axes, -direction[:, :, None]), axis=2)
        a, b, t = np.linalg.solve(matrix, (origin - anchor)[:, :, None])[:, :, 0].T
        if outline == TRIANGLE:
            inside = np.minimum(np.minimum(a, b), 1 - a - b) >= 0
        elif outline == DISC:
            inside = np.hypot(a, b) <= 1
        else:
            inside = np.maximum(abs(a), abs(b)) <= 1
        reached = inside & (t > 0) & (t < RANGE_LIMIT)
        nearest = np.where(reached, np.minimum(nearest, t), nearest)
    return nearest


@pytest.mark.parametrize("draw", [whole_profiles, one_sided_profiles, random_turns, random_strip])
@pytest.mark.parametrize("seed", range(4))
def test_cast_finds_the_hits_of_solving_every_ray_against_every_facet(
    draw: Callable[[np.random.Generator], Rays], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rays, facets = draw(rng), random_facets(rng, 40)
    wanted = solve_hits(rays, facets)
    ray, distance, _ = cast(rays, facets)
    assert len(ray) > 80
    np.testing.assert_array_equal(ray, np.flatnonzero(np.isfinite(wanted)))
    np.testing.assert_allclose(distance, wanted[ray], rtol=1e-9)


@pytest.mark.parametrize("draw", [whole_profiles, random_turns, random_strip])
def test_the_order_of_facets_does_not_matter(draw: Callable[[np.random.Generator], Rays]) -> None:
    rng = np.random.default_rng(0)
    rays, facets = draw(rng), random_facets(rng, 40)
    order = rng.permutation(len(facets))
    shuffled = Facets(*(column[order] for column in vars(facets).values()))
    ray, distance, _ = cast(rays, facets)
    ray_2, distance_2, _ = cast(rays, shuffled)
    np.testing.assert_array_equal(ray, ray_2)
    np.testing.assert_array_equal(distance, distance_2)


@pytest.mark.parametrize("draw", [whole_profiles, random_turns, random_strip])
def test_nothing_is_hit_in_an_empty_scene(draw: Callable[[np.random.Generator], Rays]) -> None:
    rng = np.random.default_rng(0)
    facets = random_facets(rng, 3)
    nothing = Facets(*(column[:0] for column in vars(facets).values()))
    assert all(len(column) == 0 for column in cast(draw(rng), nothing))


@pytest.mark.parametrize("draw", [whole_profiles, random_turns, random_strip])
def test_nothing_is_hit_beyond_the_reach(draw: Callable[[np.random.Generator], Rays]) -> None:
    rng = np.random.default_rng(0)
    rays, facets = draw(rng), random_facets(rng, 40)
    ray, distance, _ = cast(rays, facets)
    near = float(np.median(distance))
    fewer, nearer, _ = cast(replace(rays, reach=near), facets)  # type: ignore[type-var]
    np.testing.assert_array_equal(fewer, ray[distance < near])
    np.testing.assert_array_equal(nearer, distance[distance < near])
