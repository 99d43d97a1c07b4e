"""What a dataset is like: grids, spacings, intensities and classes of all its cases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.checks.masks import (
    are_objects,
    id_layout,
    refuse_soft,
)
from volseg.data.volumes.datasets.cases import Case, Dataset
from volseg.data.volumes.objects.files import read_ids
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.errors import InputError
from volseg.geometry.volume import Orientation, Volume, spacing_of
from volseg.io.naming import naming
from volseg.io.volumes.files import (
    FIX,
    gray_among_colours,
    read_label_volume,
    read_volume,
    read_volume_header,
)
from volseg.io.volumes.formats import find_volume_format
from volseg.plan.content import Content, by_class, only_thing
from volseg.progress import SILENT, Progress, counted

SEED = 12345
SAMPLED = 10_000
"""Voxels of a case that the intensity statistics look at, as many as nnU-Net's."""

WORKERS = 4
# Bytes a voxel and channel while a case is read: as stored, as float32, and masks.
BYTES_WHILE_READING = 20

Grid = tuple[int, int, int]
Spacing = tuple[float, float, float]


@dataclass(frozen=True)
class Frame:
    """What a case's headers say, along axes right, anterior, superior.

    Attributes:
        name: Name of the case.
        grid: Number of voxels along each axis.
        spacing: Millimetres between voxels along each axis.
        channels: Number of channels.
        unit: Unit of the spacing: pixels where the file has none of its own.
    """

    name: str
    grid: Grid
    spacing: Spacing
    channels: int
    unit: Literal["mm", "pixels"] = "mm"


@dataclass(frozen=True)
class Intensity:
    """Foreground intensities of one channel, over all cases, every case the same weight."""

    mean: float
    std: float
    low: float
    high: float

    @classmethod
    def of(cls, values: NDArray[np.float32]) -> Intensity:
        """Mean, deviation, and the percentiles 0.5 and 99.5."""
        low, high = np.percentile(values, (0.5, 99.5))
        exact = values.astype(np.float64)
        return cls(float(exact.mean()), float(exact.std()), float(low), float(high))


@dataclass(frozen=True)
class Fingerprint:
    """All a plan knows of a dataset.

    Attributes:
        frames: Grids of the cases, in their order.
        intensities: Intensities of the channels, in their order.
        zeros: Share of voxels that are 0 in every channel, in the median case.
        counts: Number of voxels by raw id, over all cases.
        moments: Moments of each case, as `Content` has them.
        objects: how the labels say which voxels are one object; None where they do not.
        things: raw ids of classes that have objects.
    """

    frames: tuple[Frame, ...]
    intensities: tuple[Intensity, ...]
    zeros: float
    counts: dict[int, int]
    moments: tuple[dict[int, list[list[float]]], ...] = ()
    objects: ObjectTruth | None = None
    things: frozenset[int] = frozenset()

    @property
    def spacings(self) -> NDArray[np.float64]:
        """Millimetres, float64 (cases, 3)."""
        return np.array([frame.spacing for frame in self.frames])

    @property
    def grids(self) -> NDArray[np.int64]:
        """Voxels, int64 (cases, 3)."""
        return np.array([frame.grid for frame in self.frames])

    @property
    def unit(self) -> str:
        """What spacings are in: pixels where no case has another."""
        return "pixels" if all(frame.unit == "pixels" for frame in self.frames) else "mm"

    def share(self, ids: Iterable[int]) -> float:
        """Share of all voxels that has one of these raw ids."""
        return sum(self.counts.get(raw, 0) for raw in ids) / sum(self.counts.values())


