"""Where rays from above meet the ground."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Floats
from volseg.synthetic.scanners.rays import Indices
from volseg.synthetic.scanners.strip import Strip

LEAPS = ((16, 5), (2, 5))
"""Cells along a block of a ceiling over the ground, and how often rays leap down to it."""
STEPS = 400


def fall(rays: Strip, terrain: Terrain) -> Floats:
    """How far each ray goes to the ground, (R,) metres, to within millimetres.

    Rays leap down to a ceiling over the ground around them, then go by a cell at a time until
    they are below it; the crossing is interpolated.
    """
    ray = np.arange(len(rays))
    origin, way = rays.origins(ray), rays.directions(ray)
    way /= -way[:, 2:]
    flat = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-4)

    def over(drop: Floats, some: Indices) -> Floats:
        """Height over the ground of rays that have dropped so far."""
        x, y, z = (origin[some] + drop[:, None] * way[some]).T
        return np.asarray(z - terrain.height(x, y))

    low = origin[:, 2] - terrain.z.max()
    for block, times in LEAPS:
        low = _leap(origin, way, low, terrain, block, times)
    step = terrain.cell / flat
    high, above = low.copy(), over(low, ray)
    below, active = above.copy(), ray[above > 0]
    for _ in range(STEPS):
        if not len(active):
            break
        low[active], above[active] = high[active], below[active]
        high[active] += step[active]
        below[active] = over(high[active], active)
        active = active[below[active] > 0]
    for _ in range(2):
        share = above / np.maximum(above - below, 1e-12)
        middle = low + np.clip(share, 0, 1) * (high - low)
        rest = over(middle, ray)
        up = rest > 0
        low, above = np.where(up, middle, low), np.where(up, rest, above)
        high, below = np.where(up, high, middle), np.where(up, below, rest)
    return np.asarray(middle * np.linalg.norm(way, axis=1))


def _leap(
    origin: Floats, way: Floats, drop: Floats, terrain: Terrain, block: int, times: int
) -> Floats:
    """Drops of rays down to the ceiling over blocks of cells and their neighbours."""
    from scipy.ndimage import maximum_filter

    shape = np.array(terrain.z.shape)
    count = -(-shape // block)
    padded = np.pad(terrain.z, [(0, gap) for gap in count * block - shape], mode="edge")
    blocks = padded.reshape(count[0], block, count[1], block).max(axis=(1, 3))
    ceiling = maximum_filter(blocks, 3, mode="nearest")
    size = block * terrain.cell
    # A ray that moves no farther than a block stays under the ceiling it was measured by.
    most = 0.99 * size / np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-4)
    start, slope = (origin[:, :2] - terrain.origin).T / size, way[:, :2].T / size
    for _ in range(times):
        i, j = (
            np.clip(first + drop * rise, 0, last - 1).astype(np.int64)
            for first, rise, last in zip(start, slope, count, strict=True)
        )
        drop = drop + np.clip(origin[:, 2] - drop - ceiling[i, j], 0, most)
    return drop
