"""What grows along water: trees that lean over it, thickets, reeds."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.lines.stations import sideways, stations
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.trees import HABITS, grow
from volseg.synthetic.airborne.woods.fields import blades
from volseg.synthetic.airborne.woods.places import clearings
from volseg.synthetic.facets import Floats
from volseg.synthetic.scenery import Scenery, gather


def riverside(
    rng: np.random.Generator, terrain: Terrain, line: Floats, half: float, *, leaves: bool = True
) -> Scenery:
    """Growth in patches on both banks of water ``half`` metres to either side of a polyline."""
    bare = rng.uniform(0.2, 0.9)
    kind = HABITS[str(rng.choice(["broadleaf", "spreading", "column"]))]
    tall, parts = rng.uniform(6, 18), []
    for side in (-1, 1):
        trees = _bank(rng, terrain, line, side * (half + 2.5), 6.0, (bare, 40))
        height = tall * np.clip(rng.normal(1, 0.25, len(trees)), 0.4, 1.4)
        parts.append(grow(rng, kind, trees, height, leafy=leaves))
        bushes = _bank(rng, terrain, line, side * (half + 1.5), 2.2, (bare, 20))
        low = grow(rng, HABITS["shrub"], bushes, rng.uniform(0.8, 4.0, len(bushes)), leafy=leaves)
        low.crowns.instance[:] = 0
        reeds = _bank(rng, terrain, line, side * (half + 0.6), 0.9, (bare, 30))
        top = rng.uniform(1.0, 2.4) * rng.uniform(0.7, 1.0, len(reeds))
        stalks = blades(reeds, top, np.full(len(reeds), 0.6), rng.uniform(0.8, 2.0), True, 0.0)
        parts += [low, Scenery(crowns=stalks)]
    return gather(parts)


def _bank(
    rng: np.random.Generator,
    terrain: Terrain,
    line: Floats,
    aside: float,
    pitch: float,
    gaps: tuple[float, float],
) -> Floats:
    """Feet, (n, 3), on dry ground beside a line, but for a share of gaps some metres wide."""
    feet = sideways(stations(terrain, line, pitch), aside)
    feet[:, :2] += rng.normal(0, 0.25 * min(pitch, 4), (len(feet), 2))
    x0, y0, x1, y1 = terrain.extent
    x, y = feet[:, :2].T
    feet[:, 2] = terrain.height(x, y)
    feet = feet[~terrain.wet(x, y) & (x > x0) & (x < x1) & (y > y0) & (y < y1)]
    return clearings(rng, feet, gaps[1], gaps[0])
