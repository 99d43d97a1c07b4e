"""What a run that learns objects measures on its cases, and its loss."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from volseg.config import LossSpec, VolumeConfig
from volseg.data.objects import ObjectHead
from volseg.data.volumes.store import CachedCase
from volseg.errors import InputError
from volseg.runs.recipe import build_loss
from volseg.train.loop import Loss
from volseg.train.losses.objects import object_loss
from volseg.train.losses.supervision import supervised

SMALLEST = 1.0
"""Percentile of the sizes of objects below which what is found is taken for none."""


def with_scales(config: VolumeConfig, cases: Sequence[CachedCase]) -> VolumeConfig:
    """The config with scale and smallest size of things whose grouping is learnt, if not named.

    A class's scale is half the edge of a square, or cube, as large as its median object; the
    smallest is the first percentile of all sizes.

    Raises:
        InputError: if there is no object of such a class.
    """
    labels = config.labels.label_map()
    wanted = [
        k
        for k, entry in enumerate(labels.classes)
        if entry.grouping in ("centre", "border")
        and (entry.scale is None or config.labels.classes[entry.name].smallest is None)
    ]
    if not wanted:
        return config
    sizes = _sizes(cases, len(labels))
    classes = dict(config.labels.classes)
    cell = float(np.prod([config.images.spacing[axis] for axis in config.images.axes]))
    for thing in wanted:
        name = labels.names[thing]
        if not len(sizes[thing]):
            raise InputError(
                f"no object of class {name!r} to learn from; check data.objects and the labels"
            )
        median, least = np.percentile(sizes[thing] * cell, (50, SMALLEST))
        found = {"scale": median ** (1 / config.nd) / 2, "smallest": least}
        given = classes[name]
        missing = {
            key: float(f"{size:.3g}") for key, size in found.items() if getattr(given, key) is None
        }
        classes[name] = given.model_copy(update=missing)
    return config.model_copy(
        update={"labels": config.labels.model_copy(update={"classes": classes})}
    )


def _sizes(cases: Sequence[CachedCase], classes: int) -> list[NDArray[np.int64]]:
    """Cells of all objects of each class."""
    found: list[list[NDArray[np.int64]]] = [[] for _ in range(classes)]
    for case in cases:
        kinds = case.kinds
        sizes = np.bincount(np.abs(case.pair[1]).ravel(), minlength=len(kinds))
        for thing in range(classes):
            found[thing].append(sizes[(kinds == thing) & (sizes > 0)])
    return [np.concatenate(of) for of in found]


def build_object_loss(
    spec: LossSpec,
    head: ObjectHead,
    counts: NDArray[np.int64],
    cases: Sequence[CachedCase],
    device: torch.device,
) -> Loss:
    """The loss a spec describes, of classes and their border, and that of votes for centres.

    Args:
        spec: of the loss of classes; weights given are one a class, and 1 of the border.
        head: which channels say what.
        counts: voxels of every class, (K,).
        cases: to train on.
        device: where the network is.
    """
    if head.bordered:
        counts = np.append(counts, sum(int((case.pair[1] < 0).sum()) for case in cases))
        if isinstance(spec.weights, tuple):
            spec = spec.model_copy(update={"weights": (*spec.weights, 1.0)})
    return supervised(object_loss(build_loss(spec, counts, device), head))
