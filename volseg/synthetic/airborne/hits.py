"""What rays from above hit first: ground, water, leaves, surfaces."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.airborne.fall import fall
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.crowns import Crowns
from volseg.synthetic.facets import Facets, Floats
from volseg.synthetic.labels import Label
from volseg.synthetic.scanners.leaves import pierce
from volseg.synthetic.scanners.rays import cast
from volseg.synthetic.scanners.strip import Strip
from volseg.synthetic.scenery import Scenery


@dataclass(frozen=True, eq=False)
class Hits:
    """First hits of R rays.

    Attributes:
        distance: float64 (R,), metres.
        label: int8 (R,), class.
        material: int8 (R,), material.
        instance: int32 (R,), objects, 0 of none.
        slant: float64 (R,), cosine of the angle of incidence.
    """

    distance: Floats
    label: NDArray[np.int8]
    material: NDArray[np.int8]
    instance: NDArray[np.int32]
    slant: Floats


def meet(rng: np.random.Generator, rays: Strip, terrain: Terrain, scenery: Scenery) -> Hits:
    """First hits of rays that all reach the ground, if nothing else."""
    ground = fall(rays, terrain)
    made = _on_ground(rays, ground, terrain)
    rays = replace(rays, reach=ground)
    ray, distance, facet = cast(rays, scenery.facets)
    normal = np.cross(scenery.facets.u, scenery.facets.v)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-15)
    slant = np.abs((normal[facet] * rays.directions(ray)).sum(axis=1))
    _put(made, ray, distance, slant, scenery.facets, facet)
    rays = replace(rays, reach=made.distance)
    ray, distance, crown = pierce(rng, rays, scenery.crowns)
    _put(made, ray, distance, rng.random(len(ray)), scenery.crowns, crown)
    return made


def _on_ground(rays: Strip, distance: Floats, terrain: Terrain) -> Hits:
    every = np.arange(len(rays))
    way = rays.directions(every)
    x, y, _ = (rays.origins(every) + distance[:, None] * way).T
    along, across = terrain.slope(x, y)
    i, j = terrain.nearest(x, y)
    slant = way[:, 0] * along + way[:, 1] * across - way[:, 2]
    return Hits(
        distance=distance,
        label=np.where(terrain.water[i, j], Label.WATER, Label.GROUND).astype(np.int8),
        material=terrain.cover[i, j],
        instance=np.zeros(len(rays), dtype=np.int32),
        slant=np.clip(slant / np.sqrt(1 + along**2 + across**2), 0, 1),
    )


def _put(
    hits: Hits,
    ray: NDArray[np.int64],
    distance: Floats,
    slant: Floats,
    shapes: Facets | Crowns,
    shape: NDArray[np.int64],
) -> None:
    """Let rays end at shapes."""
    hits.distance[ray] = distance
    hits.slant[ray] = slant
    for name in ("label", "material", "instance"):
        getattr(hits, name)[ray] = getattr(shapes, name)[shape]
