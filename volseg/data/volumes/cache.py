"""Cases prepared once and kept as memory-mapped arrays."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.channel import Channel
from volseg.data.volumes.datasets.cases import Case
from volseg.data.volumes.encode import encode_volume
from volseg.data.volumes.flat import count_flat
from volseg.data.volumes.objects.prepare import ObjectMap, prepare_objects
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.data.volumes.prepare import prepare_image, prepare_labels
from volseg.errors import InputError
from volseg.geometry.labels import LabelMap
from volseg.geometry.volume import MISPLACED, Volume, apart, times
from volseg.io.atomic import make_folder, replacing
from volseg.io.naming import naming
from volseg.io.stamp import stamp_of
from volseg.io.volumes.files import lay_on, read_label_volume, read_volume
from volseg.progress import SILENT, Progress, counted

LAYOUT = 3
"""Raised when entries are laid out or prepared differently, so that old ones are not taken."""

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

        Numbers are negative where another object is touched, and 0 in none.
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


def build_cache(
    cases: Sequence[Case],
    folder: Path,
    *,
    spacing: Sequence[float],
    channels: Sequence[Channel],
    labels: LabelMap,
    axes: Sequence[int] = (0, 1, 2),
    objects: ObjectTruth | None = None,
    threads: int = 2,
    progress: Progress = SILENT,
) -> list[CachedCase]:
    """Prepare every case that is not yet in the folder, several at a time.

    Args:
        cases: labelled cases.
        folder: where the entries are; made where missing.
        spacing: millimetres along the canonical axes.
        channels: how each channel is normalised.
        labels: raw ids to training ids.
        axes: those the network sees.
        objects: how labels say which voxels are one object; None where they need not.
        threads: cases prepared at a time; each needs a few times the memory of its volume.
        progress: told how many cases are ready.

    Returns:
        The entries, in the order of the cases.

    Raises:
        InputError: as `cached`, for the first case found wanting. The others stay prepared.
    """
    make_folder(folder)
    pool = ThreadPoolExecutor(threads, thread_name_prefix="cache")
    try:
        tasks = [
            pool.submit(
                cached, case, folder,
                spacing=spacing, channels=channels, labels=labels, axes=axes, objects=objects,
            )
            for case in cases
        ]  # fmt: skip
        ready = as_completed(tasks)
        for task in counted(ready, "preparing cases", len(tasks), progress):
            task.result()
    finally:
        # After an error or Ctrl-C cases not yet begun never begin.
        pool.shutdown(wait=False, cancel_futures=True)
    return [task.result() for task in tasks]


def cached(
    case: Case,
    folder: Path,
    *,
    spacing: Sequence[float],
    channels: Sequence[Channel],
    labels: LabelMap,
    axes: Sequence[int] = (0, 1, 2),
    objects: ObjectTruth | None = None,
) -> CachedCase:
    """The entry of a case, prepared now unless the folder has it for these very files.

    An entry is known by the paths, sizes and times of the case's files and by the arguments:
    whatever of them changes makes another entry, and one left unfinished is made again.

    Raises:
        InputError: if a file cannot be read, image and label lie on different grids, a label is
            not in the map, or the entry cannot be written.
    """
    key = _key(case, spacing, channels, labels, axes, objects)
    stem = folder / f"{case.name}-{key}"
    found = CachedCase.open(case.name, stem)
    if found is not None:
        return found
    volume, truth = read_labelled(case, len(channels))
    with naming(case.images[0]):
        image = prepare_image(volume, spacing, channels)
    with naming(case.label):
        # Its image's affine: the label's, rounded otherwise, might make another grid.
        raw, affine = truth.array[0], volume.affine
        known = None
        if objects is None:
            ids = prepare_labels(encode_volume(raw, labels), affine, spacing)
        else:
            ids, known = prepare_objects(raw, labels, objects, affine, spacing, axes)
    inside = ids.max(axis=0) > 0 if labels.overlap else ids >= labels.first
    flat = count_flat(image, inside, axes)
    return save_case(case.name, stem, image, ids, len(labels), flat, known)


def read_labelled(case: Case, channels: int) -> tuple[Volume, Volume]:
    """An image in the place that its label shares with it, and the label.

    Args:
        case: a labelled case.
        channels: of the image.

    Raises:
        InputError: if a file cannot be read, or the two lie on different grids.
    """
    with naming(case.images[0]):
        volume = read_volume(case.images, channels=channels)
    with naming(case.label):
        truth = lay_on(read_label_volume(case.label), case.label, volume, case.images[0])
        volume = volume.towards(truth)
        _check_place(volume, truth, case.images[0])
    return volume, truth


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


def _key(
    case: Case,
    spacing: Sequence[float],
    channels: Sequence[Channel],
    labels: LabelMap,
    axes: Sequence[int],
    objects: ObjectTruth | None,
) -> str:
    files = [path.resolve() for path in (*case.images, case.label)]
    stamps = []
    for path in files:
        with naming(path):
            stamps.append(stamp_of(path))
    others = labels.ignore, labels.overlap, labels.background, labels.rest
    ids = [one.ids for one in labels.classes], *others
    what = (
        LAYOUT, case.name, stamps, list(map(float, spacing)), [asdict(one) for one in channels],
        ids, list(axes), *(() if objects is None else (objects, labels.things)),
    )  # fmt: skip
    return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]


def _check_place(image: Volume, truth: Volume, path: Path) -> None:
    if image.grid != truth.grid:
        raise InputError(
            f"the label has {times(truth.grid)} voxels and its image {path} has "
            f"{times(image.grid)}; wanted one grid: draw the label on this image"
        )
    off = apart(image, truth)
    if off > MISPLACED:
        raise InputError(
            f"the label lies up to {off:.3g} voxels off its image {path}; wanted one affine: "
            "`volseg check --fix` gives it the image's where that is safe"
        )


def _fits_half(image: NDArray[np.float32]) -> bool:
    """Whether rounding to half precision, 11 bits, errs below a hundredth of a deviation."""
    for channel in image:
        most = float(np.abs(channel).max())
        if not (most < 60_000 and most * 2.0**-11 <= 0.01 * float(channel.std())):
            return False
    return True
