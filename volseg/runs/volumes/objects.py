"""What a run that learns objects of volumes measures on them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from volseg.config import ImageSpec, LabelSpec
from volseg.data.volumes.store import CachedCase
from volseg.errors import InputError
from volseg.geometry.labels import LabelMap

SMALLEST = 1.0
"""Percentile of the sizes of objects below which what is found is taken for none."""


def with_scales(spec: LabelSpec, images: ImageSpec, cases: Sequence[CachedCase]) -> LabelSpec:
    """The labels with scale and smallest size of things whose grouping is learnt, if not named.

    A class's scale is half the edge of a square, or cube, as large as its median object; the
    smallest is the first percentile of all sizes.

    Args:
        spec: Spec of the labels of a run.
        images: Spec of its images.
        cases: Cases to train on, and those held out.

    Raises:
        InputError: if there is no object of such a class.
    """
    classes = dict(spec.classes)
    wanted = [
        name
        for name, entry in classes.items()
        if entry.grouping in ("centre", "border") and None in (entry.scale, entry.smallest)
    ]
    if not wanted:
        return spec
    sizes = dict(zip(classes, _sizes(cases, len(classes)), strict=True))
    cell = float(np.prod([images.spacing[axis] for axis in images.axes]))
    for name in wanted:
        if not len(sizes[name]):
            raise InputError(
                f"no object of class {name!r} to learn from; check data.objects and the labels"
            )
        median, least = np.percentile(sizes[name] * cell, (50, SMALLEST))
        measured = {"scale": median ** (1 / len(images.axes)) / 2, "smallest": least}
        missing = {
            key: float(f"{size:.3g}")
            for key, size in measured.items()
            if getattr(classes[name], key) is None
        }
        classes[name] = classes[name].model_copy(update=missing)
    return spec.model_copy(update={"classes": classes})


def _sizes(cases: Sequence[CachedCase], classes: int) -> list[NDArray[np.int64]]:
    """Cells of all objects of each class."""
    by_class: list[list[NDArray[np.int64]]] = [[] for _ in range(classes)]
    for case in cases:
        kinds = case.kinds
        sizes = np.bincount(np.abs(case.pair[1]).ravel(), minlength=len(kinds))
        for thing in range(classes):
            by_class[thing].append(sizes[(kinds == thing) & (sizes > 0)])
    return [np.concatenate(of) for of in by_class]


def border_cells(labels: LabelMap, cases: Sequence[CachedCase]) -> int:
    """Number of cells that touch another object; 0 where no class is grouped by borders."""
    if all(entry.grouping != "border" for entry in labels.classes):
        return 0
    return sum(int((case.pair[1] < 0).sum()) for case in cases)