def read_fingerprint(
    dataset: Dataset,
    *,
    memory: int,
    objects: ObjectTruth | None = None,
    progress: Progress = SILENT,
) -> Fingerprint:
    """Read every case once: headers first, then the voxels in a few threads.

    Args:
        dataset: dataset whose cases are read.
        memory: bytes that cases in reading may take together; one is read at least.
        objects: how labels say which voxels are one object; if not given, ``file`` where the
            dataset names files of ids, and ``ids`` where labels number objects and no classes.
        progress: told how many cases are read.

    Raises:
        InputError: if a file cannot be read, image and label differ in shape, or the cases have
            different numbers of channels.
    """
    if objects is None and dataset.numbers_objects:
        objects = "file"
    frames = tuple(_frame(case) for case in dataset.cases)
    found = {frame.channels for frame in frames}
    if gray_among_colours(found, (case.images[0] for case in dataset.cases)):
        frames = tuple(replace(frame, channels=max(found)) for frame in frames)
    for frame in frames:
        if frame.channels != frames[0].channels:
            raise InputError(
                f"{frame.channels} channels, but {frames[0].channels} in case {frames[0].name}; "
                "wanted as many in every case",
                path=dataset.cases[frames.index(frame)].images[0],
            )
    largest = max(int(np.prod(frame.grid)) * frame.channels for frame in frames)
    workers = int(np.clip(memory // (largest * BYTES_WHILE_READING), 1, WORKERS))
    read = _in_threads(dataset, frames[0].channels, objects, workers)
    contents = list(counted(read, "reading", len(frames), progress))
    if objects is None and are_objects([content.pieces for content in contents]):
        objects = "ids"
    things = frozenset[int]()
    if objects is not None:
        things, contents = by_class(contents, objects, only_thing(dataset))
    counts: dict[int, int] = {}
    for content in contents:
        for raw, many in content.counts.items():
            counts[raw] = counts.get(raw, 0) + many
    pooled = np.concatenate([content.sample for content in contents], axis=1)
    return Fingerprint(
        frames,
        tuple(Intensity.of(values) for values in pooled),
        float(np.median([content.zeros for content in contents])),
        dict(sorted(counts.items())),
        tuple(content.moments for content in contents),
        objects,
        things,
    )


def _frame(case: Case) -> Frame:
    headers = [read_volume_header(path) for path in case.images]
    first = headers[0]
    axes = Orientation.of(first.affine).axes
    spacing = spacing_of(first.affine)
    x, y, z = axes
    is_picture = not find_volume_format(case.images[0]).placed
    return Frame(
        case.name,
        (first.grid[x], first.grid[y], first.grid[z]),
        (float(spacing[x]), float(spacing[y]), float(spacing[z])),
        sum(header.channels for header in headers),
        "pixels" if is_picture and (first.affine == np.eye(4)).all() else "mm",
    )


def _in_threads(
    dataset: Dataset, channels: int, objects: ObjectTruth | None, workers: int
) -> Iterator[Content]:
    """Contents in the order of cases; as many in memory as there are threads."""

    def read(job: tuple[int, Case]) -> Content:
        random = np.random.default_rng((SEED, job[0]))
        return _content(job[1], dataset, channels, objects, random)

    jobs = iter(enumerate(dataset.cases))
    with ThreadPoolExecutor(workers) as pool:
        while batch := list(islice(jobs, workers)):
            yield from pool.map(read, batch)


def _content(
    case: Case,
    dataset: Dataset,
    channels: int,
    objects: ObjectTruth | None,
    random: np.random.Generator,
) -> Content:
    image = read_volume(case.images, channels=channels)
    labels = read_label_volume(case.label)
    if labels.grid != image.grid:
        raise InputError(
            f"labels of shape {labels.grid} for an image of shape {image.grid}; "
            "'volseg check' lists all such cases",
            path=case.label,
        )
    ids, many = np.unique(labels.array, return_counts=True)
    if dataset.classes is None:
        with naming(case.label):
            refuse_soft(labels.array[0])
    foreground = np.flatnonzero((labels.array != 0) & ~np.isin(labels.array, dataset.ignore))
    voxels = image.array.reshape(len(image.array), -1)
    where = foreground if len(foreground) else np.arange(voxels.shape[1])
    if len(where) > SAMPLED:
        where = random.choice(where, SAMPLED, replace=False)
    sample = voxels[:, where]
    if not np.isfinite(sample).all():
        raise InputError(
            f"holds NaN or infinite voxels; {FIX} writes a copy without",
            path=case.images[0],
        )
    return Content(
        sample,
        float((~voxels.any(axis=0)).mean()),
        dict(zip(ids.tolist(), many.tolist(), strict=True)),
        _moments(Volume(labels.array, image.affine).canonical(), ids),
        id_layout(labels) if dataset.classes is None else None,
        _things(case, labels, objects),
    )


def _things(case: Case, labels: Volume, objects: ObjectTruth | None) -> frozenset[int]:
    """Raw ids of the classes that a file of ids has objects of."""
    numbers = read_ids(case, objects, labels.grid)
    if numbers is None:
        return frozenset()
    return frozenset(np.unique(labels.array[0][numbers > 0]).tolist()) - {0}


def _moments(labels: Volume, ids: NDArray[Any]) -> dict[int, list[list[float]]]:
    """Where each of some raw ids lies, as `Content` says; plane by plane, to copy little."""
    sides, many = labels.grid, len(ids)
    along = [np.zeros((side, many), np.int64) for side in sides]
    for x, plane in enumerate(labels.array[0]):
        found = np.searchsorted(ids, plane)
        along[0][x] = np.bincount(found.ravel(), minlength=many)
        for axis, places in ((1, np.arange(sides[1])[:, None]), (2, np.arange(sides[2]))):
            cells = (found + many * places).ravel()
            along[axis] += np.bincount(cells, minlength=sides[axis] * many).reshape(-1, many)
    sums = [
        [(counts.T * (step * np.arange(len(counts))) ** power).sum(axis=1) for power in range(3)]
        for counts, step in zip(along, labels.spacing, strict=True)
    ]
    of_ids = np.transpose(np.array(sums, dtype=np.float64), (2, 1, 0)).tolist()
    return {raw: moments for raw, moments in zip(ids.tolist(), of_ids, strict=True) if raw != 0}
