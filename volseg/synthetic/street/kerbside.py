"""What stands and is parked along the kerb of one side of the synthetic street."""

from __future__ import annotations

import numpy as np

from volseg.synthetic import plants, poles
from volseg.synthetic.facets import Facets
from volseg.synthetic.street import furniture
from volseg.synthetic.street.ground import KERB_WIDTH, Section
from volseg.synthetic.vehicles import BODIES, COMMON, vehicle

SMALL = ("sign", "sign", "bush", "bush", "bollards", "bins", "bench", "shelter", "none", "none")


def kerbside(rng: np.random.Generator, section: Section, start: float, stop: float) -> list[Facets]:
    """Trees, poles and small things behind the kerb, and parked cars before it."""
    row = section.road + KERB_WIDTH + (section.verge / 2 if section.verge else 0.45)
    level = section.height(row)
    parts = [part.moved(0, row, level) for part in _avenue(rng, start, stop)]
    for x in np.arange(start + rng.uniform(0, 9), stop, rng.uniform(5, 14)).tolist():
        parts += [thing.moved(x, row, level) for thing in _small(rng)]
    post = section.road + 0.4
    for x in np.arange(start + rng.uniform(0, 12), stop, rng.uniform(16, 35)).tolist():
        lamp = rng.random() < 0.7
        pole = poles.lamp(rng, rng.uniform(4, 10)) if lamp else poles.traffic_light(rng)
        parts.append(pole.moved(x, post, section.height(post)))
    if rng.random() < 0.4:
        along = np.arange(start + rng.uniform(0, 15), stop, rng.uniform(18, 40))
        line = poles.power_line(rng, along, np.zeros(len(along)))
        parts.append(line.moved(0, row, level))
    return [*parts, *(_parked(rng, section, start, stop) if section.parking else ())]


def _avenue(rng: np.random.Generator, start: float, stop: float) -> list[Facets]:
    """A row of trees, of two species at most: dense, sparse or, seldom, none."""
    species = rng.choice(plants.SPECIES, 2, p=(0.37, 0.35, 0.08, 0.07, 0.13)).tolist()
    pitch, tall = rng.uniform(5, 10), rng.uniform(4, 16)
    parts = []
    share = rng.choice([1.0, 1.0, 0.7, 0.3])
    for x in np.arange(start + rng.uniform(0, pitch), stop, pitch).tolist():
        if rng.random() < share:
            kind = species[int(rng.random() < 0.25)]
            tree = plants.tree(rng, kind, tall * rng.uniform(0.7, 1.3))
            parts.append(tree.moved(x + rng.normal(0, 0.6), 0, 0))
    return parts


def _small(rng: np.random.Generator) -> list[Facets]:
    """Small things at the kerb, in a frame on the ground."""
    kind = str(rng.choice(SMALL))
    if kind == "bush":
        return [plants.bush(rng, rng.uniform(0.3, 1.8))]
    if kind == "bollards":
        return [furniture.bollard(rng).moved(1.3 * k, 0, 0) for k in range(3)]
    make = {
        "sign": furniture.sign,
        "bins": furniture.bins,
        "bench": furniture.bench,
        "shelter": furniture.shelter,
    }
    return [make[kind](rng)] if kind in make else []


def _parked(rng: np.random.Generator, section: Section, start: float, stop: float) -> list[Facets]:
    """Cars in the parking lane, with gaps of at most two places."""
    y = section.road - 1.05
    full = rng.uniform(0.15, 0.9)
    heading = float(np.pi) if rng.random() < 0.5 else 0.0
    parts = []
    x, missed = start + rng.uniform(2, 5), 0
    while x < stop - 4:
        if rng.random() < full or missed > 1:
            body = str(rng.choice(BODIES, p=COMMON))
            x += {"truck": 3.0, "bus": 5.0}.get(body, 0.0)
            turn = heading + rng.normal(0, 0.03)
            car = vehicle(rng, body)
            parts.append(car.moved(x, y + rng.normal(0, 0.1), section.height(y), turn))
            x += {"truck": 2.0, "bus": 4.0}.get(body, 0.0)
            missed = 0
        else:
            missed += 1
        x += rng.uniform(5.6, 7.5)
    return parts
