"""Bridges: a deck on piers, arches or girders, with railings and what drives on it."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.lines.bars import bars, chain
from volseg.synthetic.airborne.lines.borders import upright
from volseg.synthetic.airborne.lines.stations import along, headings, put, sideways
from volseg.synthetic.airborne.lines.traffic import queue
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Facets, Floats, box, join, quads
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scenery import Scenery, gather

DECK = Skin(Label.BRIDGE, Material.ASPHALT)
CONCRETE = Skin(Label.BRIDGE, Material.STONE)
STEEL = Skin(Label.BRIDGE, Material.METAL)


def bridge(
    rng: np.random.Generator, terrain: Terrain, line: Floats, width: float, *, cars: bool = True
) -> Scenery:
    """A bridge along the middle of its deck's top, (n, 3); piers stand where it is high enough."""
    points = along(line, 5.0)
    thick = rng.uniform(0.5, 1.6)
    left, right = sideways(points, width / 2), sideways(points, -width / 2)
    under = (0, 0, thick)
    body = [
        quads(left[:-1], left[1:], right[1:], right[:-1], DECK),
        quads(left[:-1] - under, left[1:] - under, right[1:] - under, right[:-1] - under, CONCRETE),
        *(upright(side - under, thick, CONCRETE) for side in (left, right)),
    ]
    rail = rng.uniform(0.9, 1.3)
    if rng.random() < 0.5:
        body += [upright(side, rail, CONCRETE) for side in (left, right)]
    else:
        body += [
            chain(side + (0, 0, z), 0.08, STEEL) for side in (left, right) for z in (0.5, rail)
        ]
    over = points[:, 2] - thick - terrain.height(points[:, 0], points[:, 1])
    kind, long = rng.random(), float(np.linalg.norm(points[-1] - points[0]))
    if kind < 0.12 and long > 25:
        body += _truss(points, left, right, rng.uniform(4, 7))
    elif kind < 0.2 and long > 40:
        body += _arch(points, left, right, 0.2 * long)
    body += _piers(rng, points, over, thick, width)
    driving = queue(rng, points, width) if cars and width > 5 else []
    moving = [put(car, place, turn) for place, turn, car in driving]
    return gather([join(body), *moving])


def _piers(
    rng: np.random.Generator, points: Floats, over: Floats, thick: float, width: float
) -> list[Facets]:
    """Walls across, or pairs of columns, down into the ground or the water's bed."""
    span, deep = max(2, round(rng.uniform(14, 38) / 5)), rng.uniform(0.4, 1.2)
    wide, turns = width * rng.uniform(0.3, 0.45), headings(points)
    pair = rng.random() < 0.5
    piers = []
    for k in range(span, len(points) - 1, span):
        if over[k] < 2.0:
            continue
        foot, head = -over[k] - thick - 3.0, -thick
        sides = ((-wide, -wide + 1), (wide - 1, wide)) if pair else ((-wide, wide),)
        made = [box((-deep, low, foot), (deep, high, head), CONCRETE) for low, high in sides]
        piers.append(put(join(made), points[k], turns[k]))
    return piers


def _truss(points: Floats, left: Floats, right: Floats, height: float) -> list[Facets]:
    """Girders of steel on both sides of a deck, and bars across overhead."""
    up, parts = (0, 0, height), []
    for side in (left, right):
        top = side[1:-1] + up
        parts += [chain(top, 0.4, STEEL), bars(side[1:-1], top, 0.3, STEEL)]
        parts += [bars(side[:-2], top, 0.25, STEEL), bars(side[2:], top, 0.25, STEEL)]
    return [*parts, bars(left[1:-1] + up, right[1:-1] + up, 0.25, STEEL)]


def _arch(points: Floats, left: Floats, right: Floats, height: float) -> list[Facets]:
    """Two arches over a deck that hangs from them."""
    share = np.linspace(0, 1, len(points))
    rise = np.zeros_like(points)
    rise[:, 2] = 4 * height * share * (1 - share)
    parts = []
    for side in (left, right):
        parts += [chain(side + rise, 0.9, STEEL)]
        parts += [bars(side[1:-1], (side + rise)[1:-1], 0.12, STEEL)]
    return parts
