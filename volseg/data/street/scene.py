"""Layout of the synthetic street: two sides, their lots, and what stands on the street."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from volseg.data.street import furniture, ground, plants
from volseg.data.street.buildings import house
from volseg.data.street.ground import Section
from volseg.data.street.patches import Floats, Patches, join
from volseg.data.street.vehicles import BODIES, vehicle

MARGIN = 25.0
"""Metres of street before the first and behind the last profile."""
MIRROR = np.diag([1.0, -1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Scene:
    """A straight, level street along x; x = 0 is where the scan starts.

    Attributes:
        patches: all surfaces.
        houses: float64 (H, 2, 2), ground plans as ((x0, y0), (x1, y1)): walls are opaque.
        lane: half-width of the driven road, metres.
    """

    patches: Patches
    houses: Floats
    lane: float


def draw_scene(rng: np.random.Generator, length: float) -> Scene:
    """A random street; one side at least has gardens, a grass verge and a parking lane."""
    lane = rng.uniform(2.8, 3.6)
    richer = int(rng.integers(2))
    parts, plans = [_moving(rng, lane, length)], []
    for number in (0, 1):
        section = ground.draw_section(rng, lane, number == richer)
        patches, houses = _side(rng, section, length)
        if number == 0:
            patches, houses = patches.mapped(MIRROR), houses * (1, -1)
        parts.append(patches)
        plans.append(np.stack((houses.min(axis=1), houses.max(axis=1)), axis=1))
    return Scene(join(parts), np.concatenate(plans), lane)


def _side(rng: np.random.Generator, section: Section, length: float) -> tuple[Patches, Floats]:
    """Everything on the side y > 0, and its houses' ground plans (H, 2, 2)."""
    start, stop = -MARGIN, length + MARGIN
    parts = [ground.strips(rng, section, start, stop), *_kerbside(rng, section, start, stop)]
    plans = []
    storeys = int(rng.integers(1, 4))
    x, number = start, int(rng.integers(4))
    while x < stop:
        width, gap = rng.uniform(8, 17), rng.choice([0.0, rng.uniform(2, 7)])
        floors = int(np.clip(storeys + rng.integers(-1, 2), 1, 4))
        depth = rng.uniform(8, 12)
        front = section.line + section.setback + rng.uniform(0.05, 1.2) * (section.setback > 0)
        home = house(rng, width, depth, floors).moved(x + gap, front, section.height(front))
        plans.append(((x + gap, front), (x + gap + width, front + depth)))
        green = section.setback > 0 or rng.random() < 0.3
        parts += [home, ground.yard(rng, section, x, x + gap + width, green)]
        if section.setback > 0:
            border = ("hedge", "wall", "hedge", "fence")[number % 4]
            parts += _garden(rng, section, x, x + gap + width, front, border)
        if gap > 2:
            parts += _gap(rng, section, x, gap, front)
        x, number = x + gap + width, number + 1
    return join(parts), np.array(plans)


def _garden(
    rng: np.random.Generator, section: Section, x0: float, x1: float, front: float, border: str
) -> list[Patches]:
    """A border to the pavement with a gate, bushes, and sometimes a tree."""
    y, gate = section.line + 0.35, rng.uniform(1.2, 3.5)
    hinge = rng.uniform(x0 + 1, x1 - gate - 1)
    height, level = rng.uniform(0.8, 1.6), section.height(y) - 0.02
    parts = []
    for start, stop in ((x0 + 0.1, hinge), (hinge + gate, x1 - 0.1)):
        if border == "hedge":
            piece = plants.hedge(rng, stop - start, rng.uniform(0.45, 0.8), height)
        elif border == "wall":
            piece = furniture.wall(rng, stop - start, height * 0.8)
        else:
            piece = furniture.fence(rng, stop - start, height)
        parts.append(piece.moved(start, y, level))
    for _ in range(int(rng.integers(1, 4))):
        place = rng.uniform((x0 + 0.8, y + 0.9), (x1 - 0.8, front - 0.6))
        shrub = plants.bush(rng, rng.uniform(0.5, 1.6))
        parts.append(shrub.moved(place[0], place[1], section.height(place[1]) - 0.05))
    if section.setback > 3.5 and rng.random() < 0.35:
        place = rng.uniform((x0 + 2, y + 1.2), (x1 - 2, y + 1.6))
        tree = plants.tree(rng, "column", rng.uniform(3.5, 6))
        parts.append(tree.moved(place[0], place[1], section.height(place[1])))
    return parts


