"""Fields: orchards and vineyards, scrub, crops, hedgerows, meadows."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.trees import HABITS, WOOD, grow
from volseg.synthetic.airborne.woods.places import clearings, patches, places
from volseg.synthetic.airborne.woods.stands import layer
from volseg.synthetic.crowns import Crowns, crowns
from volseg.synthetic.facets import Floats
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scenery import Scenery, gather

CROP = Skin(Label.VEGETATION, Material.CROP)
BLADES = 30_000
"""Ellipsoids of a crop in an area at most."""


def orchard(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Fruit trees 2.5 to 6 m high, in rows for machines or on a meadow, some missing."""
    tall = rng.uniform(2.5, 6)
    along = tall * rng.uniform(0.45, 1.2)
    feet = places(rng, terrain, area, (along, max(3.5, 1.1 * tall)), rng.choice([0.03, 0.12]))
    feet = feet[rng.random(len(feet)) < rng.uniform(0.8, 1.0)]
    return layer(rng, HABITS["fruit"], feet, tall, 0.1, 0.55 * min(along, 0.7 * tall), leaves)


def vineyard(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Rows of vines 1.6 to 2.2 m high, 1.8 to 2.8 m apart."""
    tall, pitch = rng.uniform(1.6, 2.2), rng.uniform(1.8, 2.8)
    along = max(0.7, area.length * area.depth / pitch / BLADES)
    feet = places(rng, terrain, area, (along, pitch), 0.02, BLADES)
    size = np.maximum(0.3, 0.55 * along) * rng.uniform(0.7, 1.2, len(feet))
    depth = rng.uniform(0.8, 1.6) if leaves else rng.uniform(0.05, 0.2)
    top = tall * rng.uniform(0.85, 1.0, len(feet))
    return Scenery(crowns=blades(feet, top, np.minimum(size, 0.4 * pitch), depth, leaves))


def shrubs(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Scrub 0.4 to 4 m high in thickets, with a young tree here and there."""
    feet = places(rng, terrain, area, (rng.uniform(1.8, 3.5),) * 2)
    feet = clearings(rng, feet, rng.uniform(10, 30), rng.uniform(0.1, 0.7))
    height = rng.uniform(1.0, 4.0) * np.clip(rng.lognormal(-0.5, 0.5, len(feet)), 0.3, 1.0)
    made = grow(rng, HABITS["shrub"], feet, height, leafy=leaves)
    made.crowns.instance[:] = 0
    trees = places(rng, terrain, area, (16, 16))
    trees = trees[rng.random(len(trees)) < rng.uniform(0, 0.8)]
    kind = HABITS[str(rng.choice(["broadleaf", "pine"]))]
    return gather([made, layer(rng, kind, trees, rng.uniform(4, 9), 0.25, 2.0, leaves)])


def crops(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """One crop, 0.15 to 2.6 m high and nearly even, with wheel tracks; stubble in winter."""
    kind = rng.choice(3, p=(0.35, 0.4, 0.25))  # beet or potatoes, corn, maize or sunflowers
    tall = rng.uniform(*((0.15, 0.5), (0.5, 1.1), (1.6, 2.6))[kind]) if leaves else 0.12
    pitch = max(1.0, np.sqrt(area.length * area.depth / BLADES))
    feet = places(rng, terrain, area, (pitch, pitch), 0.3, BLADES)
    across = area.own(feet[:, 0], feet[:, 1])[1]
    feet = feet[(across % rng.uniform(18, 30)) > min(1.2, 0.8 * pitch)]
    vigour = 0.85 + 0.2 * patches(rng, feet, 25)
    top = tall * vigour * rng.uniform(0.9, 1.05, len(feet))
    depth = rng.uniform(0.7, 2.2) if leaves else 0.15
    size = np.full(len(feet), 0.62 * pitch)
    return Scenery(crowns=blades(feet, top, size, depth, leaves, foot=0.0))


def meadow(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """High grass in tufts, 0.1 to 0.8 m, some bushes, and a tree or a group here and there."""
    pitch = max(1.2, np.sqrt(area.length * area.depth / BLADES))
    feet = clearings(rng, places(rng, terrain, area, (pitch, pitch), 0.45, BLADES), 18, 0.5)
    top = rng.uniform(0.2, 0.8) * rng.uniform(0.4, 1.0, len(feet))
    grass = blades(feet, top, np.full(len(feet), 0.6 * pitch), rng.uniform(0.2, 1.2), True, 0.0)
    spots = clearings(rng, places(rng, terrain, area, (14, 14)), 30, rng.uniform(0.7, 0.97))
    low = grow(
        rng, HABITS["shrub"], spots[::2], rng.uniform(0.5, 2.5, len(spots[::2])), leafy=leaves
    )
    low.crowns.instance[:] = 0
    tall = rng.uniform(5, 18, len(spots[1::2]))
    return gather([grass, low, grow(rng, HABITS["broadleaf"], spots[1::2], tall, leafy=leaves)])


def hedgerow(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """A wild hedge along the middle of an area, with trees that stand out of it."""
    strip = Area(area.x, area.y, area.length, min(area.depth, rng.uniform(1.5, 4)), area.heading)
    feet = places(rng, terrain, strip, (0.9, 1.1), 0.5)
    feet = feet[rng.random(len(feet)) < rng.uniform(0.75, 1.0)]
    height = rng.uniform(1.5, 4.5) * rng.uniform(0.6, 1.0, len(feet))
    thicket = grow(rng, HABITS["shrub"], feet, height, 0.4 * height, leafy=leaves)
    thicket.crowns.instance[:] = 0
    trees = places(rng, terrain, strip, (rng.uniform(7, 25), 100), 0.4)
    return gather([thicket, layer(rng, HABITS["broadleaf"], trees, 11, 0.25, 3.0, leaves)])


def blades(
    feet: Floats, top: Floats, size: Floats, depth: float, leaves: bool, foot: float = 0.3
) -> Crowns:
    """Ellipsoids from a share ``foot`` of their tops down to feet, of no plant."""
    rise = np.maximum(top * (1 - foot) / 2, 0.04)
    centre = feet + np.stack((0 * top, 0 * top, top - rise), axis=1)
    radii = np.stack((size, size, rise), axis=1)
    return crowns(centre, radii, depth / (4 / 3 * rise), CROP if leaves else WOOD)
