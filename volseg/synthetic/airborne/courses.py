"""Rivers, canals, railways, roads and power lines: what runs on for many kilometres."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.airborne.noise import waves
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.works import Course, graded, shape, spaced
from volseg.synthetic.facets import Floats
from volseg.synthetic.labels import Material

STEP = 4.0
"""Metres from corner to corner of a course."""


BENDS = {"river": 0.25, "road": 0.15, "rail": 0.06, "motorway": 0.05}
"""How far courses swing to and fro, as a share of the length from swing to swing."""
LEAST = 900.0
"""Metres of course at least: pylons are far apart."""
TRIES, MOST_MOVED = 6, 7.0
"""Lines of which one is taken, and metres of ground that it may move on average."""


@dataclass(frozen=True)
class Route:
    """A course through a landscape.

    Attributes:
        kind: `river`, `canal`, `rail`, `motorway`, `road` or `power`.
        line: float64 (n, 2), metres.
        levels: float64 (n,), heights, metres.
        half: half of its width, metres.
    """

    kind: str
    line: Floats
    levels: Floats
    half: float


def lay(
    rng: np.random.Generator, terrain: Terrain, kind: str
) -> tuple[Route, NDArray[np.bool_]] | None:
    """A course across a terrain, which is shaped for it, and where nothing else may stand.

    Of some lines the one is taken that moves least ground; None if that is too much.
    """
    tries = [_surveyed(rng, terrain, kind) for _ in range(TRIES)]
    moved, route, course = min(tries, key=lambda each: each[0])
    if moved > MOST_MOVED:
        return None
    if course is None:
        return route, np.zeros(terrain.z.shape, dtype=bool)
    return route, shape(terrain, route.line, route.levels, course)


def _surveyed(
    rng: np.random.Generator, terrain: Terrain, kind: str
) -> tuple[float, Route, Course | None]:
    """Metres by which a random course departs from the ground on the terrain, and the course."""
    line = _through(rng, terrain, BENDS.get(kind, 0.0))
    half, course, levels = _KINDS[kind](rng, terrain, line)
    x0, y0, x1, y1 = terrain.extent
    x, y = line.T
    within = (x > x0) & (x < x1) & (y > y0) & (y < y1)
    off = np.abs(levels - terrain.height(x, y))[within]
    return float(off.mean()) if len(off) else np.inf, Route(kind, line, levels, half), course


def _through(rng: np.random.Generator, terrain: Terrain, bend: float) -> Floats:
    """A line from edge to edge that passes near the middle and bends by a share of its length."""
    x0, y0, x1, y1 = terrain.extent
    size = max(x1 - x0, y1 - y0)
    heading, aside = rng.uniform(0, 2 * np.pi), rng.uniform(-0.35, 0.35) * size
    reach = max(0.75 * size, LEAST / 2)
    along = np.arange(-reach, reach + STEP, STEP)
    length = rng.uniform(150, 500)
    across = aside + bend * length * waves(rng, along + rng.uniform(0, 1e4), 0 * along, length)
    c, s = np.cos(heading), np.sin(heading)
    line = np.stack((c * along - s * across, s * along + c * across), axis=1)
    return spaced(line + ((x0 + x1) / 2, (y0 + y1) / 2), STEP)


Kind = Callable[[np.random.Generator, Terrain, Floats], tuple[float, Course | None, Floats]]


def _river(
    rng: np.random.Generator, terrain: Terrain, line: Floats
) -> tuple[float, Course | None, Floats]:
    """Water that only falls, lower than its banks."""
    half = float(np.exp(rng.uniform(0.3, 3.0)))
    levels = graded(terrain, line, 15.0)
    if levels[0] > levels[-1]:
        levels = np.minimum.accumulate(levels)
    else:
        levels = np.minimum.accumulate(levels[::-1])[::-1]
    bank = rng.uniform(0.3, 1.0)
    wet = Course(half, Material.WATER, cut=bank, fill=0.0, wet=True)
    return half, wet, levels - rng.uniform(0.5, 2.0)


def _canal(
    rng: np.random.Generator, terrain: Terrain, line: Floats
) -> tuple[float, Course | None, Floats]:
    """Level water between walls."""
    half = rng.uniform(3, 15)
    level = float(np.quantile(terrain.height(*line.T), 0.1)) - rng.uniform(0.5, 2.0)
    walls = Course(half, Material.WATER, cut=30.0, fill=0.0, wet=True)
    return half, walls, np.full(len(line), level)


def _rail(
    rng: np.random.Generator, terrain: Terrain, line: Floats
) -> tuple[float, Course | None, Floats]:
    """Ballast on a dam or in a cutting."""
    half = float(rng.choice([3.0, 5.2]))
    levels = graded(terrain, line, 120.0) + float(rng.choice([0.5, 1.0, 4.0]))
    return half, Course(half, Material.GRAVEL, cut=0.7, fill=0.65), levels


def _motorway(
    rng: np.random.Generator, terrain: Terrain, line: Floats
) -> tuple[float, Course | None, Floats]:
    """Lanes both ways on a dam or in a cutting."""
    half = rng.uniform(9, 15)
    levels = graded(terrain, line, 120.0) + float(rng.choice([-5.0, 0.3, 0.3, 4.0]))
    return half, Course(half, Material.ASPHALT, cut=0.6, fill=0.55, camber=0.02), levels


def _road(
    rng: np.random.Generator, terrain: Terrain, line: Floats
) -> tuple[float, Course | None, Floats]:
    """Two lanes that wind over the ground, on a slope half in a cutting."""
    half = rng.uniform(2.2, 4.0)
    levels = graded(terrain, line, rng.uniform(12, 40)) + rng.uniform(0.0, 0.6)
    bank = rng.uniform(0.5, 1.5)
    return half, Course(half, Material.ASPHALT, cut=bank, fill=0.6, camber=0.02), levels


def _power(
    rng: np.random.Generator, terrain: Terrain, line: Floats
) -> tuple[float, Course | None, Floats]:
    """Nothing on the ground."""
    return 12.0, None, terrain.height(*line.T)


_KINDS: dict[str, Kind] = {
    "river": _river,
    "canal": _canal,
    "rail": _rail,
    "motorway": _motorway,
    "road": _road,
    "power": _power,
}
