"""Segment a scan: every point gets a class, in the scan's own order."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from volseg.data.scans.context import ScanContext
from volseg.data.scans.features import Feature, gather
from volseg.data.scans.range import Range
from volseg.data.scans.samples import Sample, Scan, collate, prepare, sample
from volseg.errors import InputWarning
from volseg.geometry.assumed import require_metres
from volseg.geometry.labels import IGNORE, LabelMap
from volseg.geometry.points import PointCloud
from volseg.geometry.voxelgrid import require_extent
from volseg.nn.receptive import receptive_field, total_stride
from volseg.predict.objects.components import number_points, require_things

VIEWS = 8

STEPS = (0.8191725134, 0.6710436067, 0.5497004779)
"""Steps of a sequence that fills the unit cube evenly: powers of 1/g, where g^4 = g + 1 (Roberts,
"The unreasonable effectiveness of quasirandom sequences", 2018)."""


@dataclass(frozen=True, eq=False)
class ScanModel:
    """A trained network with all it needs to segment a scan.

    Calling it on a cloud gives the same points, labelled with the raw ids of the label map,
    with the probability of the class as confidence. Files of them say ``made_by``. Scans beyond
    what it has ``learnt`` are segmented with a warning.
    """

    net: nn.Module
    labels: LabelMap
    voxel_size: float
    features: tuple[Feature, ...]
    device: torch.device
    made_by: str | None = None
    learnt: Range | None = None

    def __call__(
        self, cloud: PointCloud, *, tta: bool = False, objects: bool = False
    ) -> PointCloud:
        """Segment a scan; with ``tta`` each point takes the mean of what eight `views` give.

        With ``objects`` points of things get the id of the object they are of as instances.

        Points without a place, and those their file calls noise, keep the class they have, or
        get 0. An `InputWarning` says in what the scan is beyond what the model has learnt.

        Raises:
            InputError: if the scan has no extent, or lacks an attribute the model needs; or if
                objects are wanted of a model without things.
        """
        if objects:
            require_things(self.labels)
        require_extent(cloud)
        counted = cloud.placed if self.labels.has_noise else cloud.counted
        seen = cloud.only(counted)
        require_metres(seen, size=self.voxel_size)
        context = gather(seen, self.features)
        beyond = self.learnt and self.learnt.beyond(context.range, tta=tta)
        if beyond:
            warnings.warn(InputWarning(beyond), stacklevel=2)
        classes, confidence = self.segment(seen, context, tta=tta)
        ids = number_points(seen.metres(), classes, self.labels) if objects else None
        return cloud.with_labels_of(
            counted, self.labels.decode(classes), confidence, ids, by=self.made_by
        )

    def segment(
        self, cloud: PointCloud, context: ScanContext | None = None, *, tta: bool = False
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Class, int64 (N,), and its probability, float32 (N,), of every point.

        Noise found below the ground or high above all else is seen by no other point; it gets
        `IGNORE`, and 0.

        In a part of a scan, given with the context of all of it, the points that have all
        others within `halo` of them in that part get the class they have in the whole.

        Raises:
            InputError: if the cloud lacks an attribute the model needs.
        """
        return self.classify(prepare(cloud, self.features, context=context), tta=tta)

    def classify(
        self, scan: Scan, *, tta: bool = False
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """As `segment`, for a scan or a part of one that is prepared."""
        if scan.noise is not None and scan.noise.any() and not self.labels.has_noise:
            return self._around_noise(scan, scan.noise != 0, tta=tta)
        if tta:
            return self._vote(scan)
        return segment_sample(self.net, sample(scan, self.voxel_size, self.features), self.device)

    def _around_noise(
        self, scan: Scan, noise: NDArray[np.bool_], *, tta: bool
    ) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """As `classify`, for points among which some are noise."""
        classes, confidence = np.full(len(scan), IGNORE), np.zeros(len(scan), dtype=np.float32)
        if not noise.all():
            others = replace(scan.take(np.flatnonzero(~noise)), noise=None)
            classes[~noise], confidence[~noise] = self.classify(others, tta=tta)
        return classes, confidence

    def halo(self, *, tta: bool = False) -> int | None:
        """Voxels around a point's own that its class depends on; None where all of them do."""
        seen = receptive_field(self.net)
        if seen is None:
            return None
        most = max(*seen.below, *seen.above)
        # The corners of a turned square, and those of the voxels cut by its sides.
        return math.ceil((most + 1) * math.sqrt(2)) + 1 if tta else most

    def _vote(self, scan: Scan) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """As `segment_sample`, by the mean probabilities of every view, each on its own grid."""
        total = np.zeros((len(scan), len(self.labels)), dtype=np.float32)
        stride = max(total_stride(self.net) or (1,))
        for view in views(scan, stride * self.voxel_size):
            one = sample(view, self.voxel_size, self.features)
            total += one.grid.to_points(_chances(self.net, one, self.device).cpu().numpy())
        return total.argmax(axis=1), total.max(axis=1) / np.float32(VIEWS)


def views(scan: Scan, cell: float) -> Iterator[Scan]:
    """A scan turned about the vertical by every eighth of a turn, every other one mirrored.

    Each is shifted by another part of a ``cell`` in metres, the network's coarsest: what a boundary
    of one view's grid cuts in two, others see whole. The axis is that of the coordinates, so that a
    part of a scan is turned and shifted as the whole is.
    """
    x, y, z = scan.metres.T
    for number in range(VIEWS):
        angle = 2 * np.pi * number / VIEWS
        cos, sin, hand = np.cos(angle), np.sin(angle), (-1) ** number
        turned = np.stack((hand * cos * x - sin * y, hand * sin * x + cos * y, z), axis=1)
        yield replace(scan, metres=turned + cell * (number * np.array(STEPS) % 1.0))


def segment_sample(
    net: nn.Module, one: Sample, device: torch.device
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Class, int64 (N,), and its probability, float32 (N,), of every point of a sample."""
    confidence, classes = _chances(net, one, device).max(dim=1)
    return one.grid.to_points(classes.cpu().numpy()), one.grid.to_points(confidence.cpu().numpy())


def _chances(net: nn.Module, one: Sample, device: torch.device) -> torch.Tensor:
    """Probability of every class for every voxel of a sample, float32 (M, K)."""
    net.eval()
    with torch.inference_mode():
        inputs = collate([one], total_stride(net) or (1, 1, 1))
        chances: torch.Tensor = net(inputs.to(device)).features.float().softmax(dim=1)
    return chances
