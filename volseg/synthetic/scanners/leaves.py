"""First leaves that rays meet in crowns."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.crowns import Crowns
from volseg.synthetic.facets import Floats
from volseg.synthetic.scanners.rays import Indices
from volseg.synthetic.scanners.strip import Strip


def pierce(
    rng: np.random.Generator, rays: Strip, crowns: Crowns
) -> tuple[Indices, Floats, Indices]:
    """First leaves: rays that meet one, (n,) increasing; distances, (n,); crowns, (n,)."""
    nearest = np.full(len(rays), rays.reach, dtype=np.float64)
    winner = np.full(len(rays), -1, dtype=np.int64)
    for crown, ray in rays.crossings(crowns):
        enter, leave = _chord(rays, crowns, crown, ray)
        passed = leave > enter
        crown, ray = crown[passed], ray[passed]
        enter, leave = enter[passed], leave[passed]
        leaf = enter + rng.exponential(1.0, len(ray)) / crowns.density[crown]
        met = (leaf < leave) & (leaf < nearest[ray])
        crown, ray, leaf = crown[met], ray[met], leaf[met]
        order = np.lexsort((leaf, ray))
        first = order[np.flatnonzero(np.diff(ray[order], prepend=-1))]
        nearest[ray[first]] = leaf[first]
        winner[ray[first]] = crown[first]
    hits = np.flatnonzero(winner >= 0)
    return hits, nearest[hits], winner[hits]


def _chord(rays: Strip, crowns: Crowns, crown: Indices, ray: Indices) -> tuple[Floats, Floats]:
    """Where rays enter and leave crowns, metres along them; leaving comes first for a miss."""
    radii = crowns.radii[crown]
    way = rays.directions(ray) / radii
    to = (crowns.centre[crown] - rays.origins(ray)) / radii
    square = np.einsum("ij,ij->i", way, way)
    middle = np.einsum("ij,ij->i", way, to) / square
    # Of the closest point, for a ray far away loses digits in the difference of two squares.
    aside = to - middle[:, None] * way
    rest = 1 - np.einsum("ij,ij->i", aside, aside)
    half = np.sqrt(np.maximum(rest, 0) / square)
    return np.where(rest > 0, np.maximum(middle - half, 0), 0.0), np.where(
        rest > 0, middle + half, -1.0
    )
