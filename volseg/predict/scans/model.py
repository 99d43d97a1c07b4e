"""Segment a scan: every point gets a class, in the scan's own order."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from volseg.data.scans.context import ScanContext
from volseg.data.scans.features import Feature, gather
from volseg.data.scans.range import Range
from volseg.data.scans.samples import Scan, prepare, sample
from volseg.errors import InputWarning
from volseg.geometry.assumed import require_metres
from volseg.geometry.labels import LabelMap
from volseg.geometry.points import PointCloud
from volseg.geometry.voxelgrid import require_extent
from volseg.nn.receptive import receptive_field
from volseg.predict.objects.components import require_things
from volseg.predict.objects.points import number_points
from volseg.predict.scans.point_votes import PointVotes, no_votes, vote, vote_by_views


@dataclass(frozen=True, eq=False)
class ScanModel:
    """A trained network with all it needs to segment a scan.

    Calling it on a cloud gives the same points, labelled with the raw ids of the label map,
    with the probability of the class as confidence, logits divided by ``temperature``. Files of
    them say ``made_by``. Scans beyond what it has ``learnt`` are segmented with a warning.
    """

    net: nn.Module
    labels: LabelMap
    voxel_size: float
    features: tuple[Feature, ...]
    device: torch.device
    made_by: str | None = None
    learnt: Range | None = None
    temperature: float = 1.0

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
        votes = self.vote(prepare(seen, self.features, context=context), tta=tta)
        ids = None
        if objects or self.labels.learns_objects:
            ids = number_points(
                seen.metres(), votes.classes, self.labels, votes.cells, votes.weights
            )
        return cloud.with_labels_of(
            counted, self.labels.decode(votes.classes), votes.confidence, ids, by=self.made_by
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
        votes = self.vote(scan, tta=tta)
        return votes.classes, votes.confidence

    def vote(self, scan: Scan, *, tta: bool = False) -> PointVotes:
        """As `classify`, with what the network says of objects."""
        if scan.noise is not None and scan.noise.any() and not self.labels.has_noise:
            return self._around_noise(scan, scan.noise != 0, tta=tta)
        if tta:
            return vote_by_views(
                self.net, scan, self.voxel_size, self.features, self.labels, self.device,
                temperature=self.temperature,
            )  # fmt: skip
        voxels = sample(scan, self.voxel_size, self.features)
        return vote(self.net, voxels, self.labels, self.device, temperature=self.temperature)

    def _around_noise(self, scan: Scan, noise: NDArray[np.bool_], *, tta: bool) -> PointVotes:
        """As `vote`, for points among which some are noise."""
        if noise.all():
            return no_votes(len(scan), self.labels)
        others = replace(scan.take(np.flatnonzero(~noise)), noise=None)
        return self.vote(others, tta=tta).among(~noise)

    def halo(self, *, tta: bool = False) -> int | None:
        """Voxels around a point's own that its class depends on; None where all of them do."""
        seen = receptive_field(self.net)
        if seen is None:
            return None
        most = max(*seen.below, *seen.above)
        # The corners of a turned square, and those of the voxels cut by its sides.
        return math.ceil((most + 1) * math.sqrt(2)) + 1 if tta else most
