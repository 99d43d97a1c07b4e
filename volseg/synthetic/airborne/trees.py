"""Trees as crowns of foliage on stems, any number at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from volseg.synthetic.crowns import Crowns, crowns
from volseg.synthetic.facets import Facets, Floats, join, parallelograms
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scenery import Scenery

LEAF = Skin(Label.VEGETATION, Material.LEAF)
WOOD = Skin(Label.VEGETATION, Material.BARK)
CLUMPS = 18
"""Clumps of leaves that take the place of an ellipsoid of a crown where one looks closely."""


@dataclass(frozen=True)
class Habit:
    """How a kind of plant grows.

    Attributes:
        bole: share of the height under the crown, from and to.
        spread: radius of the crown as a share of the height, from and to, where it stands free.
        form: relative width of the crown at its foot, its middle, three quarters, and its top.
        lumps: ellipsoids a crown is made of.
        away: share of the crown's radius by which lumps lie off the stem; 0 for whorls on it.
        flat: height of a lump as a share of its width.
        depth: leaves over a spot under the crown that a ray meets on average, from and to.
        bare: the same for twigs in winter; None if evergreen.
    """

    bole: tuple[float, float]
    spread: tuple[float, float]
    form: tuple[float, float, float, float]
    lumps: int
    away: float
    flat: float
    depth: tuple[float, float]
    bare: tuple[float, float] | None


HABITS = {
    "broadleaf": Habit(
        (0.15, 0.4), (0.2, 0.32), (0.6, 1.0, 0.85, 0.4), 8, 0.55, 0.75, (4.0, 6.5), (0.7, 1.3)
    ),
    "spreading": Habit(
        (0.2, 0.35), (0.3, 0.45), (0.7, 1.0, 0.9, 0.5), 10, 0.6, 0.6, (3.0, 5.0), (0.6, 1.2)
    ),
    "column": Habit(
        (0.03, 0.15), (0.08, 0.13), (0.7, 1.0, 0.8, 0.35), 5, 0.1, 1.8, (2.0, 3.5), (0.6, 1.2)
    ),
    "spruce": Habit(
        (0.05, 0.4), (0.11, 0.18), (1.0, 0.62, 0.36, 0.1), 7, 0.0, 0.9, (3.2, 5.0), None
    ),
    "pine": Habit((0.5, 0.7), (0.12, 0.2), (0.6, 1.0, 0.95, 0.6), 6, 0.5, 0.5, (2.2, 3.6), None),
    "palm": Habit((0.75, 0.85), (0.18, 0.3), (0.6, 1.0, 1.0, 0.8), 7, 0.6, 0.25, (1.0, 2.0), None),
    "fruit": Habit(
        (0.15, 0.3), (0.3, 0.48), (0.7, 1.0, 0.9, 0.5), 5, 0.5, 0.8, (1.8, 3.5), (0.4, 0.9)
    ),
    "shrub": Habit(
        (0.0, 0.05), (0.35, 0.75), (0.9, 1.0, 0.8, 0.5), 4, 0.5, 0.8, (1.5, 3.5), (0.5, 1.1)
    ),
    "snag": Habit(
        (0.3, 0.6), (0.05, 0.12), (0.8, 1.0, 0.7, 0.3), 3, 0.3, 1.0, (0.1, 0.3), (0.1, 0.3)
    ),
}
"""Depths are those of leaf area indices of 3 to 6 for closed crowns, 1.5 to 3 for pines."""


def grow(
    rng: np.random.Generator,
    habit: Habit,
    feet: Floats,
    height: Floats,
    spread: Floats | None = None,
    *,
    leafy: bool = True,
) -> Scenery:
    """One plant on each foot, (N, 3), of heights (N,) and radii (N,) in metres, objects 1 to N."""
    count = len(feet)
    if spread is None:
        spread = height * rng.uniform(*habit.spread, count)
    bole = height * rng.uniform(*habit.bole, count)
    top = feet + np.stack((*rng.normal(0, 0.02, (2, count)) * height, 0 * height), axis=1)
    crown = _crowns(rng, habit, top, height, spread, bole, leafy)
    if not habit.bole[1] > 0.1:
        return Scenery(crowns=crown)
    top[:, 2] += bole + 0.6 * (height - bole)
    return Scenery(stems(feet - (0, 0, 0.4), top, 0.03 + 0.008 * height), crown)


def stems(foot: Floats, head: Floats, radius: Floats) -> Facets:
    """Three-sided stems of radii (N,) between feet and heads, (N, 3), objects 1 to N."""
    axis = (head - foot) / 2
    sides = []
    for angle in 2 * np.pi * np.arange(3) / 3:
        out = np.array([np.cos(angle), np.sin(angle), 0]) / 2
        across = np.array([-np.sin(angle), np.cos(angle), 0]) * np.sin(np.pi / 3)
        middle = foot + axis + radius[:, None] * out
        sides.append(parallelograms(middle, radius[:, None] * across, axis, WOOD))
    made = join(sides)
    made.instance[:] = np.tile(np.arange(len(foot), dtype=np.int32) + 1, 3)
    return made


def _crowns(
    rng: np.random.Generator,
    habit: Habit,
    feet: Floats,
    height: Floats,
    spread: Floats,
    bole: Floats,
    leafy: bool,
) -> Crowns:
    """Crowns about the vertical over feet, as high and as wide as they are to be."""
    count, lumps = len(height), habit.lumps
    shape = (count, lumps)
    level = (np.arange(lumps) + (rng.uniform(0.2, 0.8, shape) if habit.away else 0.5)) / lumps
    width = spread[:, None] * np.interp(level, (0, 0.5, 0.75, 1), habit.form)
    away = habit.away * width * rng.uniform(0.75, 1.1, shape)
    size = np.maximum(width - away, 0.3 * width) * rng.uniform(0.85, 1.15, shape)
    turn = (
        2.4 * np.arange(lumps) + rng.uniform(0, 2 * np.pi, (count, 1)) + rng.normal(0, 0.3, shape)
    )
    if habit.away:  # one lump in the middle holds the others together
        away[:, lumps // 2] *= 0.15
        size[:, lumps // 2] *= 1.2
    long = (height - bole)[:, None]
    rise = np.maximum(habit.flat * size, 0 if habit.away else 0.6 * long / lumps)
    rise = np.minimum(rise, 0.5 * long)
    low, high = bole[:, None] + rise, height[:, None] - rise
    z = low + level * np.maximum(high - low, 0)
    z += (height - (z + rise).max(axis=1))[:, None]
    centre = np.stack((away * np.cos(turn), away * np.sin(turn), z), axis=2) + feet[:, None]
    radii = np.stack((size, size, rise), axis=2)
    reach = (away + size).max(axis=1)
    volume = (4 / 3 * np.pi * radii.prod(axis=2)).sum(axis=1)
    depths = habit.depth if leafy or habit.bare is None else habit.bare
    depth = rng.uniform(*depths, count)
    return crowns(
        centre.reshape(-1, 3),
        radii.reshape(-1, 3),
        np.repeat(depth * np.pi * reach**2 / volume, lumps),
        LEAF if depths is habit.depth else WOOD,
        np.repeat(np.arange(count) + 1, lumps),
    )


def clumped(rng: np.random.Generator, made: Crowns) -> Crowns:
    """The same crowns as clumps of the same leaves, most of them near their surfaces."""
    rows = np.repeat(np.arange(len(made)), CLUMPS)
    way = rng.normal(size=(len(rows), 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    size = rng.uniform(0.2, 0.42, (len(rows), 1))
    away = (1 - size) * rng.uniform(0.3, 1.0, (len(rows), 1)) ** 0.4
    return Crowns(
        centre=made.centre[rows] + way * away * made.radii[rows],
        radii=size * made.radii[rows],
        density=made.density[rows] / (CLUMPS * size[:, 0] ** 3),
        label=made.label[rows],
        material=made.material[rows],
        instance=made.instance[rows],
    )
