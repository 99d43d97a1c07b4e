"""Segment many image files: the next is read, and the last is written, while one is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from volseg.data.volumes.finite import make_finite
from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.volumes.files import read_volume, read_volume_header, write_label_volume
from volseg.io.volumes.probabilities import open_probabilities
from volseg.predict.volumes.box import Side, label_box
from volseg.predict.volumes.diameter_estimate import estimate_diameter
from volseg.predict.volumes.model import VolumeModel, check_spacing
from volseg.predict.volumes.object_files import ObjectFiles, write_objects
from volseg.predict.volumes.stopwatch import Stopwatch
from volseg.progress import SILENT, Progress, counted


@dataclass
class VolumeJob:
    """One image to segment, and how that went.

    Attributes:
        images: one file with all channels, or one file a channel.
        target: where the label map goes.
        probabilities: where the probabilities go, if anywhere.
        objects: where objects go, if they are told apart.
        voxels: number of voxels of the image.
        stopwatch: seconds of ``read``, ``estimate``, ``prepare``, ``network``, ``blend``,
            ``group``, ``write``.
        error: why there is no label map.
        notes: what is odd about the image, and what was made of it.
        segments: what COCO's JSON says of the image's segments, where those are written.
        box: which voxels to segment, along the axes of the file; None for all.
        segmentation: where labels of a DICOM series go as one of its study, if anywhere.
        structures: where they go as an RT structure set, if anywhere.
    """

    images: tuple[Path, ...]
    target: Path
    probabilities: Path | None = None
    voxels: int = 0
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    error: InputError | None = None
    notes: list[str] = field(default_factory=list)
    objects: ObjectFiles | None = None
    segments: list[dict[str, Any]] = field(default_factory=list)
    box: Sequence[Side] | None = None
    segmentation: Path | None = None
    structures: Path | None = None


@dataclass(frozen=True, eq=False)
class Segmented:
    """What became of an image.

    Attributes:
        labels: raw ids of classes, (X, Y, Z).
        numbers: of objects, int32 (X, Y, Z); None where they are not told apart.
        place: of the image in the world; without its values.
    """

    labels: NDArray[Any]
    numbers: NDArray[np.int32] | None
    place: Volume


def segment_volumes(
    model: VolumeModel,
    jobs: Sequence[VolumeJob],
    *,
    tta: bool = False,
    estimate: bool = False,
    overwrite: bool = False,
    progress: Progress = SILENT,
) -> Iterator[VolumeJob]:
    """Do every job, and hand it back when its files are written or it has failed.

    At most three images are in memory: one read ahead, one computed, one written.

    Args:
        model: a trained model.
        jobs: what to segment; those that have an error already are handed back as they are.
        tta: average over mirrored views.
        estimate: zoom each image by the diameter that `estimate_diameter` finds; notes say it.
        overwrite: replace existing files.
        progress: told how many images are done.
    """
    done = _segment(model, jobs, tta, estimate, overwrite)
    return counted(done, "segmenting", len(jobs), progress)


def _segment(
    model: VolumeModel, jobs: Sequence[VolumeJob], tta: bool, estimate: bool, overwrite: bool
) -> Iterator[VolumeJob]:
    channels = len(model.channels)
    with ThreadPoolExecutor(1) as reader, ThreadPoolExecutor(1) as writer:
        ahead = reader.submit(_read, jobs[0], channels) if jobs else None
        behind: Future[VolumeJob] | None = None
        for number, job in enumerate(jobs):
            assert ahead is not None
            volume = ahead.result()
            if number + 1 < len(jobs):
                ahead = reader.submit(_read, jobs[number + 1], channels)
            made = None
            if volume is not None:
                fitted = _fitted(model, job, volume) if estimate else model
                made = None if job.error else _compute(fitted, job, volume, tta, overwrite)
            del volume
            if behind is not None:
                yield behind.result()
            behind = writer.submit(_write, job, made, model, overwrite)
        if behind is not None:
            yield behind.result()


@contextmanager
def _charged_to(job: VolumeJob, path: Path) -> Iterator[None]:
    """What goes wrong with an image, or does not fit the memory, ends that image alone."""
    try:
        yield
    except InputError as error:
        job.error = error.at(path)
    except (MemoryError, torch.OutOfMemoryError):
        job.error = InputError("needs more memory than there is; free some, or cut it", path=path)


def _read(job: VolumeJob, channels: int) -> Volume | None:
    if job.error is not None:
        return None
    volume = None
    with _charged_to(job, job.images[0]), job.stopwatch("read"):
        volume = read_volume(job.images, channels=channels)
        job.notes += _doubts(job.images)
        for number, channel in enumerate(volume.array):
            bad, value = make_finite(channel)
            if bad:
                where = f" of channel {number}" if len(volume.array) > 1 else ""
                job.notes.append(
                    f"{bad:,} of {channel.size:,} voxels{where} are NaN or infinite; "
                    f"segmented as {value:g}"
                )
    return None if job.error else volume


def _doubts(images: Sequence[Path]) -> list[str]:
    """How headers contradict themselves, each kind once."""
    doubts = (read_volume_header(path).doubt for path in images)
    return [doubt for doubt in dict.fromkeys(doubts) if doubt]


def _fitted(model: VolumeModel, job: VolumeJob, volume: Volume) -> VolumeModel:
    """The model for objects as large as those of a volume seem to be."""
    diameter = None
    with _charged_to(job, job.images[0]), job.stopwatch("estimate"):
        check_spacing(model, volume)
        diameter = estimate_diameter(model, volume)
    if diameter is not None:
        job.notes.append(f"objects seem to be {diameter:.3g} across: zoomed to match")
    return replace(model, diameter=diameter)


def _compute(
    model: VolumeModel, job: VolumeJob, volume: Volume, tta: bool, overwrite: bool
) -> Segmented | None:
    x, y, z = volume.grid
    job.voxels = x * y * z
    opened = (
        nullcontext()
        if job.probabilities is None
        else open_probabilities(
            job.probabilities, len(model.labels), like=job.images[0], overwrite=overwrite
        )
    )
    made = None
    with _charged_to(job, job.images[0]):
        check_spacing(model, volume)
        numbers = None if job.objects is None else np.zeros(volume.grid, np.int32)
        with opened as probabilities:
            label = model.label if job.box is None else partial(label_box, model, box=job.box)
            labels = label(
                volume, tta=tta, probabilities=probabilities, objects=numbers,
                stopwatch=job.stopwatch,
            )  # fmt: skip
        # Of the image its place alone: its values are not needed any more.
        nothing = np.broadcast_to(np.uint8(0), (1, *volume.grid))
        made = Segmented(labels, numbers, replace(volume, array=nothing))
    return None if job.error else made


def _write(
    job: VolumeJob, made: Segmented | None, model: VolumeModel, overwrite: bool
) -> VolumeJob:
    if made is None:
        return job
    with _charged_to(job, job.target), job.stopwatch("write"):
        file, by = job.images[0], model.made_by
        if job.objects is None or job.objects.ids != job.target:
            write_label_volume(job.target, made.labels, like=file, by=by, overwrite=overwrite)
        _write_dicom(job, made, model, overwrite)
        if job.objects is not None and made.numbers is not None:
            job.segments = write_objects(
                job.objects, made.numbers, made.labels, model.labels, made.place,
                like=file, by=by, overwrite=overwrite,
            )  # fmt: skip
    return job


def _write_dicom(job: VolumeJob, made: Segmented, model: VolumeModel, overwrite: bool) -> None:
    """What a PACS or a planning system is to have, where it is wanted."""
    if job.segmentation is None and job.structures is None:
        return
    from volseg.io.volumes.dicom import choose_series
    from volseg.io.volumes.dicom_rt import write_structures
    from volseg.io.volumes.dicom_seg import write_segmentation

    files, by = choose_series(job.images[0]).files, model.made_by or "volseg"
    classes = model.labels.classes[model.labels.first :]
    if job.segmentation is not None:
        write_segmentation(
            job.segmentation, made.labels, classes, files, by=by, overwrite=overwrite
        )
    if job.structures is not None:
        write_structures(job.structures, made.labels, classes, files, overwrite=overwrite)
