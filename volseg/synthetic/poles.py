"""Poles: lamps, traffic lights, and utility poles with their wires."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from volseg.synthetic.facets import Facets, Floats, box, join, rod
from volseg.synthetic.labels import Label, Material, Skin

METAL = Skin(Label.FURNITURE, Material.METAL)
WOOD = Skin(Label.FURNITURE, Material.WOOD)


def lamp(rng: np.random.Generator, height: float) -> Facets:
    """A street lamp at the origin whose arm reaches towards y < 0."""
    reach = rng.uniform(0.4, 1.8)
    return join(
        [
            rod((0, 0, -0.2), (0, 0, 1.1), 0.09, METAL),
            rod((0, 0, 1.1), (0, 0, height), 0.06, METAL),
            rod((0, 0, height), (0, -reach, height + 0.25), 0.04, METAL, 6),
            box((-0.16, -reach - 0.5, height + 0.2), (0.16, -reach, height + 0.34), METAL),
        ]
    ).as_object()


def traffic_light(rng: np.random.Generator) -> Facets:
    """A traffic light at the origin, sometimes with a second head over the lane, y < 0."""
    tall, reach = rng.uniform(2.8, 3.6), rng.uniform(2.5, 5.0)
    parts = [
        rod((0, 0, -0.2), (0, 0, tall), 0.07, METAL),
        box((-0.15, -0.3, tall - 0.9), (0.15, -0.05, tall), METAL),
    ]
    if rng.random() < 0.5:
        high = rng.uniform(5.0, 6.0)
        parts += [
            rod((0, 0, tall), (0, 0, high), 0.07, METAL),
            rod((0, 0, high), (0, -reach, high + 0.3), 0.06, METAL, 6),
            box((-0.15, -reach - 0.3, high - 0.5), (0.15, -reach, high + 0.4), METAL),
        ]
    return join(parts).as_object()


def power_line(rng: np.random.Generator, along: Floats, levels: Floats) -> Facets:
    """Utility poles at x of ``along`` (n,), on the ground at ``levels`` (n,), and their wires."""
    tall, arm = rng.uniform(7, 12), rng.uniform(0.7, 1.4)
    skin = WOOD if rng.random() < 0.7 else METAL
    drops, parts = rng.uniform(0.3, 3.0, int(rng.integers(0, 3))), []
    for x, level in zip(along.tolist(), levels.tolist(), strict=True):
        top = level + tall
        post = [rod((x, 0, level - 0.2), (x, 0, top), rng.uniform(0.1, 0.17), skin)]
        post.append(box((x - 0.05, -arm, top - 0.5), (x + 0.05, arm, top - 0.38), skin))
        if rng.random() < 0.25:  # a transformer
            post.append(rod((x, 0.35, top - 1.9), (x, 0.35, top - 1.0), 0.25, METAL))
        parts.append(join(post).as_object())
    hooks = [(y, tall - 0.35) for y in (-arm, 0.3 * arm, arm)[: int(rng.integers(1, 4))]]
    hooks += [(0.15, tall - 1.5 - drop) for drop in drops.tolist()]
    for y, height in hooks:
        thick, sag = rng.uniform(0.012, 0.04), rng.uniform(0.2, 0.9)
        ends = [(x, y, level + height) for x, level in zip(along, levels, strict=True)]
        parts += [_wire(a, b, sag, thick) for a, b in pairwise(ends)]
    return join(parts)


def _wire(
    start: tuple[float, ...], end: tuple[float, ...], sag: float, thick: float, pieces: int = 8
) -> Facets:
    """A wire that hangs ``sag`` metres through between two points (3,)."""
    share = np.linspace(0, 1, pieces + 1)[:, None]
    points = np.array(start) + share * (np.array(end) - start)
    points[:, 2] -= 4 * sag * (share * (1 - share))[:, 0]
    return join(rod(a, b, thick, METAL, sides=4) for a, b in pairwise(points))
