"""Training crops, drawn so that rare classes are seen; validation kept apart in space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from volseg.data.batch import Batch
from volseg.data.scans.augment import mix, swap
from volseg.data.scans.features import Feature
from volseg.data.scans.objects import pack_targets
from volseg.data.scans.samples import Sample, Scan, collate, sample
from volseg.data.scans.store import CachedScan
from volseg.errors import InputError
from volseg.geometry.labels import LabelMap
from volseg.nn import Voxels

Augment = Callable[[Scan, np.random.Generator], Scan]


class Crops:
    """Draws batches of square crops from labelled scans on disk.

    Half of the crops are centred on a point of a label drawn with equal chances among those
    present, half on any labelled point. A label is a class, or a set of classes where it is left
    open which of them a point is of. What batch ``n`` holds depends on the seed and ``n`` alone,
    so that a resumed run sees what an unbroken one would have seen.

    Attributes:
        counts: points of each class, int64 (K,).
    """

    def __init__(
        self,
        scans: Sequence[CachedScan],
        *,
        num_classes: int,
        side: float,
        voxel_size: float,
        features: Sequence[Feature],
        batch: int,
        augment: Augment,
        mixed: float = 0.0,
        swapped: float = 0.0,
        seed: int,
        objects: LabelMap | None = None,
    ) -> None:
        """Count the labels of every scan; no point is read yet.

        Args:
            scans: labelled scans.
            num_classes: K; labels from K on are open.
            side: edge of a crop in metres, seen from above.
            voxel_size: metres.
            features: of the voxels, in the order of the channels.
            batch: crops in a batch.
            augment: applied to each crop.
            mixed: share of the crops that another crop is laid over.
            swapped: share of the crops that get a sector of another.
            seed: of all draws.
            objects: what the classes are where objects are learnt; targets are then as
                `volseg.data.scans.objects.pack_targets` makes them.

        Raises:
            InputError: if no point is labelled with a class.
        """
        self.scans = tuple(scans)
        self.side, self.voxel_size, self.features = side, voxel_size, tuple(features)
        self.batch, self.augment, self.seed = batch, augment, seed
        self.mixed, self.swapped, self.objects = mixed, swapped, objects
        # Points of each label (a row) in every scan and those before it.
        self._upto = np.cumsum([one.columns.counts for one in self.scans], axis=0).T.copy()
        self.counts = self._upto[:num_classes, -1]
        if not self.counts.any():
            raise InputError("no point of the training scans is labelled with a class to learn")

    def draw(self, number: int) -> Batch[Voxels]:
        """Batch ``number`` of the run."""
        random = np.random.default_rng((self.seed, number))
        crops = [self._sample(random) for _ in range(self.batch)]
        return Batch(collate(crops), torch.from_numpy(self._targets(crops)))

    def _targets(self, crops: Sequence[Sample]) -> NDArray[Any]:
        """What a network learns of the voxels of some crops."""
        labels = np.concatenate([one.labels for one in crops if one.labels is not None])
        if self.objects is None:
            return labels
        numbers, ways, many = [], [], 0
        for one in crops:
            assert one.numbers is not None
            assert one.ways is not None
            numbers.append(np.where(one.numbers > 0, one.numbers + many, 0))
            ways.append(one.ways)
            many = max(many, int(numbers[-1].max(initial=0)))
        return pack_targets(labels, np.concatenate(numbers), np.concatenate(ways), self.objects)

    def _sample(self, random: np.random.Generator) -> Sample:
        crop = self._crop(random)
        drawn = random.random()
        if drawn < self.mixed:
            crop = mix(crop, self._crop(random))
        elif drawn < self.mixed + self.swapped:
            crop = swap(crop, self._crop(random), random)
        return sample(crop, self.voxel_size, self.features)

    def _crop(self, random: np.random.Generator) -> Scan:
        totals = self._upto[:, -1]
        present = np.flatnonzero(totals)
        even = random.random() < 0.5
        label = int(random.choice(present, p=None if even else totals[present] / totals.sum()))
        rank = int(random.integers(totals[label]))
        number = int(np.searchsorted(self._upto[label], rank, side="right"))
        scan, before = self.scans[number], self._upto[label, number - 1] if number else 0
        centre = scan.place(label, rank - int(before))[:2]
        return self.augment(scan.within(centre - self.side / 2, centre + self.side / 2), random)
