"""Fences, walls, signs, bins and the like of the synthetic street, and walkers."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.facets import Facets, box, discs, join, parallelograms, rod
from volseg.synthetic.labels import Label, Material, Skin

STONE = Skin(Label.FURNITURE, Material.STONE)
BRICK = Skin(Label.FURNITURE, Material.BRICK)
WOOD = Skin(Label.FURNITURE, Material.WOOD)
METAL = Skin(Label.FURNITURE, Material.METAL)
SIGN = Skin(Label.FURNITURE, Material.REFLECTOR)
GLASS = Skin(Label.FURNITURE, Material.GLASS)
GHOST = Skin(Label.NOISE, Material.GHOST)


def wall(rng: np.random.Generator, length: float, height: float) -> Facets:
    """A garden wall over 0 <= x <= length under a coping."""
    skin = BRICK if rng.random() < 0.5 else STONE
    return join(
        [
            box((0, -0.12, -0.3), (length, 0.12, height), skin),
            box((-0.03, -0.17, height), (length + 0.03, 0.17, height + 0.07), STONE),
        ]
    )


def fence(rng: np.random.Generator, length: float, height: float) -> Facets:
    """A fence over 0 <= x <= length: posts, two rails, and pales with gaps between them."""
    pitch, share = rng.uniform(0.1, 0.18), rng.uniform(0.45, 0.75)
    skin = WOOD if rng.random() < 0.6 else METAL
    x = np.arange(pitch / 2, length, pitch)
    pales = np.stack((x, 0 * x, np.full_like(x, height / 2 + 0.04)), axis=1)
    posts = np.linspace(0, length, max(2, round(length / 2.2)))
    parts = [parallelograms(pales, (pitch * share / 2, 0, 0), (0, 0, height / 2 - 0.04), skin)]
    parts += [rod((p, 0.05, -0.2), (p, 0.05, height + 0.05), 0.05, skin, 4) for p in posts]
    for z in (0.25 * height, 0.8 * height):
        parts.append(rod((0, 0.04, z), (length, 0.04, z), 0.035, skin, 4))
    return join(parts)


def sign(rng: np.random.Generator) -> Facets:
    """A traffic sign at the origin: a pole and a plate across the street."""
    top = rng.uniform(2.3, 3.0)
    parts = [rod((0, 0, -0.2), (0, 0, top), 0.04, METAL, 6)]
    if rng.random() < 0.5:
        parts.append(discs((-0.05, 0, top - 0.32), (0, 0.3, 0), (0, 0, 0.3), SIGN))
    else:
        wide = rng.uniform(0.2, 0.4)
        parts.append(parallelograms((-0.05, 0, top - 0.32), (0, wide, 0), (0, 0, 0.3), SIGN))
    return join(parts).as_object()


def bollard(rng: np.random.Generator) -> Facets:
    """A bollard at the origin."""
    return rod((0, 0, -0.1), (0, 0, rng.uniform(0.8, 1.1)), 0.08, METAL).as_object()


def bins(rng: np.random.Generator) -> Facets:
    """Dustbins, cabinets or letter boxes, one to three beside each other."""
    parts = []
    for k in range(int(rng.integers(1, 4))):
        size = rng.uniform((0.3, 0.3, 0.7), (0.8, 0.8, 1.5))
        one = box((0.9 * k, 0, -0.1), (0.9 * k + size[0], size[1], size[2]), METAL)
        parts.append(one.as_object())
    return join(parts)


def bench(rng: np.random.Generator) -> Facets:
    """A bench along x at the origin: a seat and a back of boards on two feet."""
    half = rng.uniform(0.6, 1.1)
    boards = [box((-half, y, 0.42), (half, y + 0.1, 0.46), WOOD) for y in (0.0, 0.15, 0.3)]
    boards += [box((-half, 0.45, z), (half, 0.48, z + 0.1), WOOD) for z in (0.55, 0.72)]
    feet = [box((x, 0.05, -0.1), (x + 0.06, 0.45, 0.42), METAL) for x in (-half + 0.1, half - 0.16)]
    return join([*boards, *feet]).as_object()


def shelter(rng: np.random.Generator) -> Facets:
    """A bus shelter along x, open towards y < 0: a glass back and sides under a flat roof."""
    half, tall = rng.uniform(1.2, 2.5), rng.uniform(2.2, 2.6)
    corners = [(x, y) for x in (-half, half) for y in (0.0, 1.4)]
    return join(
        [
            *(rod((x, y, -0.1), (x, y, tall), 0.04, METAL, 6) for x, y in corners),
            box((-half - 0.1, -0.3, tall), (half + 0.1, 1.5, tall + 0.12), METAL),
            parallelograms((0, 1.4, tall / 2), (half, 0, 0), (0, 0, tall / 2 - 0.15), GLASS),
            parallelograms((half, 0.7, tall / 2), (0, 0.7, 0), (0, 0, tall / 2 - 0.15), SIGN),
        ]
    ).as_object()


def walker(rng: np.random.Generator) -> Facets:
    """Somebody who walks past the scanner, drawn out along x: an artefact."""
    tall, drawn = rng.uniform(1.55, 1.9), rng.uniform(1.0, 3.5)
    hip = 0.5 * tall
    body = join(
        [
            rod((-0.1, 0, 0.05), (0, 0, hip), 0.09, GHOST, 6),
            rod((0.15, 0.1, 0.05), (0, 0.1, hip), 0.09, GHOST, 6),
            rod((0, 0.05, hip), (0.05, 0.05, 0.86 * tall), 0.2, GHOST),
            rod((0.05, 0.05, 0.86 * tall), (0.05, 0.05, tall), 0.11, GHOST),
        ]
    )
    return body.mapped(np.diag([drawn, 1.0, 1.0]))
