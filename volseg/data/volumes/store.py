"""A prepared case on disk, kept as memory-mapped arrays."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.objects.prepare import ObjectMap
from volseg.io.atomic import replacing

KEPT_VOXELS = 10_000
"""Voxels remembered of each class of a case, for patches to be centred on."""


@dataclass(frozen=True)
class CachedCase:
    """A prepared case on disk.

    Arrays are mapped anew at each access, so that a dataset of thousands of cases keeps no file
    open; the system's page cache holds what is in use.

    Attributes:
        name: the case.
        stem: folder and start of the names of its files.
        counts: voxels of each class, K of them.
        flat: voxels of classes, background aside, where the image is flat (see `count_flat`).
    """

    name: str
    stem: Path
    counts: tuple[int, ...]
    flat: int

    @classmethod
    def open(cls, name: str, stem: Path) -> CachedCase | None:
        """The entry at ``stem``, or None where a part of it is missing or damaged."""
        try:
            # The counts are written last: where they are, the rest is.
            *counts, flat = _load(stem, "counts").tolist()
            case = cls(name, stem, tuple(counts), flat)
            same = case.image.shape[1:] == case.labels.shape[-3:]
            whole = len(_load(stem, "voxels")) == sum(case._kept)
            whole &= not case.has_objects or len(case.centres) == len(case.kinds)
        except (OSError, EOFError, ValueError):
            return None
        return case if same and whole else None

    @property
    def image(self) -> NDArray[np.floating[Any]]:
        """Float16 or float32 (C, X, Y, Z)."""
        return _load(self.stem, "image")

    @property
    def labels(self) -> NDArray[np.signedinteger[Any]]:
        """Training ids, int8 or int16 (X, Y, Z), or flags of regions, int8 (K, X, Y, Z)."""
        return self.pair[0] if self.has_objects else self.pair

    @property
    def pair(self) -> NDArray[np.signedinteger[Any]]:
        """The labels; with objects, training ids and numbers of objects, int32 (2, X, Y, Z).

        Numbers are negative where another object is near (`ObjectMap`), and 0 in none.
        """
        return _load(self.stem, "labels")

    @property
    def has_objects(self) -> bool:
        """Whether it is known which voxels are one object."""
        return _file(self.stem, "kinds").exists()

    @property
    def centres(self) -> NDArray[np.float32]:
        """Centroids of objects 1 to N in voxels, (N + 1, 3); NaN of those without a voxel."""
        return _load(self.stem, "centres")

    @property
    def kinds(self) -> NDArray[np.int16]:
        """Training ids of the classes of objects 1 to N, (N + 1,); the first is -1."""
        return _load(self.stem, "kinds")

    @property
    def coordinates(self) -> tuple[NDArray[np.int32], ...]:
        """Voxels of each class, (n, 3) each: all, or `KEPT_VOXELS` drawn evenly."""
        ends = np.cumsum(self._kept)[:-1]
        return tuple(np.split(_load(self.stem, "voxels"), ends))

    @property
    def _kept(self) -> list[int]:
        return [min(count, KEPT_VOXELS) for count in self.counts]


def save_case(
    name: str,
    stem: Path,
    image: NDArray[np.float32],
    labels: NDArray[np.signedinteger[Any]],
    num_classes: int,
    flat: int = 0,
    objects: ObjectMap | None = None,
) -> CachedCase:
    """Write an entry: the image in half precision where its values are small, and its voxels.

    Args:
        name: the case.
        stem: folder and start of the names of its files.
        image: prepared, (C, X, Y, Z).
        labels: training ids (X, Y, Z) or flags (K, X, Y, Z).
        num_classes: K.
        flat: as `CachedCase.flat`.
        objects: which voxels are one object, where that is known.
    """
    random = np.random.default_rng(0)
    flags = labels.ndim == 4
    counts, voxels = [], []
    for number in range(num_classes):
        index = np.flatnonzero(labels[number] > 0 if flags else labels == number)
        counts.append(len(index))
        if len(index) > KEPT_VOXELS:
            index = random.choice(index, KEPT_VOXELS, replace=False)
        voxels.append(np.stack(np.unravel_index(index, labels.shape[-3:]), axis=1))
    arrays: dict[str, NDArray[Any]] = {
        "image": image.astype(np.float16) if _fits_half(image) else image,
        "labels": labels if objects is None else np.stack((labels, objects.numbers)),
        "voxels": np.concatenate(voxels).astype(np.int32),
        "counts": np.array([*counts, flat], dtype=np.int64),
    }
    if objects is not None:  # before the counts, which are written last
        known: dict[str, NDArray[Any]] = {"centres": objects.centres, "kinds": objects.kinds}
        arrays = known | arrays
    for part, array in arrays.items():
        with replacing(_file(stem, part), overwrite=True) as stream:
            np.save(stream, array, allow_pickle=False)
    return CachedCase(name, stem, tuple(counts), flat)


def _load(stem: Path, part: str) -> NDArray[Any]:
    return np.load(_file(stem, part), mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]


def _file(stem: Path, part: str) -> Path:
    return stem.with_name(f"{stem.name}.{part}.npy")


def _fits_half(image: NDArray[np.float32]) -> bool:
    """Whether rounding to half precision, 11 bits, errs below a hundredth of a deviation."""
    for channel in image:
        most = float(np.abs(channel).max())
        if not (most < 60_000 and most * 2.0**-11 <= 0.01 * float(channel.std())):
            return False
    return True
