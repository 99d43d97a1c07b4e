"""Taking away what cannot stand where something else runs, or where nothing grows."""

from __future__ import annotations

from dataclasses import fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.airborne.noise import fractal
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.crowns import Crowns
from volseg.synthetic.facets import Facets
from volseg.synthetic.labels import Label
from volseg.synthetic.scenery import Scenery

Shape = TypeVar("Shape", Facets, Crowns)
Mask = NDArray[np.bool_]


def clear(scenery: Scenery, terrain: Terrain, beds: Mask) -> Scenery:
    """Scenery without what stands in water or on beds, objects as wholes.

    A tree stands where its stem does: a crown may hang over a road.

    Args:
        scenery: what there is.
        terrain: the ground.
        beds: bool, of the terrain's grid, where nothing may stand.
    """
    return _without(scenery, terrain, beds | terrain.water, plants=False)


def fell(scenery: Scenery, terrain: Terrain, bare: Mask) -> Scenery:
    """Scenery without the plants on bare ground, a mask of the terrain's grid."""
    return _without(scenery, terrain, bare, plants=True)


def patches(rng: np.random.Generator, terrain: Terrain) -> Mask:
    """Patches of a terrain's grid whose edges wind, a tenth of it or some."""
    x, y = (
        first + np.arange(size) * terrain.cell
        for first, size in zip(terrain.origin, terrain.z.shape, strict=True)
    )
    u, v = np.meshgrid(x, y, indexing="ij")
    field = fractal(rng, (u, v), rng.uniform(80, 250), 10, 0.9)
    return np.asarray(field > np.quantile(field, rng.uniform(0.4, 0.9)))


def _without(scenery: Scenery, terrain: Terrain, barred: Mask, plants: bool) -> Scenery:
    """Scenery, or but for its plants, without the objects and the loose pieces on barred ground."""
    facets, crowns = scenery.facets, scenery.crowns
    centre, _ = facets.bounds()
    on = np.asarray(barred[terrain.nearest(*centre[:, :2].T)])
    if plants:
        on &= facets.label == Label.VEGETATION
    over = np.asarray(barred[terrain.nearest(*crowns.centre[:, :2].T)])
    gone, stems = np.zeros((2, scenery.objects + 1), dtype=bool)
    gone[facets.instance[on]] = True
    stems[facets.instance] = True
    gone[crowns.instance[over & ~stems[crowns.instance]]] = True
    gone[0] = False
    return Scenery(
        _only(facets, ~gone[facets.instance] & ~(on & (facets.instance == 0))),
        _only(crowns, ~gone[crowns.instance] & ~(over & (crowns.instance == 0))),
    )


def _only(shapes: Shape, kept: Mask) -> Shape:
    names = [field.name for field in fields(shapes)]
    return type(shapes)(**{name: getattr(shapes, name)[kept] for name in names})
