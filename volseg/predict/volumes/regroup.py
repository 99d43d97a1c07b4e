"""The way from truth to what a network should say, and back to objects: what a grouping can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from volseg.data.objects import ObjectHead
from volseg.data.volumes.objects.prepare import ObjectMap
from volseg.data.volumes.objects.targets import pack_targets
from volseg.geometry.labels import LabelMap
from volseg.predict.volumes.objects import GridObjects

SURE = 20.0
"""A logit beyond doubt."""


def regroup(
    classes: NDArray[np.signedinteger[Any]],
    objects: ObjectMap,
    labels: LabelMap,
    spacing: Sequence[float],
    axes: Sequence[int] = (0, 1, 2),
) -> NDArray[np.int32]:
    """The objects that a network which errs nowhere would find.

    Args:
        classes: training ids (X, Y, Z).
        objects: of the truth.
        labels: how each thing is grouped, and its scale.
        spacing: size of a cell along each axis.
        axes: those the network sees.

    Returns:
        Numbers of objects, int32 (X, Y, Z), 0 in none.
    """
    head = ObjectHead.of(labels, len(axes))
    patch = [2 if axis in axes else 1 for axis in range(3)]
    found = GridObjects(labels, head, classes.shape, spacing, patch)
    for x in range(len(classes)):  # plane by plane: scores take much memory
        where = slice(x, x + 1), *(slice(0, side) for side in classes.shape[1:])
        scores = (
            torch.zeros(0) if head is None else _scores(classes, objects, head, spacing, axes, x)
        )
        found.add(where, classes[x : x + 1], scores)
    return found.group()


def _scores(
    classes: NDArray[np.signedinteger[Any]],
    objects: ObjectMap,
    head: ObjectHead,
    spacing: Sequence[float],
    axes: Sequence[int],
    x: int,
) -> torch.Tensor:
    """What a network should say of one plane, float32 (channels, 1, Y, Z)."""
    centres = objects.centres.astype(np.float64) - (x, 0, 0)
    pair = np.stack((classes[x : x + 1], objects.numbers[x : x + 1]))
    truth = torch.from_numpy(pair.astype(np.int64))
    packed = pack_targets(truth, centres, objects.kinds, head, np.array(spacing), (2, 2, 2))
    ids, numbers, ways = packed[0].long(), packed[1], packed[2:][list(axes)]
    border = (numbers < 0) & torch.isin(ids, torch.tensor(head.bordered))
    ids = torch.where(border, head.classes, ids)
    scores = torch.zeros(head.channels, *ids.shape)
    scores[: head.logits] = SURE * (torch.arange(head.logits)[:, None, None, None] == ids)
    scores[head.ways] = ways
    return scores
