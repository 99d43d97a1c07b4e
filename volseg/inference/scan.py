"""Segment a scan: every point gets a class, in the scan's own order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from volseg.data.features import Feature
from volseg.data.samples import Sample, collate, prepare, sample
from volseg.geometry.labels import LabelMap
from volseg.geometry.points import PointCloud
from volseg.geometry.voxelgrid import require_extent


@dataclass(frozen=True, eq=False)
class ScanModel:
    """A trained network with all it needs to segment a scan.

    Calling it on a cloud gives the same points, labelled with the raw ids of the label map,
    with the probability of the class as confidence.
    """

    net: nn.Module
    labels: LabelMap
    voxel_size: float
    features: tuple[Feature, ...]
    device: torch.device

    def __call__(self, cloud: PointCloud) -> PointCloud:
        """Segment a scan.

        Raises:
            InputError: if the scan has no extent, or lacks an attribute the model needs.
        """
        require_extent(cloud)
        one = sample(prepare(cloud, self.features), self.voxel_size, self.features)
        classes, confidence = segment_sample(self.net, one, self.device)
        return cloud.with_labels(self.labels.decode(classes), confidence)


def segment_sample(
    net: nn.Module, one: Sample, device: torch.device
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Class, int64 (N,), and its probability, float32 (N,), of every point of a sample."""
    net.eval()
    with torch.inference_mode():
        logits = net(collate([one]).to(device)).features.float()
        confidence, classes = logits.softmax(dim=1).max(dim=1)
    return one.grid.to_points(classes.cpu().numpy()), one.grid.to_points(confidence.cpu().numpy())
