"""Borders along a line: walls, fences, hedges; and rows of trees and lamps, which are objects."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.lines.stations import headings, put, sideways, stations
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.trees import HABITS, LEAF, WOOD, grow
from volseg.synthetic.crowns import crowns
from volseg.synthetic.facets import Facets, Floats, join, parallelograms
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.poles import lamp
from volseg.synthetic.scenery import Scenery, gather

STONE = Skin(Label.FURNITURE, Material.STONE)
BRICK = Skin(Label.FURNITURE, Material.BRICK)
PALES = Skin(Label.FURNITURE, Material.WOOD)
MESH = Skin(Label.FURNITURE, Material.METAL)


def wall(rng: np.random.Generator, terrain: Terrain, line: Floats) -> Scenery:
    """A wall 0.8 to 2.5 m high that follows the ground."""
    height, half = rng.uniform(0.8, 2.5), rng.uniform(0.1, 0.25)
    skin = STONE if rng.random() < 0.5 else BRICK
    points = stations(terrain, line, 3.0)
    left, right = sideways(points, half), sideways(points, -half)
    top = np.array([0, 0, height])
    cap = (left + right) / 2 + top
    across = (left - right)[:-1] / 2
    sides = [upright(side - (0, 0, 0.5), height + 0.5, skin) for side in (left, right)]
    middle, half_way = (cap[:-1] + cap[1:]) / 2, np.diff(cap, axis=0) / 2
    return Scenery(join([*sides, parallelograms(middle, half_way, across, skin)]))


def fence(rng: np.random.Generator, terrain: Terrain, line: Floats) -> Scenery:
    """A fence 0.9 to 2.2 m high: posts and rails, or posts and panels."""
    height = rng.uniform(0.9, 2.2)
    skin = PALES if rng.random() < 0.6 else MESH
    points = stations(terrain, line, 2.5)
    if rng.random() < 0.4:
        strips = [upright(points + (0, 0, 0.1), height - 0.1, skin)]
    else:
        levels = np.linspace(0.25, 1, 3) * (height - 0.12)
        strips = [upright(points + (0, 0, z), 0.12, skin) for z in levels]
    posts = [
        parallelograms(points + (0, 0, height / 2), half, (0, 0, height / 2 + 0.05), skin)
        for half in ((0.06, 0, 0), (0, 0.06, 0))
    ]
    return Scenery(join([*strips, *posts]))


def hedge(
    rng: np.random.Generator, terrain: Terrain, line: Floats, *, leaves: bool = True
) -> Scenery:
    """A clipped hedge 0.8 to 2.6 m high; half of them are evergreen."""
    height, half = rng.uniform(0.8, 2.6), rng.uniform(0.3, 0.7)
    green = leaves or rng.random() < 0.5
    points = stations(terrain, line, 0.9 * half)
    points[:, :2] += rng.normal(0, 0.12 * half, (len(points), 2))
    rise = height * rng.uniform(0.4, 0.55, len(points))
    wide = half * rng.uniform(0.75, 1.1, len(points))
    centre = points + np.stack((0 * rise, 0 * rise, 0.47 * height + 0 * rise), axis=1)
    bushes = crowns(
        centre,
        np.stack((wide, wide, rise), axis=1),
        (2.5 if green else 0.7) / half,
        LEAF if green else WOOD,
    )
    return Scenery(crowns=bushes)


def avenue(
    rng: np.random.Generator, terrain: Terrain, line: Floats, *, leaves: bool = True
) -> Scenery:
    """A row of trees of one kind, 4 to 20 m high and 6 to 14 m apart, some missing."""
    kind = str(rng.choice(["broadleaf", "broadleaf", "spreading", "column", "palm", "fruit"]))
    tall = rng.uniform(4, 8) if kind == "fruit" else rng.uniform(6, 20)
    feet = stations(terrain, line, rng.uniform(0.45, 0.8) * tall + 3)
    feet = feet[(rng.random(len(feet)) < rng.uniform(0.7, 1)) & ~terrain.wet(*feet[:, :2].T)]
    feet[:, :2] += rng.normal(0, 0.3, (len(feet), 2))
    height = tall * rng.uniform(0.75, 1.1, len(feet))
    return grow(rng, HABITS[kind], feet, height, leafy=leaves)


def lamps(rng: np.random.Generator, terrain: Terrain, line: Floats) -> Scenery:
    """Street lamps 20 to 45 m apart, their arms to the right of a line; each is an object."""
    feet, height = stations(terrain, line, rng.uniform(20, 45)), rng.uniform(4, 11)
    post, turns = lamp(rng, height), headings(feet)
    return gather(put(post, foot, turn) for foot, turn in zip(feet, turns, strict=True))


def upright(points: Floats, height: float, skin: Skin) -> Facets:
    """A strip over a polyline (n, 3), ``height`` metres high."""
    middle, half = (points[:-1] + points[1:]) / 2, np.diff(points, axis=0) / 2
    return parallelograms(middle + (0, 0, height / 2), half, (0, 0, height / 2), skin)
