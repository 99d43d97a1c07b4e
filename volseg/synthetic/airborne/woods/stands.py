"""Stands of trees, as foresters tell them apart: height, spacing, layers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.trees import HABITS, WOOD, Habit, grow
from volseg.synthetic.airborne.woods.places import MOST, clearings, places
from volseg.synthetic.facets import Facets, Floats, rod
from volseg.synthetic.scenery import Scenery, gather

EDGE = 14.0
"""Metres by which the edges of stands withdraw at most, give or take."""


def broadleaf(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """A closed stand of beech or oak, 14 to 32 m high, 160 to 400 trees a hectare."""
    tall, pitch = rng.uniform(14, 32), rng.uniform(5.0, 8.0)
    feet = places(rng, terrain, area, (pitch, pitch), 0.33, ragged=EDGE)
    feet = clearings(rng, feet, 40, rng.uniform(0, 0.12))
    return gather(
        [
            layer(rng, HABITS["broadleaf"], feet, tall, 0.14, 0.9 * pitch, leaves),
            _young(rng, terrain, area, rng.uniform(8, 16), (0.5, 4.0), leaves),
        ]
    )


def mixed(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Spruce and broadleaf of many ages side by side, up to 35 m high."""
    tall, pitch = rng.uniform(16, 28), rng.uniform(4.5, 6.5)
    feet = clearings(
        rng, places(rng, terrain, area, (pitch, pitch), ragged=EDGE), 25, rng.uniform(0, 0.2)
    )
    dark = rng.random(len(feet)) < rng.uniform(0.25, 0.75)
    return gather(
        [
            layer(rng, HABITS["spruce"], feet[dark], tall * 1.1, 0.25, 0.76 * pitch, leaves),
            layer(rng, HABITS["broadleaf"], feet[~dark], tall, 0.25, 0.85 * pitch, leaves),
            _young(rng, terrain, area, rng.uniform(5, 12), (0.5, 5.0), leaves),
        ]
    )


def pine(rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True) -> Scenery:
    """An open stand of pine, 12 to 28 m high, whose crowns cover half to three quarters."""
    tall, pitch = rng.uniform(12, 28), rng.uniform(5.0, 8.5)
    feet = clearings(
        rng, places(rng, terrain, area, (pitch, pitch), ragged=EDGE), 30, rng.uniform(0, 0.2)
    )
    return gather(
        [
            layer(rng, HABITS["pine"], feet, tall, 0.1, 0.72 * pitch, leaves),
            _young(rng, terrain, area, rng.uniform(6, 20), (0.3, 2.5), leaves),
        ]
    )


