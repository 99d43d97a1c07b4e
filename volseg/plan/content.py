"""What the voxels of a case say, by the ids of classes or of objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.checks.masks import IdLayout
from volseg.data.volumes.datasets.cases import Dataset
from volseg.data.volumes.objects.truth import THOUSAND, ObjectTruth


@dataclass(frozen=True, eq=False)
class Content:
    """What a case's voxels say.

    Attributes:
        sample: float32 (C, n), intensities of at most `SAMPLED` foreground voxels.
        zeros: share of the voxels that are 0 in every channel.
        moments: 3 x 3 numbers by raw id but 0: over its voxels the sums of 1, of coordinates,
            and of their squares, along right, anterior, superior in millimetres.
        counts: number of voxels by raw id.
        pieces: what tells whether the ids number objects, where no class is named.
        things: raw ids of classes that a second file has objects of.
    """

    sample: NDArray[np.float32]
    zeros: float
    counts: dict[int, int]
    moments: dict[int, list[list[float]]]
    pieces: IdLayout | None
    things: frozenset[int] = frozenset()


def only_thing(dataset: Dataset) -> int:
    """The raw id of the first class that is no background; 1 where none is named."""
    named = [ids[0] for ids in (dataset.classes or {}).values() if 0 not in ids]
    return named[0] if named else 1


def by_class(
    contents: Sequence[Content], objects: ObjectTruth, only: int
) -> tuple[frozenset[int], list[Content]]:
    """Contents by ids of classes where they are by ids of objects; which classes have objects."""

    def class_of(raw: int) -> int:
        if objects == "ids":
            return only if raw else 0
        return raw // THOUSAND if objects == "thousands" and raw >= THOUSAND else raw

    every = {raw for content in contents for raw in content.counts}
    if objects == "thousands":
        things = {class_of(raw) for raw in every if raw >= THOUSAND}
    elif objects == "file":
        things = {raw for content in contents for raw in content.things}
    else:
        things = {class_of(raw) for raw in every} - {0}
    made = []
    for content in contents:
        counts: dict[int, int] = {}
        sums: dict[int, NDArray[np.float64]] = {}
        for raw, many in content.counts.items():
            counts[class_of(raw)] = counts.get(class_of(raw), 0) + many
        for raw, moments in content.moments.items():
            sums[class_of(raw)] = sums.get(class_of(raw), 0) + np.array(moments)
        made.append(
            replace(content, counts=counts, moments={k: s.tolist() for k, s in sums.items()})
        )
    return frozenset(things), made
