"""Taking away what cannot stand where something else runs."""

from __future__ import annotations

from dataclasses import fields
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.crowns import Crowns
from volseg.synthetic.facets import Facets, Floats
from volseg.synthetic.scenery import Scenery

Shape = TypeVar("Shape", Facets, Crowns)


def clear(scenery: Scenery, terrain: Terrain, beds: NDArray[np.bool_]) -> Scenery:
    """Scenery without what stands in water or on beds, objects as wholes.

    A tree stands where its stem does: a crown may hang over a road.

    Args:
        scenery: what there is.
        terrain: the ground.
        beds: bool, of the terrain's grid, where nothing may stand.
    """
    barred = beds | terrain.water
    centre, _ = scenery.facets.bounds()
    on_bed = _barred(terrain, barred, centre)
    over_bed = _barred(terrain, barred, scenery.crowns.centre)
    gone = np.zeros(scenery.objects + 1, dtype=bool)
    gone[scenery.facets.instance[on_bed]] = True
    has_stem = np.zeros(len(gone), dtype=bool)
    has_stem[scenery.facets.instance] = True
    ids = scenery.crowns.instance
    gone[ids[over_bed & ~has_stem[ids]]] = True
    gone[0] = False
    return Scenery(
        _only(scenery.facets, ~gone[scenery.facets.instance] & ~_loose(scenery.facets, on_bed)),
        _only(scenery.crowns, ~gone[ids] & ~_loose(scenery.crowns, over_bed)),
    )


def _barred(terrain: Terrain, barred: NDArray[np.bool_], place: Floats) -> NDArray[np.bool_]:
    return np.asarray(barred[terrain.nearest(place[:, 0], place[:, 1])])


def _loose(shapes: Facets | Crowns, bad: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pieces of no object in the way: these go one by one."""
    return np.asarray(bad & (shapes.instance == 0))


def _only(shapes: Shape, kept: NDArray[np.bool_]) -> Shape:
    names = [field.name for field in fields(shapes)]
    return type(shapes)(**{name: getattr(shapes, name)[kept] for name in names})
