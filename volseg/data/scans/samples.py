"""From a scan to what a network takes: prepared scans, samples, batches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from volseg.data.scans.context import ScanContext
from volseg.data.scans.features import (
    HEIGHT,
    Feature,
    FeatureName,
    gather,
    point_attributes,
    voxel_features,
)
from volseg.data.scans.objects import Objects
from volseg.geometry.labels import LabelMap
from volseg.geometry.points import PointCloud
from volseg.geometry.voxelgrid import VoxelGrid, voxelize_metres
from volseg.nn import Voxels


@dataclass(frozen=True, eq=False)
class Scan:
    """A scan ready to be cropped: points in metres, features that need the whole scan.

    Attributes:
        name: what progress and logs call it.
        metres: float64 (N, 3).
        attributes: float32 (N, k) each.
        labels: training ids, int64 (N,), or None.
        noise: the class in LAS of points found to be noise, int8 (N,), 0 of others; or None.
        objects: which object each point is of, or None where none are learnt.
    """

    name: str
    metres: NDArray[np.float64]
    attributes: dict[FeatureName, NDArray[np.float32]]
    labels: NDArray[np.int64] | None = None
    noise: NDArray[np.int8] | None = None
    objects: Objects | None = None

    def take(self, index: NDArray[np.int64] | slice) -> Scan:
        """The points an index selects."""
        return Scan(
            self.name,
            self.metres[index],
            {name: values[index] for name, values in self.attributes.items()},
            None if self.labels is None else self.labels[index],
            None if self.noise is None else self.noise[index],
            None if self.objects is None else self.objects.take(index),
        )

    def __len__(self) -> int:
        return len(self.metres)


@dataclass(frozen=True, eq=False)
class LabelledScan(Scan):
    """A scan whose every point has a training id."""

    labels: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Sample:
    """One scan or crop on its grid: features float32 (M, C), labels int64 (M,) or None.

    Where objects are learnt, ``numbers`` int64 (M,) says which each voxel is of, 0 none, and
    ``ways`` float64 (M, 3) leads to its centre.
    """

    grid: VoxelGrid
    features: NDArray[np.float32]
    labels: NDArray[np.int64] | None
    numbers: NDArray[np.int64] | None = None
    ways: NDArray[np.float64] | None = None


def prepare(
    cloud: PointCloud,
    features: Sequence[Feature],
    labels: LabelMap | None = None,
    name: str = "",
    context: ScanContext | None = None,
) -> Scan:
    """Bring a cloud to metres and compute the features that need all of it.

    With a label map, the cloud's labels become training ids. A part of a scan comes with
    the context of all of it.
    """
    train = None
    if labels is not None and cloud.labels is not None:
        train = labels.encode(cloud.labels)
    context = gather(cloud, features) if context is None else context
    metres = cloud.metres()
    noise = context.noise_of(metres) if HEIGHT in features else None
    return Scan(name, metres, point_attributes(cloud, features, context), train, noise)


def sample(scan: Scan, size: float, features: Sequence[Feature]) -> Sample:
    """Voxelize a scan: features averaged, labels by majority."""
    grid = voxelize_metres(scan.metres, size)
    values = voxel_features(grid, scan.metres, scan.attributes, features)
    labels = None if scan.labels is None else grid.majority(scan.labels)
    if scan.objects is None or labels is None:
        return Sample(grid, values, labels)
    numbers = grid.majority(scan.objects.numbers.astype(np.int64))
    numbers[scan.objects.classes[numbers] != labels] = 0
    return Sample(grid, values, labels, numbers, scan.objects.centres[numbers] - grid.centres())


def collate(samples: Sequence[Sample], stride: Sequence[int] = (1, 1, 1)) -> Voxels:
    """Stack samples into one sparse map, coordinates (M, 4) led by the sample's number.

    Coordinates count from a whole multiple of ``stride`` cells of the world's lattice, so that
    the coarser cells of a network of that stride lie the same whatever else is in a sample.
    """
    coords = [
        np.concatenate(
            (np.full((len(one.grid), 1), number), one.grid.coords + one.grid.origin % stride),
            axis=1,
        )
        for number, one in enumerate(samples)
    ]
    features = np.concatenate([one.features for one in samples])
    return Voxels.of(torch.from_numpy(np.concatenate(coords)), torch.from_numpy(features))