def _gap(
    rng: np.random.Generator, section: Section, x: float, gap: float, front: float
) -> list[Patches]:
    """A fence or wall between two houses, and a tree or hedge behind it."""
    level = section.height(front)
    kind = furniture.fence if rng.random() < 0.6 else furniture.wall
    parts = [kind(rng, gap - 0.1, rng.uniform(1.2, 1.9)).moved(x + 0.05, front + 2, level)]
    tree = plants.tree(rng, str(rng.choice(plants.SPECIES)), rng.uniform(5, 10))
    away = rng.uniform(14, 20)
    parts.append(tree.moved(x + gap / 2, front + away, section.height(front + away)))
    parts.append(plants.hedge(rng, gap - 0.2, 0.8, 2.0).moved(x + 0.1, front + 13, level + 0.1))
    return parts


def _kerbside(
    rng: np.random.Generator, section: Section, start: float, stop: float
) -> list[Patches]:
    """Trees, lamps, signs and bins behind the kerb, and parked cars before it."""
    row = section.road + ground.KERB_WIDTH + (section.verge / 2 if section.verge else 0.45)
    level = section.height(row)
    species = rng.choice(plants.SPECIES[:3], 2, p=(0.45, 0.4, 0.15)).tolist()
    pitch, tall = rng.uniform(7, 11), rng.uniform(7, 11)
    parts = []
    for x in np.arange(start + rng.uniform(0, pitch), stop, pitch).tolist():
        kind = species[int(rng.random() < 0.25)]
        tree = plants.tree(rng, kind, tall * rng.uniform(0.75, 1.25))
        parts.append(tree.moved(x + rng.normal(0, 0.6), row, level))
        between = x + pitch / 2
        small = rng.choice(["sign", "bush", "bush", "bollards", "bins", "none"])
        parts += [thing.moved(0, row, level) for thing in _small(rng, str(small), between)]
    for x in np.arange(start + rng.uniform(0, 12), stop, rng.uniform(18, 26)).tolist():
        lamp = furniture.lamp(rng, rng.uniform(4.5, 7.5))
        parts.append(lamp.moved(x, section.road + 0.4, section.height(section.road + 0.4)))
    return [*parts, *(_parked(rng, section, start, stop) if section.parking else ())]


def _small(rng: np.random.Generator, kind: str, x: float) -> list[Patches]:
    """Small things at the kerb near x, in a frame on the ground."""
    if kind == "sign":
        return [furniture.sign(rng).moved(x, 0, 0)]
    if kind == "bins":
        return [furniture.bins(rng).moved(x, 0, 0)]
    if kind == "bush":
        return [plants.bush(rng, rng.uniform(0.5, 1.1)).moved(x, 0, 0)]
    if kind == "bollards":
        return [furniture.bollard(rng).moved(x + 1.3 * k, 0, 0) for k in range(3)]
    return []


def _parked(rng: np.random.Generator, section: Section, start: float, stop: float) -> list[Patches]:
    """Cars in the parking lane, with gaps of at most two places."""
    y = section.road - 1.05
    full = rng.uniform(0.15, 0.55)
    heading = float(np.pi) if rng.random() < 0.5 else 0.0
    parts = []
    x, missed = start + rng.uniform(2, 5), 0
    while x < stop - 4:
        if rng.random() < full or missed > 1:
            car = vehicle(rng, str(rng.choice(BODIES, p=(0.28, 0.2, 0.2, 0.18, 0.07, 0.07))))
            turn = heading + rng.normal(0, 0.02)
            parts.append(car.moved(x, y + rng.normal(0, 0.06), section.height(y), turn))
            missed = 0
        else:
            missed += 1
        x += rng.uniform(5.7, 7.0)
    return parts


def _moving(rng: np.random.Generator, lane: float, length: float) -> Patches:
    """What moves while it is scanned: an oncoming car, pressed together, and walkers."""
    squeeze = np.diag([rng.uniform(0.25, 0.5), 1.0, 1.0])
    car = vehicle(rng, str(rng.choice(BODIES))).mapped(squeeze).painted(furniture.GHOST)
    parts = [car.moved(rng.uniform(0.2, 0.8) * length, lane / 2, -0.03)]
    for _ in range(3 + int(length / 20)):
        side = float(rng.choice([-1, 1]))
        person = furniture.walker(rng)
        parts.append(person.moved(rng.uniform(0, length), side * (lane + 3.2), 0.08))
    return join(parts)
