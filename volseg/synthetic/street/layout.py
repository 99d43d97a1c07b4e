"""Layout of the synthetic street: two sides, what lies behind them, and what moves between."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from volseg.synthetic.facets import Facets, Floats, join
from volseg.synthetic.street import furniture, ground, lots
from volseg.synthetic.street.kerbside import kerbside
from volseg.synthetic.vehicles import BODIES, vehicle

MARGIN = 25.0
"""Metres of street before the first and behind the last profile."""
MIRROR = np.diag([1.0, -1.0, 1.0])

# What lies behind a pavement, how often beside a street, and how far back houses stand.
LOTS: tuple[tuple[lots.Lot, float, tuple[float, float]], ...] = (
    (lots.houses, 0.2, (0.0, 0.0)),
    (lots.houses, 0.25, (2.5, 10.0)),
    (lots.blocks, 0.25, (1.0, 18.0)),
    (lots.park, 0.22, (5.0, 25.0)),
    (lots.car_park, 0.08, (5.0, 20.0)),
)
BUILT = 3
"""So many of `LOTS` hold houses."""


@dataclass(frozen=True, eq=False)
class Street:
    """A straight street along x; x = 0 is where the scan starts.

    Attributes:
        facets: all surfaces.
        houses: float64 (H, 2, 2), ground plans as ((x0, y0), (x1, y1)).
        lane: half-width of the driven road, metres.
    """

    facets: Facets
    houses: Floats
    lane: float


def draw_street(rng: np.random.Generator, length: float) -> Street:
    """A random street; one side at least is built up and has a parking lane."""
    lane = rng.uniform(2.5, 6.0)
    richer = int(rng.integers(2))
    parts, plans = [_moving(rng, lane, length)], []
    for number in (0, 1):
        facets, houses = _side(rng, lane, length, number == richer)
        if number == 0:
            facets, houses = facets.mapped(MIRROR), houses * (1, -1)
        parts.append(facets)
        plans.append(np.stack((houses.min(axis=1), houses.max(axis=1)), axis=1))
    return Street(join(parts), np.concatenate(plans), lane)


def _side(
    rng: np.random.Generator, lane: float, length: float, rich: bool
) -> tuple[Facets, Floats]:
    """Everything on the side y > 0, and its houses' ground plans (H, 2, 2)."""
    start, stop = -MARGIN, length + MARGIN
    choice = LOTS[:BUILT] if rich else LOTS
    shares = np.array([share for _, share, _ in choice])
    lot, _, setbacks = choice[int(rng.choice(len(choice), p=shares / shares.sum()))]
    section = ground.draw_section(rng, lane, rich, setbacks)
    parts = [ground.strips(rng, section, start, stop), *kerbside(rng, section, start, stop)]
    land, plans = lot(rng, section, start, stop)
    return join([*parts, *land]), np.array(plans).reshape(-1, 2, 2)


def _moving(rng: np.random.Generator, lane: float, length: float) -> Facets:
    """What moves while it is scanned: cars pressed together or drawn out, and walkers."""
    parts = []
    for _ in range(1 + int(rng.poisson(length / 50))):
        squeeze = np.diag([np.exp(rng.uniform(-1.2, 0.7)), 1.0, 1.0])
        car = vehicle(rng, str(rng.choice(BODIES))).mapped(squeeze)
        parts.append(car.moved(rng.uniform(-10, length + 10), 0.55 * lane, -0.03))
    for _ in range(3 + int(length / 20)):
        side = float(rng.choice([-1, 1]))
        person = furniture.walker(rng)
        parts.append(person.moved(rng.uniform(0, length), side * (lane + 3.2), 0.08))
    return join(parts)
