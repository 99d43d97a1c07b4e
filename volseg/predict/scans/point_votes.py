"""What a network says of points: a class, how sure it is, and where the object's centre is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from volseg.data.objects import ObjectHead
from volseg.data.scans.features import Feature
from volseg.data.scans.samples import Sample, Scan, collate, sample
from volseg.geometry.labels import IGNORE, LabelMap
from volseg.nn.receptive import total_stride
from volseg.predict.objects.centre import (
    cells_of,
    upright_classes,
    weights_of,
)
from volseg.predict.scans.views import VIEWS, turns, views


@dataclass(frozen=True, eq=False)
class PointVotes:
    """What a network says of N points.

    Attributes:
        classes: training ids, int64 (N,).
        confidence: their probabilities, float32 (N,).
        cells: where the centre of the object is, int32 (N, 3), on the lattice of the class, see
            `volseg.predict.objects.centre`; None where no objects are learnt.
        weights: how much a point's vote weighs, uint32 (N,), 0 of what is no thing; or None.
    """

    classes: NDArray[np.int64]
    confidence: NDArray[np.float32]
    cells: NDArray[np.int32] | None = None
    weights: NDArray[np.uint32] | None = None

    def among(self, chosen: NDArray[np.bool_]) -> PointVotes:
        """Those of all points, of which these were chosen, bool (M,): the others have no class."""

        def spread(values: NDArray[Any], fill: int) -> NDArray[Any]:
            every = np.full((len(chosen), *values.shape[1:]), fill, values.dtype)
            every[chosen] = values
            return every

        return PointVotes(
            spread(self.classes, IGNORE),
            spread(self.confidence, 0),
            None if self.cells is None else spread(self.cells, 0),
            None if self.weights is None else spread(self.weights, 0),
        )


def no_votes(count: int, labels: LabelMap) -> PointVotes:
    """Those of points of no class."""
    classes, confidence = np.full(count, IGNORE), np.zeros(count, np.float32)
    if not labels.learns_objects:
        return PointVotes(classes, confidence)
    return PointVotes(
        classes, confidence, np.zeros((count, 3), np.int32), np.zeros(count, np.uint32)
    )


def vote(
    net: nn.Module,
    voxels: Sample,
    labels: LabelMap,
    device: torch.device,
    *,
    temperature: float = 1.0,
) -> PointVotes:
    """What a network says of the points of a sample."""
    output, head = run(net, voxels, device), ObjectHead.of(labels, 3)
    probabilities = output[:, : len(labels)].softmax(dim=1)
    classes = probabilities.argmax(dim=1)
    if temperature != 1:
        probabilities = (output[:, : len(labels)] / temperature).softmax(dim=1)
    confidence = probabilities.gather(1, classes[:, None])[:, 0]
    ids = classes.cpu().numpy()
    votes = PointVotes(voxels.grid.to_points(ids), voxels.grid.to_points(confidence.cpu().numpy()))
    if head is None:
        return votes
    parts = head.split(output)
    ways = parts.ways.cpu().numpy() * np.array(head.scales)[ids][:, None]
    cells, weights = _located(
        ids,
        voxels.grid.centres() + ways,
        parts.doubt.cpu().numpy(),
        voxels.grid.counts,
        labels,
        head,
    )
    return replace(
        votes, cells=voxels.grid.to_points(cells), weights=voxels.grid.to_points(weights)
    )


def vote_by_views(
    net: nn.Module,
    scan: Scan,
    size: float,
    features: Sequence[Feature],
    labels: LabelMap,
    device: torch.device,
    *,
    temperature: float = 1.0,
) -> PointVotes:
    """As `vote`, by the means over every view of a scan, each on its own grid.

    The temperature is that of the mean: it does not change which class is the likeliest.
    """
    head = ObjectHead.of(labels, 3)
    total = np.zeros((len(scan), len(labels)), dtype=np.float32)
    # Sums of weights, of ways in scales, and of steps from points to their voxels' centres.
    weight = np.zeros(len(scan), np.float32)
    ways, steps = np.zeros((len(scan), 3), np.float32), np.zeros((len(scan), 3), np.float32)
    counts = np.zeros(len(scan), np.float32)
    cell = max(total_stride(net) or (1,)) * size
    for turn, view in zip(turns(), views(scan, cell), strict=True):
        voxels = sample(view, size, features)
        output = run(net, voxels, device)
        probabilities = output[:, : len(labels)].softmax(dim=1).cpu().numpy()
        total += voxels.grid.to_points(probabilities)
        if head is None:
            continue
        parts = head.split(output)
        sure = voxels.grid.to_points(np.exp(-parts.doubt.cpu().numpy()))
        back = voxels.grid.to_points(parts.ways.cpu().numpy()) @ turn
        step = (voxels.grid.to_points(voxels.grid.centres()) - view.metres) @ turn
        weight += sure
        ways += sure[:, None] * back
        steps += sure[:, None] * step
        counts += voxels.grid.to_points(voxels.grid.counts)
    classes = total.argmax(axis=1)
    mean = tempered(total / np.float32(VIEWS), temperature)
    confidence = np.take_along_axis(mean, classes[:, None], axis=1)[:, 0]
    if head is None:
        return PointVotes(classes, confidence)
    away = (steps + ways * np.array(head.scales)[classes][:, None]) / weight[:, None]
    located = _located(
        classes, scan.metres + away, -np.log(weight / VIEWS), counts / VIEWS, labels, head
    )
    return PointVotes(classes, confidence, *located)


def tempered(probabilities: NDArray[np.float32], temperature: float) -> NDArray[np.float32]:
    """What probabilities (N, K) are where logits are divided by a temperature."""
    if temperature == 1:
        return probabilities
    with np.errstate(divide="ignore"):
        logits = torch.from_numpy(np.log(probabilities) / np.float32(temperature))
    made: NDArray[np.float32] = logits.softmax(dim=1).numpy()
    return made


def _located(
    classes: NDArray[np.int64], votes: NDArray[np.float64], doubt: NDArray[np.float32],
    counts: NDArray[Any], labels: LabelMap, head: ObjectHead,
) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:  # fmt: skip
    """Cells and weights of votes: a voxel's vote is shared by the points in it."""
    cells = cells_of(classes, votes, head.scales, upright_classes(labels))[:, 1:]
    weights = np.maximum(np.rint(weights_of(doubt) / counts), 1).astype(np.uint32)
    voting = [entry.grouping == "centre" for entry in labels.classes]
    weights[~np.array(voting)[classes]] = 0
    return cells.astype(np.int32), weights


def segment_sample(
    net: nn.Module, voxels: Sample, device: torch.device, *, classes: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Class, int64 (N,), and its probability, float32 (N,), of every point of a sample.

    ``classes`` is how many of the first channels are logits of classes; None where all are.
    """
    confidence, ids = run(net, voxels, device)[:, :classes].softmax(dim=1).max(dim=1)
    return voxels.grid.to_points(ids.cpu().numpy()), voxels.grid.to_points(confidence.cpu().numpy())


def run(net: nn.Module, voxels: Sample, device: torch.device) -> torch.Tensor:
    """What a network says of every voxel of a sample, float32 (M, channels)."""
    net.eval()
    with torch.inference_mode():
        inputs = collate([voxels], total_stride(net) or (1, 1, 1))
        output: torch.Tensor = net(inputs.to(device)).features.float()
    return output
