"""What stands on the ground: facets that stop rays, and crowns that let part of them pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from volseg.synthetic.crowns import Crowns, crowns
from volseg.synthetic.facets import Facets, parallelograms, stack
from volseg.synthetic.labels import Label, Material, Skin

Shape = TypeVar("Shape", Facets, Crowns)
_SKIN = Skin(Label.UNLABELLED, Material.LEAF)
NO_FACETS = parallelograms(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros((0, 3)), _SKIN)
NO_CROWNS = crowns(np.zeros((0, 3)), np.zeros((0, 3)), np.zeros(0), _SKIN)


@dataclass(frozen=True, eq=False)
class Scenery:
    """Facets and crowns of the same objects: a tree is a stem of facets and some crowns.

    Attributes:
        facets: surfaces, of any size: walls and roofs need not be cut.
        crowns: leaves and twigs; their ``instance`` counts with that of the facets.
    """

    facets: Facets = NO_FACETS
    crowns: Crowns = NO_CROWNS

    @property
    def objects(self) -> int:
        """The highest id of an object."""
        ids = (self.facets.instance, self.crowns.instance)
        return max(int(instance.max(initial=0)) for instance in ids)

    def as_object(self) -> Scenery:
        """The same scenery as one object."""
        return Scenery(self.facets.as_object(), self.crowns.as_object())


def gather(parts: Iterable[Scenery | Facets | Crowns]) -> Scenery:
    """All scenery of all parts; objects of one part are none of another."""
    facets, leaves, before = [NO_FACETS], [NO_CROWNS], 0
    for part in map(_scenery, parts):
        facets.append(_shifted(part.facets, before))
        leaves.append(_shifted(part.crowns, before))
        before += part.objects
    return Scenery(stack(facets), stack(leaves))


def _shifted(rows: Shape, before: int) -> Shape:
    """The same with ids after those of what comes before."""
    ids = np.where(rows.instance > 0, rows.instance + np.int32(before), 0)
    return replace(rows, instance=ids.astype(np.int32))


def _scenery(part: Scenery | Facets | Crowns) -> Scenery:
    if isinstance(part, Scenery):
        return part
    return Scenery(facets=part) if isinstance(part, Facets) else Scenery(crowns=part)
