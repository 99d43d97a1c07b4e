"""How objects are best told apart: each grouping's ceiling, measured on the dataset's own truth."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from volseg.config import LabelSpec
from volseg.data.volumes.cache import read_labelled
from volseg.data.volumes.datasets.cases import Case
from volseg.data.volumes.objects.files import read_ids
from volseg.data.volumes.objects.prepare import (
    ObjectMap,
    box,
    prepare_objects,
    touches_another,
)
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.errors import InputError
from volseg.geometry.labels import Grouping, LabelMap
from volseg.metrics import Panoptic
from volseg.nn.receptive import Reach
from volseg.predict.volumes.regroup import regroup

GROUPINGS: tuple[Grouping, ...] = ("components", "border", "centre")
"""Simplest first: the first needs no training of its own, the second one class more."""
ENOUGH = 0.98
"""Panoptic quality, with classes that err nowhere, above which a simpler grouping is taken."""
MOST_CASES = 24
SMALLEST = 1.0
"""Percentile of sizes that is taken for the smallest object."""


@dataclass(frozen=True)
class Ceilings:
    """What the objects of a class are like, and what each grouping can do on them.

    Attributes:
        quality: panoptic quality of each grouping where classes and votes err nowhere.
        grouping: simplest grouping that is good enough, or the best.
        objects: number of objects in the cases looked at.
        sizes: 1st, 50th and 99th percentile of their sizes, in voxels.
        longest: 99th percentile of the longest side of an object's box, in voxels.
        touching: share of the objects that touch another.
        scale: scale of the class, as `LabelClass` has it.
        smallest: size of its smallest object, as `LabelClass` has it.
    """

    quality: dict[Grouping, float]
    grouping: Grouping
    objects: int
    sizes: tuple[int, int, int]
    longest: int
    touching: float
    scale: float
    smallest: float


@dataclass(frozen=True)
class ObjectPlan:
    """How a dataset says which voxels are one object, and what to make of it, by thing."""

    truth: ObjectTruth
    ceilings: dict[str, Ceilings]

    def label_spec(self, labels: LabelSpec) -> LabelSpec:
        """The labels with every thing's grouping, and what that takes."""
        classes = dict(labels.classes)
        for name, known in self.ceilings.items():
            update: dict[str, object] = {"smallest": known.smallest, "thing": None}
            update["grouping"] = known.grouping
            if known.grouping != "components":
                update["scale"] = known.scale
            classes[name] = classes[name].model_copy(update=update)
        return labels.model_copy(update={"classes": classes})

    def too_long(self, reach: Reach | None) -> list[str]:
        """Where a network of such a reach sees less than half a large object around a voxel."""
        seen = min(reach.below + reach.above) if reach is not None else math.inf
        return [
            f"objects of class {name} are up to {known.longest} voxels long, and the network sees "
            f"{seen} around a voxel: add a stage to net.widths, or coarsen images.spacing"
            for name, known in self.ceilings.items()
            if known.longest / 2 > seen
        ]


def plan_objects(
    cases: Sequence[Case],
    labels: LabelMap,
    truth: ObjectTruth,
    channels: int,
    spacing: Sequence[float],
    axes: Sequence[int],
) -> ObjectPlan:
    """Turn the truth of some cases into targets and back, by every grouping.

    Args:
        cases: cases of the dataset; `MOST_CASES` of them, evenly, are read.
        labels: with things.
        truth: how label files say which voxels are one object.
        channels: number of channels of the images.
        spacing: spacing of the grid the network sees.
        axes: those the network sees.

    Raises:
        InputError: if a thing has no object, or as `prepare_objects`.
    """
    many = min(len(cases), MOST_CASES)
    maps: list[tuple[NDArray[np.signedinteger], ObjectMap]] = []
    for number in range(many):
        case = cases[number * len(cases) // many]
        image, label = read_labelled(case, channels)
        ids = read_ids(case, truth, label.grid)
        maps.append(
            prepare_objects(label.array[0], labels, truth, image.affine, spacing, axes, ids)
        )
    return ObjectPlan(
        truth,
        {
            labels.names[thing]: _ceilings(maps, labels, thing, spacing, axes)
            for thing in labels.things
        },
    )


def _ceilings(
    maps: Sequence[tuple[NDArray[np.signedinteger], ObjectMap]],
    labels: LabelMap,
    thing: int,
    spacing: Sequence[float],
    axes: Sequence[int],
) -> Ceilings:
    sizes, sides, touching = _shapes([objects for _, objects in maps], thing, axes)
    if not len(sizes):
        name = labels.names[thing]
        raise InputError(f"no object of class {name!r}; check how the labels tell objects apart")
    cell = float(np.prod([spacing[axis] for axis in axes]))
    low, median, high = np.percentile(sizes, (SMALLEST, 50, 99))
    scale = float(f"{(median * cell) ** (1 / len(axes)) / 2:.3g}")
    quality: dict[Grouping, float] = {}
    for grouping in GROUPINGS:
        entry = labels.classes[thing]
        length = None if grouping == "components" else scale
        alone = replace(entry, thing=True, grouping=grouping, scale=length, smallest=None)
        classes = tuple(
            alone
            if k == thing
            else replace(other, thing=False, grouping=None, scale=None, smallest=None)
            for k, other in enumerate(labels.classes)
        )
        quality[grouping] = _quality(maps, replace(labels, classes=classes), thing, spacing, axes)
    enough = [grouping for grouping in GROUPINGS if quality[grouping] >= ENOUGH]
    return Ceilings(
        quality,
        enough[0] if enough else max(GROUPINGS, key=quality.__getitem__),
        len(sizes),
        (int(low), int(median), int(high)),
        int(np.percentile(sides, 99)),
        float(np.mean(touching)),
        scale,
        float(f"{low * cell:.3g}"),
    )


def _shapes(
    maps: Sequence[ObjectMap], thing: int, axes: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Voxels, longest side, and whether another is touched, of every object of a class."""
    from scipy import ndimage

    sizes, sides, touching = [], [], []
    for objects in maps:
        numbers, many = np.abs(objects.numbers), len(objects.kinds)
        boxes = ndimage.find_objects(numbers, many - 1)
        long = [0 if box is None else max(cut.stop - cut.start for cut in box) for box in boxes]
        touches = np.bincount(numbers[touches_another(numbers, box(1, axes))], minlength=many) > 0
        own = (objects.kinds == thing) & (objects.sizes > 0)
        sizes.append(objects.sizes[own])
        sides.append(np.array([0, *long])[own])
        touching.append(touches[own])
    return np.concatenate(sizes), np.concatenate(sides), np.concatenate(touching)


def _quality(
    maps: Sequence[tuple[NDArray[np.signedinteger], ObjectMap]],
    labels: LabelMap,
    thing: int,
    spacing: Sequence[float],
    axes: Sequence[int],
) -> float:
    scores = Panoptic(len(labels), [thing])
    for classes, objects in maps:
        numbers = np.where(classes == thing, np.abs(objects.numbers), 0)
        scores.update(classes, numbers, classes, regroup(classes, objects, labels, spacing, axes))
    return float(scores.scores().pq[thing])
