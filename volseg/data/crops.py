"""Training crops, drawn so that rare classes are seen; validation kept apart in space."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from volseg.data.augment import mix
from volseg.data.features import Feature
from volseg.data.samples import Batch, Sample, Scan, collate, sample
from volseg.errors import InputError

Augment = Callable[[Scan, np.random.Generator], Scan]


class Crops:
    """Draws batches of square crops from labelled scans.

    Half of the crops are centred on a point of a class drawn with equal chances among those
    present, half on any labelled point. What batch ``n`` holds depends on the seed and ``n``
    alone, so that a resumed run sees what an unbroken one would have seen.
    """

    def __init__(
        self,
        scans: Sequence[Scan],
        *,
        num_classes: int,
        side: float,
        voxel_size: float,
        features: Sequence[Feature],
        batch: int,
        augment: Augment,
        mixed: float = 0.0,
        seed: int,
    ) -> None:
        """Sort the scans by x for quick cropping and index their classes.

        Args:
            scans: labelled scans.
            num_classes: K.
            side: edge of a crop in metres, seen from above.
            voxel_size: metres.
            features: of the voxels, in the order of the channels.
            batch: crops in a batch.
            augment: applied to each crop.
            mixed: share of the crops that another crop is laid over.
            seed: of all draws.

        Raises:
            InputError: if no point is labelled with a class.
        """
        self.scans = [one.take(np.argsort(one.metres[:, 0], kind="stable")) for one in scans]
        self.side, self.voxel_size, self.features = side, voxel_size, tuple(features)
        self.batch, self.augment, self.mixed, self.seed = batch, augment, mixed, seed
        self.counts = np.zeros(num_classes, dtype=np.int64)
        self._members: list[list[NDArray[np.int64]]] = []
        for one in self.scans:
            labels = _labels(one)
            members = [np.flatnonzero(labels == number) for number in range(num_classes)]
            self.counts += [len(index) for index in members]
            self._members.append(members)
        if not self.counts.any():
            raise InputError("no point of the training scans is labelled with a class to learn")

    def draw(self, number: int) -> Batch:
        """Batch ``number`` of the run."""
        random = np.random.default_rng((self.seed, number))
        crops = [self._sample(random) for _ in range(self.batch)]
        targets = np.concatenate([one.labels for one in crops if one.labels is not None])
        return Batch(collate(crops), torch.from_numpy(targets))

    def _sample(self, random: np.random.Generator) -> Sample:
        crop = self._crop(random)
        if random.random() < self.mixed:
            crop = mix(crop, self._crop(random))
        return sample(crop, self.voxel_size, self.features)

    def _crop(self, random: np.random.Generator) -> Scan:
        scan, centre = self._centre(random)
        low, high = np.searchsorted(
            scan.metres[:, 0], (centre[0] - self.side / 2, centre[0] + self.side / 2)
        )
        inside = np.abs(scan.metres[low:high, 1] - centre[1]) <= self.side / 2
        return self.augment(scan.take(low + np.flatnonzero(inside)), random)

    def _centre(self, random: np.random.Generator) -> tuple[Scan, NDArray[np.float64]]:
        present = np.flatnonzero(self.counts)
        shares = self.counts[present] / self.counts.sum()
        even = random.random() < 0.5
        chosen = int(random.choice(present, p=None if even else shares))
        rank = int(random.integers(self.counts[chosen]))
        for scan, members in zip(self.scans, self._members, strict=True):
            if rank < len(members[chosen]):
                return scan, scan.metres[members[chosen][rank]]
            rank -= len(members[chosen])
        raise AssertionError("a rank below the class's count lies in some scan")


def split_scans(scans: Sequence[Scan], share: float) -> tuple[list[Scan], list[Scan]]:
    """Keep a share of several scans, evenly spread over their order, for validation.

    A single scan is cut across its longer side instead; the far end validates.

    Raises:
        InputError: if nothing would be left on one side.
    """
    if share == 0.0:
        return list(scans), []
    if len(scans) == 1:
        return _cut(scans[0], share)
    count = max(1, round(len(scans) * share))
    if count >= len(scans):
        raise InputError(f"a validation share of {share:g} leaves none of {len(scans)} scans")
    kept = {int((number + 0.5) * len(scans) / count) for number in range(count)}
    train = [one for number, one in enumerate(scans) if number not in kept]
    return train, [scans[number] for number in sorted(kept)]


def _cut(scan: Scan, share: float) -> tuple[list[Scan], list[Scan]]:
    along = scan.metres[:, int(np.ptp(scan.metres[:, :2], axis=0).argmax())]
    line = along.min() + (1.0 - share) * np.ptp(along)
    near, far = np.flatnonzero(along <= line), np.flatnonzero(along > line)
    if len(near) == 0 or len(far) == 0:
        raise InputError(f"a validation share of {share:g} leaves one side of the scan empty")
    return [scan.take(near)], [scan.take(far)]


def _labels(scan: Scan) -> NDArray[np.int64]:
    if scan.labels is None:
        raise InputError(f"{scan.name}: the scan has no labels to learn from")
    return scan.labels