def plantation(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Rows of spruce, pine or poplar of one age, 4 to 28 m high, with lanes between some."""
    kind = str(rng.choice(["spruce", "spruce", "pine", "column"]))
    tall = rng.uniform(4, 25)
    pitch = (2.0 + 0.06 * tall) * rng.uniform(1, 1.3) * (1.6 if kind == "column" else 1.0)
    feet = places(rng, terrain, area, (pitch, pitch * rng.uniform(0.8, 1.2)), 0.06, 2 * MOST)
    across = area.own(feet[:, 0], feet[:, 1])[1]
    feet = feet[(across + area.depth / 2) % (10 * pitch) > 1.5 * pitch]
    habit = replace(HABITS[kind], lumps=4)
    return layer(rng, habit, feet, tall, 0.07, 0.66 * pitch, leaves)


def understorey(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Three layers: tall trees apart, half as high ones under them, and a dense thicket."""
    tall, pitch = rng.uniform(18, 32), rng.uniform(7, 10)
    kind = HABITS[str(rng.choice(["broadleaf", "pine"]))]
    upper = clearings(
        rng, places(rng, terrain, area, (pitch, pitch), ragged=EDGE), 30, rng.uniform(0, 0.3)
    )
    lower = clearings(
        rng, places(rng, terrain, area, (5, 5), ragged=EDGE), 20, rng.uniform(0.2, 0.6)
    )
    return gather(
        [
            layer(rng, kind, upper, tall, 0.12, 0.74 * pitch, leaves),
            layer(rng, HABITS["broadleaf"], lower, 0.4 * tall, 0.25, 2.4, leaves),
            _young(rng, terrain, area, rng.uniform(2.2, 3.5), (0.4, 4.0), leaves),
        ]
    )


def dead(rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True) -> Scenery:
    """What beetles or storms left: snags, logs on the ground, survivors, young growth."""
    tall = rng.uniform(14, 28)
    feet = places(rng, terrain, area, (6, 6), ragged=EDGE)
    fate = rng.random(len(feet))
    snags, alive, fallen = feet[fate < 0.45], feet[fate > 0.9], feet[(fate > 0.6) & (fate < 0.75)]
    fallen = fallen[:400]
    return gather(
        [
            layer(rng, HABITS["snag"], snags, 0.8 * tall, 0.3, 1.2, leaves),
            layer(rng, HABITS["spruce"], alive, tall, 0.15, 2.6, leaves),
            *_logs(rng, terrain, area, fallen, tall),
            _young(rng, terrain, area, rng.uniform(3, 6), (0.4, 3.0), leaves),
        ]
    )


def tropical(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Broad crowns over palms over a thicket, some giants above; always green."""
    del leaves
    tall = rng.uniform(10, 24)
    upper = clearings(rng, places(rng, terrain, area, (7, 7), ragged=EDGE), 35, rng.uniform(0, 0.4))
    giants = upper[rng.random(len(upper)) < 0.06]
    palms = clearings(rng, places(rng, terrain, area, (8, 8)), 30, rng.uniform(0, 0.6))
    return gather(
        [
            layer(rng, HABITS["spreading"], upper, tall, 0.2, 4.4, True),
            layer(rng, HABITS["broadleaf"], giants, 1.4 * tall, 0.1, 6.5, True),
            layer(rng, HABITS["palm"], palms, 0.7 * tall, 0.2, 2.6, True),
            _young(rng, terrain, area, rng.uniform(2.6, 4), (0.5, 4.0), True),
        ]
    )


def layer(
    rng: np.random.Generator,
    habit: Habit,
    feet: Floats,
    tall: float,
    vary: float,
    spread: float,
    leaves: bool,
) -> Scenery:
    """Trees of about one age: heights vary by a share, and crowns with them.

    Heights are normal, cut at 2.5 standard deviations; a crown is as wide as its rank allows.
    """
    rank = np.clip(rng.normal(0, vary, len(feet)), -2.5 * vary, 2.5 * vary)
    height = np.maximum(tall * (1 + rank), 0.3)
    reach = spread * np.exp(rng.normal(0, 0.12, len(feet))) * (1 + rank)
    return grow(rng, habit, feet, height, np.minimum(reach, 0.5 * height), leafy=leaves)


def _young(
    rng: np.random.Generator,
    terrain: Terrain,
    area: Area,
    pitch: float,
    heights: tuple[float, float],
    leaves: bool,
) -> Scenery:
    """Seedlings and shrubs below the trees, most of them low; no objects."""
    feet = clearings(
        rng, places(rng, terrain, area, (pitch, pitch), ragged=EDGE), 15, rng.uniform(0, 0.5)
    )
    low, high = heights
    height = low + (high - low) * rng.random(len(feet)) ** 2
    made = grow(rng, HABITS["shrub"], feet, height, leafy=leaves)
    made.crowns.instance[:] = 0
    return made


def _logs(
    rng: np.random.Generator, terrain: Terrain, area: Area, feet: Floats, tall: float
) -> list[Facets]:
    """Stems on the ground, most of them thrown by the same wind."""
    wind, logs = rng.uniform(0, 2 * np.pi), []
    for foot in feet:
        turn, length = wind + rng.normal(0, 0.5), tall * rng.uniform(0.4, 0.9)
        end = foot[:2] + length * np.array([np.cos(turn), np.sin(turn)])
        if area.holds(*end):
            head = (*end, float(terrain.height(*end)) + 0.3)
            logs.append(rod(foot + (0, 0, 0.3), head, rng.uniform(0.12, 0.3), WOOD, 5))
    return logs
