"""Terrains to stand on, and what a ray from above meets."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.crowns import Crowns
from volseg.synthetic.facets import Floats
from volseg.synthetic.labels import Material


def hills(size: int = 160, steep: float = 0.3, wet: float = -np.inf) -> Terrain:
    """Hills as steep as ``steep``, cells of 1 m about the origin, water below ``wet``."""
    x, y = np.mgrid[: size + 1, : size + 1].astype(np.float64)
    z = 20 * steep * (np.sin(x / 20) * np.cos(y / 23))
    water = z < wet
    cover = np.full(z.shape, Material.GRASS, dtype=np.int8)
    return Terrain(np.maximum(z, wet), cover, water, 1.0, (-size / 2, -size / 2))


def passing(crowns: Crowns, x: Floats, y: Floats) -> Floats:
    """Share of the light from straight above that passes the crowns, (n,) at places (n,)."""
    depth = np.zeros(len(x))
    for centre, radii, density in zip(crowns.centre, crowns.radii, crowns.density, strict=True):
        off = ((x - centre[0]) / radii[0]) ** 2 + ((y - centre[1]) / radii[1]) ** 2
        depth += density * 2 * radii[2] * np.sqrt(np.maximum(1 - off, 0))
    return np.exp(-depth)
