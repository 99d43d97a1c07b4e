"""The land behind the pavement of the synthetic street: houses, blocks, parks, car parks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from volseg.synthetic import plants, poles
from volseg.synthetic.buildings.house import house
from volseg.synthetic.facets import Facets
from volseg.synthetic.street import furniture, ground
from volseg.synthetic.street.ground import Section
from volseg.synthetic.vehicles import BODIES, COMMON, vehicle

Plan = tuple[tuple[float, float], tuple[float, float]]
Land = tuple[list[Facets], list[Plan]]
"""Facets, and the ground plans ((x0, y0), (x1, y1)) of the houses among them."""
Lot = Callable[[np.random.Generator, Section, float, float], Land]

CARS = np.array(COMMON[:7]) / sum(COMMON[:7])
"""How often each of the first seven bodies, all but trucks and buses, is in a car park."""
BORDERS = ("hedge", "wall", "hedge", "fence", "open")


def houses(rng: np.random.Generator, section: Section, start: float, stop: float) -> Land:
    """Houses beside each other or with gaps, behind gardens where there is a setback."""
    parts: list[Facets] = []
    plans: list[Plan] = []
    storeys, border = int(rng.integers(1, 5)), int(rng.integers(5))
    x = start
    while x < stop:
        width, gap = rng.uniform(6, 17), rng.choice([0.0, rng.uniform(2, 9)])
        front = section.line + section.setback + rng.uniform(0.05, 1.2) * (section.setback > 0)
        floors = int(np.clip(storeys + rng.integers(-1, 2), 1, 6))
        depth = rng.uniform(8, 12)
        parts.append(_built(rng, section, (x + gap, front, width, depth), floors))
        plans.append(_plan(x + gap, front, width, depth))
        green = section.setback > 0 or rng.random() < 0.3
        parts.append(ground.yard(rng, section, x, x + gap + width, green))
        if section.setback > 0:
            parts += _garden(rng, section, (x, x + gap + width), front, BORDERS[border])
        if gap > 2:
            parts += _gap(rng, section, x, gap, front)
        x, border = x + gap + width, (border + int(rng.random() < 0.5)) % 5
    return parts, plans


def blocks(rng: np.random.Generator, section: Section, start: float, stop: float) -> Land:
    """Large buildings far apart behind lawns with trees and low walls."""
    parts = [ground.yard(rng, section, start, stop, rng.random() < 0.7)]
    plans: list[Plan] = []
    x = start + rng.uniform(-20, 10)
    while x < stop:
        width, depth = rng.uniform(16, 45), rng.uniform(12, 16)
        front = section.line + section.setback + rng.uniform(0.05, 2.0)
        floors = int(rng.integers(1, 7))
        parts.append(_built(rng, section, (x, front, width, depth), floors))
        plans.append(_plan(x, front, width, depth))
        x += width + rng.uniform(5, 25)
    if rng.random() < 0.4:
        low = furniture.wall(rng, stop - start, rng.uniform(0.3, 1.2))
        parts.append(low.moved(start, section.line + 0.3, section.height(section.line)))
    deep = (section.line + 1.5, section.line + max(section.setback - 1.0, 2.0))
    return [*parts, *_green(rng, section, (start, stop), deep, rng.uniform(0.01, 0.05))], plans


def park(rng: np.random.Generator, section: Section, start: float, stop: float) -> Land:
    """A lawn, or a rough slope, with trees, bushes and sometimes a fence or hedge before it."""
    parts = [ground.yard(rng, section, start, stop, green=True)]
    deep = (section.line + 1.0, section.line + rng.uniform(8, 25))
    parts += _green(rng, section, (start, stop), deep, rng.uniform(0.03, 0.08))
    parts += _border(rng, section, (start, stop), str(rng.choice(BORDERS)))
    return parts, []


def car_park(rng: np.random.Generator, section: Section, start: float, stop: float) -> Land:
    """Rows of cars side by side on asphalt, lamps between them."""
    parts = [ground.yard(rng, section, start, stop, green=False)]
    full = rng.uniform(0.3, 0.95)
    for y in section.line + np.array([4.0, 9.5, 19.0]):
        for x in np.arange(start, stop, rng.uniform(2.5, 2.9)).tolist():
            if rng.random() < full:
                car = vehicle(rng, str(rng.choice(BODIES[:7], p=CARS)))
                turn = float(rng.choice([-1, 1])) * np.pi / 2 + rng.normal(0, 0.03)
                parts.append(car.moved(x, float(y), section.height(float(y)), turn))
    for x in np.arange(start + rng.uniform(0, 10), stop, 20).tolist():
        y = section.line + 6.8
        parts.append(poles.lamp(rng, rng.uniform(5, 9)).moved(x, y, section.height(y)))
    parts += _border(rng, section, (start, stop), str(rng.choice(BORDERS)))
    return [*parts, *_green(rng, section, (start, stop), (section.line + 25, 40), 0.02)], []


def _plan(x: float, y: float, width: float, depth: float) -> Plan:
    return (x, y), (x + width, y + depth)


def _built(
    rng: np.random.Generator,
    section: Section,
    place: tuple[float, float, float, float],
    floors: int,
) -> Facets:
    x, front, width, depth = place
    return house(rng, width, depth, floors).moved(x, front, section.height(front))


def _green(
    rng: np.random.Generator,
    section: Section,
    along: tuple[float, float],
    deep: tuple[float, float],
    density: float,
) -> list[Facets]:
    """Trees and bushes strewn over a strip of land, ``density`` a square metre."""
    count = rng.poisson(density * (along[1] - along[0]) * max(deep[1] - deep[0], 1.0))
    parts = []
    for x, y in rng.uniform((along[0], deep[0]), (along[1], max(deep[1], deep[0] + 1)), (count, 2)):
        if rng.random() < 0.55:
            kind = rng.choice(plants.SPECIES, p=(0.35, 0.25, 0.1, 0.12, 0.18))
            plant = plants.tree(rng, str(kind), rng.uniform(3, 18))
        else:
            plant = plants.bush(rng, rng.uniform(0.4, 4.0))
        parts.append(plant.moved(x, y, section.height(y) - 0.05))
    return parts


def _border(
    rng: np.random.Generator, section: Section, along: tuple[float, float], border: str
) -> list[Facets]:
    """A hedge, wall or fence towards the pavement with a gate, or nothing."""
    x0, x1 = along
    y, gate = section.line + 0.35, rng.uniform(1.2, 3.5)
    hinge = rng.uniform(x0 + 1, x1 - gate - 1)
    height, level = rng.uniform(0.6, 2.0), section.height(y) - 0.02
    parts = []
    for start, stop in ((x0 + 0.1, hinge), (hinge + gate, x1 - 0.1)):
        if border == "hedge":
            piece = plants.hedge(rng, stop - start, rng.uniform(0.45, 1.0), height)
        elif border == "wall":
            piece = furniture.wall(rng, stop - start, height * 0.8)
        elif border == "fence":
            piece = furniture.fence(rng, stop - start, height)
        else:
            continue
        parts.append(piece.moved(start, y, level))
    return parts


def _garden(
    rng: np.random.Generator,
    section: Section,
    along: tuple[float, float],
    front: float,
    border: str,
) -> list[Facets]:
    """A border to the pavement, bushes, and sometimes a tree or a car in the drive."""
    (x0, x1), y = along, section.line + 0.35
    parts = _border(rng, section, along, border)
    for _ in range(int(rng.integers(1, 4))):
        place = rng.uniform((x0 + 0.8, y + 0.9), (x1 - 0.8, front - 0.6))
        shrub = plants.bush(rng, rng.uniform(0.4, 1.8))
        parts.append(shrub.moved(place[0], place[1], section.height(place[1]) - 0.05))
    if section.setback > 3.5 and rng.random() < 0.6:
        place = rng.uniform((x0 + 2, y + 1.2), (x1 - 2, y + 2.2))
        kind = str(rng.choice(plants.SPECIES))
        tree = plants.tree(rng, kind, rng.uniform(3.0, 1.6 * section.setback))
        parts.append(tree.moved(place[0], place[1], section.height(place[1])))
    if section.setback > 5 and rng.random() < 0.4:
        x, away = rng.uniform(x0 + 1.5, x1 - 1.5), front - 2.9
        car = vehicle(rng, str(rng.choice(BODIES[:4])))
        parts.append(car.moved(x, away, section.height(away), np.pi / 2))
    return parts


def _gap(
    rng: np.random.Generator, section: Section, x: float, gap: float, front: float
) -> list[Facets]:
    """A fence or wall between two houses, and a tree or hedge behind it."""
    level = section.height(front)
    kind = furniture.fence if rng.random() < 0.6 else furniture.wall
    parts = [kind(rng, gap - 0.1, rng.uniform(1.2, 1.9)).moved(x + 0.05, front + 2, level)]
    tree = plants.tree(rng, str(rng.choice(plants.SPECIES)), rng.uniform(5, 10))
    away = rng.uniform(14, 20)
    parts.append(tree.moved(x + gap / 2, front + away, section.height(front + away)))
    parts.append(plants.hedge(rng, gap - 0.2, 0.8, 2.0).moved(x + 0.1, front + 13, level + 0.1))
    return parts
