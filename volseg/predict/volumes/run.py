"""Segment many image files: the next is read, and the last is written, while one is computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray

from volseg.data.volumes.finite import make_finite
from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.volumes.files import read_volume, read_volume_header, write_label_volume
from volseg.io.volumes.probabilities import open_probabilities
from volseg.predict.volumes.model import VolumeModel, check_spacing
from volseg.predict.volumes.stopwatch import Stopwatch
from volseg.progress import SILENT, Progress, counted


@dataclass
class VolumeJob:
    """One image to segment, and how that went.

    Attributes:
        images: one file with all channels, or one file a channel.
        target: where the label map goes.
        probabilities: where the probabilities go, if anywhere.
        voxels: number of voxels of the image.
        stopwatch: seconds spent on ``read``, ``prepare``, ``network``, ``blend`` and ``write``.
        error: why there is no label map.
        notes: what is odd about the image, and what was made of it.
    """

    images: tuple[Path, ...]
    target: Path
    probabilities: Path | None = None
    voxels: int = 0
    stopwatch: Stopwatch = field(default_factory=Stopwatch)
    error: InputError | None = None
    notes: list[str] = field(default_factory=list)


def segment_volumes(
    model: VolumeModel,
    jobs: Sequence[VolumeJob],
    *,
    tta: bool = False,
    overwrite: bool = False,
    progress: Progress = SILENT,
) -> Iterator[VolumeJob]:
    """Do every job, and hand it back when its files are written or it has failed.

    At most three images are in memory: one read ahead, one computed, one written.

    Args:
        model: a trained model.
        jobs: what to segment; those that have an error already are handed back as they are.
        tta: average over mirrored views.
        overwrite: replace existing files.
        progress: told how many images are done.
    """
    done = _segment(model, jobs, tta, overwrite)
    return counted(done, "segmenting", len(jobs), progress)


def _segment(
    model: VolumeModel, jobs: Sequence[VolumeJob], tta: bool, overwrite: bool
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
            labels = None if volume is None else _compute(model, job, volume, tta, overwrite)
            del volume
            if behind is not None:
                yield behind.result()
            behind = writer.submit(_write, job, labels, model.made_by, overwrite)
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


def _compute(
    model: VolumeModel, job: VolumeJob, volume: Volume, tta: bool, overwrite: bool
) -> NDArray[Any] | None:
    x, y, z = volume.grid
    job.voxels = x * y * z
    opened = (
        nullcontext()
        if job.probabilities is None
        else open_probabilities(
            job.probabilities, len(model.labels), like=job.images[0], overwrite=overwrite
        )
    )
    labels = None
    with _charged_to(job, job.images[0]):
        check_spacing(model, volume)
        with opened as probabilities:
            labels = model.label(
                volume, tta=tta, probabilities=probabilities, stopwatch=job.stopwatch
            )
    return None if job.error else labels


def _write(
    job: VolumeJob, labels: NDArray[Any] | None, by: str | None, overwrite: bool
) -> VolumeJob:
    if labels is not None:
        with _charged_to(job, job.target), job.stopwatch("write"):
            write_label_volume(job.target, labels, like=job.images[0], by=by, overwrite=overwrite)
    return job
