"""Cases prepared once: whatever changes of files or arguments makes another entry."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from volseg.data.volumes.channel import Channel
from volseg.data.volumes.datasets.cases import Case
from volseg.data.volumes.encode import encode_volume
from volseg.data.volumes.flat import count_flat
from volseg.data.volumes.objects.files import ids_file, read_ids
from volseg.data.volumes.objects.prepare import REACH, prepare_objects
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.data.volumes.prepare import prepare_image, prepare_labels
from volseg.data.volumes.store import CachedCase, save_case
from volseg.errors import InputError
from volseg.geometry.labels import LabelMap
from volseg.geometry.volume import MISPLACED, Volume, apart, times
from volseg.io.atomic import make_folder
from volseg.io.naming import naming
from volseg.io.stamp import stamp_of
from volseg.io.volumes.coco import panoptic_json
from volseg.io.volumes.files import lay_on, read_label_volume, read_volume
from volseg.progress import SILENT, Progress, counted

LAYOUT = 3
"""Raised when entries are laid out or prepared differently, so that old ones are not taken."""


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
            numbers = read_ids(case, objects, raw.shape)
            ids, known = prepare_objects(raw, labels, objects, affine, spacing, axes, numbers)
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
        truth = lay_on(
            read_label_volume(case.label, colours=True), case.label, volume, case.images[0]
        )
        volume = volume.towards(truth)
        _check_place(volume, truth, case.images[0])
    return volume, truth


def _key(
    case: Case,
    spacing: Sequence[float],
    channels: Sequence[Channel],
    labels: LabelMap,
    axes: Sequence[int],
    objects: ObjectTruth | None,
) -> str:
    numbers = ids_file(case, objects) or panoptic_json(case.label)
    files = [path.resolve() for path in (*case.images, case.label, numbers) if path is not None]
    stamps = []
    for path in files:
        with naming(path):
            stamps.append(stamp_of(path))
    others = labels.ignore, labels.overlap, labels.background, labels.rest
    ids = [one.ids for one in labels.classes], *others
    what = (
        LAYOUT, case.name, stamps, list(map(float, spacing)), [asdict(one) for one in channels],
        ids, list(axes), *(() if objects is None else (objects, labels.things, REACH)),
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
