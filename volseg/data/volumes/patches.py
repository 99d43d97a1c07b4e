"""Training patches, drawn so that every class is seen.

Padding teaches nothing: outside an image the input is 0 and the truth is ignored, in training and
in prediction.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from volseg.data.batch import Batch
from volseg.data.objects import ObjectHead
from volseg.data.volumes.augment_intensity import IntensityAugmentation
from volseg.data.volumes.augment_space import SpatialAugmentation, sample_affine
from volseg.data.volumes.objects.targets import pack_targets, patch_centres
from volseg.data.volumes.store import CachedCase
from volseg.errors import InputError
from volseg.geometry.labels import IGNORE


class Patches:
    """Draws batches of patches from prepared cases, each case as often as the others.

    Some patches lie around a voxel of a class instead, each class as often as the others however
    few cases have it (of exclusive classes, class 0 is background and is left out). The others
    lie anywhere, or around any labelled voxel where the truth of some is unknown.
    A patch reaches out of a case only along axes where the case is smaller, and lies around its
    middle there. Outside, the image is 0 and the truth `IGNORE`, so that nothing is learnt.
    What batch ``n`` holds depends on the seed and ``n`` alone, so that a resumed run sees what
    an unbroken one would have seen.
    """

    def __init__(
        self,
        cases: Sequence[CachedCase],
        *,
        patch: tuple[int, int, int],
        batch: int,
        foreground: float,
        seed: int,
        space: SpatialAugmentation | None = None,
        intensity: IntensityAugmentation | None = None,
        head: ObjectHead | None = None,
    ) -> None:
        """Take the cases as they are; nothing is read yet.

        Args:
            cases: prepared cases.
            patch: voxels along each axis; one of 1 makes slices across that axis.
            batch: patches in a batch.
            foreground: expected share of the patches around a voxel of a class.
            seed: of all draws.
            space: rotations, scalings and mirrorings.
            intensity: changes of the images' values.
            head: what the network says of objects, where it learns them.

        Raises:
            InputError: if there is no case.
        """
        if not cases:
            raise InputError("no case to train on; wanted one at least")
        self.cases: Sequence[CachedCase] = tuple(cases)
        self.patch, self.batch = patch, batch
        self.foreground, self.seed = foreground, seed
        self.space, self.intensity = (
            space or SpatialAugmentation(),
            intensity or IntensityAugmentation(),
        )
        self.head = head

    def draw(self, number: int) -> Batch[Tensor]:
        """Batch ``number`` of the run.

        Returns:
            Inputs float32 (B, C, *patch) and targets int64 (B, *patch), or flags int8
            (B, K, *patch) where classes are regions, or what `pack_targets` says, float32
            (B, 2 + nd, *patch), where objects are learnt; an axis of one voxel is left out.
            Changes of the images' values are left to do.
        """
        random = np.random.default_rng((self.seed, number))
        # The whole part of the share always, the rest by chance: exact on average, and steady.
        wanted = int(self.batch * self.foreground + random.random())
        pairs = [self._draw_one(random, one < wanted) for one in range(self.batch)]
        inputs = torch.stack([image for image, _ in pairs])
        targets = torch.stack([truth for _, truth in pairs])
        return Batch(inputs, targets, partial(self.intensity, random=random))

    @functools.cached_property
    def _having(self) -> list[tuple[int, list[CachedCase]]]:
        """The classes to lie around, each with the cases that have a voxel of it."""
        first = 0 if self.cases[0].labels.ndim == 4 else 1
        classes = range(first, len(self.cases[0].counts))
        having = [(k, [case for case in self.cases if case.counts[k]]) for k in classes]
        return [(k, cases) for k, cases in having if cases]

    def _draw_one(self, random: np.random.Generator, on_class: bool) -> tuple[Tensor, Tensor]:
        cases, of = self.cases, None
        if on_class and self._having:
            of, cases = self._having[int(random.integers(len(self._having)))]
        case = cases[int(random.integers(len(cases)))]
        image, labels = case.image, case.labels
        start = self._start(case, labels, random, of)
        matrix = self.space.matrix(self.patch, random)
        truth = labels if self.head is None else case.pair
        if matrix is None:
            pair = crop(image, truth, start, self.patch)
        else:
            pair = sample_affine(image, truth, start, self.patch, matrix)
        mirrored = self.space.mirrors(random)
        if self.head is None:
            return self._finish(*pair, mirrored)
        centres = patch_centres(case.centres, start, self.patch, matrix, mirrored)
        inputs, packed = self._finish(*pair, mirrored)
        spacing = np.array(self.space.spacing)
        return inputs, pack_targets(packed, centres, case.kinds, self.head, spacing, self.patch)

    def _start(
        self, case: CachedCase, labels: NDArray[Any], random: np.random.Generator, of: int | None
    ) -> NDArray[np.int64]:
        """First voxel of a patch, (3,); below 0 where the case is smaller than the patch."""
        patch = np.array(self.patch)
        room = np.array(labels.shape[-3:]) - patch
        middle = _middle(case, labels, random, of)
        if middle is None:
            start = random.integers(np.maximum(room, 0) + 1)
        else:
            start = np.clip(middle - patch // 2, 0, np.maximum(room, 0))
        return np.asarray(np.where(room < 0, room // 2, start))

    def _finish(
        self, image: Tensor, labels: Tensor, mirrored: Sequence[int]
    ) -> tuple[Tensor, Tensor]:
        """Mirror a patch and drop an axis of one voxel."""
        axes = [axis - 3 for axis in mirrored]
        image, labels = image.flip(axes), labels.flip(axes)
        if 1 in self.patch:
            flat = self.patch.index(1) - 3
            image, labels = image.squeeze(flat), labels.squeeze(flat)
        return image, labels


def _middle(
    case: CachedCase, labels: NDArray[Any], random: np.random.Generator, of: int | None
) -> NDArray[np.int32] | None:
    """A voxel for a patch to lie around, (3,), ``of`` a class if given, or None for anywhere."""
    shares = np.array(case.counts)
    if of is None:
        if labels.ndim == 4 or shares.sum() in (0, labels.size):
            return None
        of = int(random.choice(len(shares), p=shares / shares.sum()))
    voxels = case.coordinates[of]
    return np.asarray(voxels[int(random.integers(len(voxels)))])


def crop(
    image: NDArray[np.floating[Any]],
    labels: NDArray[np.signedinteger[Any]],
    start: NDArray[np.int64],
    patch: Sequence[int],
) -> tuple[Tensor, Tensor]:
    """A patch of a case as it is; outside the case the image is 0, the truth `IGNORE`.

    Args:
        image: (C, X, Y, Z).
        labels: ids (X, Y, Z), flags int8 (K, X, Y, Z), or ids and objects (2, X, Y, Z).
        start: first voxel of the patch, (3,).
        patch: its sides.

    Returns:
        float32 (C, *patch), and int64 (*patch) or (2, *patch), or int8 (K, *patch).
    """
    low = np.maximum(start, 0)
    high = np.minimum(start + np.array(patch), image.shape[1:])
    source: tuple[Any, ...] = (..., *map(slice, low, high))
    target: tuple[Any, ...] = (..., *map(slice, low - start, high - start))
    inputs = np.zeros((len(image), *patch), dtype=np.float32)
    inputs[target] = image[source]
    kind = np.int8 if labels.ndim == 4 and labels.dtype == np.int8 else np.int64
    targets = np.full((*labels.shape[:-3], *patch), IGNORE, dtype=kind)
    targets[target] = labels[source]
    return torch.from_numpy(inputs), torch.from_numpy(targets)
