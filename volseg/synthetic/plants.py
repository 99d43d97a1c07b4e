"""Trees, hedges and bushes: clouds of leaves on wood."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.facets import Facets, Floats, box, discs, join, rod
from volseg.synthetic.labels import Label, Material, Skin

LEAF = Skin(Label.VEGETATION, Material.LEAF)
TRUNK = Skin(Label.VEGETATION, Material.BARK)

_BOLES = {
    "round": (0.15, 0.4),
    "spreading": (0.2, 0.4),
    "column": (0.05, 0.2),
    "cone": (0.02, 0.15),
}
SPECIES = ("round", "spreading", "column", "cone", "bare")


def tree(rng: np.random.Generator, species: str, height: float) -> Facets:
    """A tree at the origin: a trunk, some boughs, and a crown that lets part of the rays pass."""
    girth = 0.018 * height + rng.uniform(0.0, 0.06)
    if species == "bare":
        return _bare(rng, height, girth)
    low, high = _BOLES[species]
    bole = height * rng.uniform(low, high)
    lean = rng.normal(0, 0.03, 2) * height
    fork = np.array([*(lean * bole / height), bole])
    parts = [rod((0, 0, -0.3), fork, girth, TRUNK)]
    centres, radii = _blobs(rng, species, height, bole)
    centres[:, :2] += lean
    parts += [rod(fork, centre, girth * 0.4, TRUNK, sides=5) for centre in centres[:8]]
    depth, leaf = np.exp(rng.uniform(-1, 1.2)), rng.uniform(0.07, 0.13) * max(1.0, height / 9)
    for centre, size in zip(centres, radii, strict=True):
        parts.append(_leaves(rng, centre, size, leaf, depth, LEAF))
    return join(parts).as_object()


def _bare(rng: np.random.Generator, height: float, girth: float) -> Facets:
    """A tree in winter: boughs that fork three times, ever thinner."""
    parts = []
    tips = [(np.zeros(3) - (0, 0, 0.3), np.array([0, 0, 1.0]))]
    length, radius = height * rng.uniform(0.25, 0.4), girth
    for forks in (int(rng.integers(4, 7)), 3, 3, 0):
        grown = []
        for foot, way in tips:
            head = foot + way * length * rng.uniform(0.7, 1.2)
            parts.append(rod(foot, head, max(radius, 0.012), TRUNK, sides=5 if forks > 3 else 3))
            for _ in range(forks):
                turned = way + rng.normal(0, 0.5, 3) + (0, 0, 0.25)
                grown.append((head, turned / np.linalg.norm(turned)))
        tips, length, radius = grown, length * 0.72, radius * 0.45
    return join(parts).as_object()


def bush(rng: np.random.Generator, height: float) -> Facets:
    """A bush at the origin: a few blobs of leaves that reach the ground."""
    parts = []
    leaf, dense = 0.05 * max(1.0, height), np.exp(rng.uniform(-0.3, 1.3))
    for _ in range(int(rng.integers(2, 6))):
        size = height * rng.uniform(0.3, 0.65, 3)
        centre = np.array([*rng.normal(0, 0.4 * height, 2), size[2] * 0.8])
        parts.append(_leaves(rng, centre, size, leaf, dense, LEAF))
    return join(parts).as_object()


def hedge(rng: np.random.Generator, length: float, width: float, height: float) -> Facets:
    """A clipped hedge over 0 <= x <= length, |y| <= width / 2: leaves round a dense core."""
    low, high = np.array([0, -width / 2, 0.05]), np.array([length, width / 2, height])
    faces = np.array([width * height, length * height, length * width])
    count = int(2 * faces.sum() / 0.012)
    centre = rng.uniform(low, high, (count, 3))
    axis = rng.choice(3, count, p=faces / faces.sum())
    depth = rng.exponential(rng.uniform(0.05, 0.2), count) - 0.04
    rows = np.arange(count)
    upper = rng.random(count) < 0.6
    centre[rows, axis] = np.where(upper, high[axis] - depth, low[axis] + depth)
    inset = np.minimum(0.15, (high - low) / 3)
    core = box(low + inset * (1, 1, 0), high - inset, LEAF)
    return join([core, _turned_discs(rng, centre, np.full(count, 0.06), LEAF)])


def _blobs(
    rng: np.random.Generator, species: str, height: float, bole: float
) -> tuple[Floats, Floats]:
    """Centres and half-axes, (k, 3) each, of the ellipsoids a crown is made of."""
    crown = height - bole
    if species == "cone":
        level = np.linspace(0.12, 0.9, 6)
        wide = 0.22 * height * (1 - level) + 0.15
        centre = np.stack((0 * level, 0 * level, bole + crown * level), axis=1)
        return centre, np.stack((wide, wide, np.full(6, crown * 0.12)), axis=1)
    if species == "column":
        level = np.array([0.3, 0.55, 0.8])
        wide = height * rng.uniform(0.09, 0.13) * np.array([1.0, 1.0, 0.65])
        centre = np.stack((0 * level, 0 * level, bole + crown * level), axis=1)
        return centre, np.stack((wide, wide, np.full(3, crown * 0.3)), axis=1)
    count = int(rng.integers(5, 9))
    reach = (1.0 if species == "round" else 1.5) * rng.uniform(0.16, 0.28) * height
    turn = 2 * np.pi * (np.arange(count) + rng.uniform(0, 0.6, count)) / count
    away = reach * rng.uniform(0.3, 0.7, count)
    level = bole + crown * rng.uniform(0.25, 0.75, count)
    centre = np.stack((away * np.cos(turn), away * np.sin(turn), level), axis=1)
    radii = reach * rng.uniform(0.45, 0.75, (count, 3)) * (1, 1, 0.8)
    return centre, radii


def _leaves(
    rng: np.random.Generator, centre: Floats, size: Floats, leaf: float, depth: float, skin: Skin
) -> Facets:
    """Leaves in an ellipsoid of half-axes ``size`` that let about ``exp(-depth)`` pass.

    A flat leaf of radius r in random attitude shades pi r^2 / 2 on average (Cauchy).
    """
    shade = np.pi * size[0] * size[2]
    count = int(depth * shade / (np.pi * leaf**2 / 2)) + 8
    inside = rng.normal(size=(count, 3))
    inside /= np.linalg.norm(inside, axis=1, keepdims=True)
    inside *= rng.random((count, 1)) ** 0.25  # more leaves outside, where the light is
    place = centre + inside * size
    place[:, 2] = np.maximum(place[:, 2], 0.05)
    return _turned_discs(rng, place, leaf * rng.uniform(0.7, 1.2, count), skin)


def _turned_discs(rng: np.random.Generator, centre: Floats, radius: Floats, skin: Skin) -> Facets:
    """Discs of given centres (n, 3) and radii (n,), in random attitudes."""
    u, w = rng.normal(size=(2, len(centre), 3))
    v = np.cross(u, w)
    u *= radius[:, None] / np.linalg.norm(u, axis=1, keepdims=True)
    v *= radius[:, None] / np.linalg.norm(v, axis=1, keepdims=True)
    return discs(centre, u, v, skin)
