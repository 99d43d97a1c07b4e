"""Training on labelled volumes: cases prepared once, folds one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from volseg.config import ImageSpec, VolumeConfig
from volseg.config.net import UNET
from volseg.data.volumes.cache import build_cache
from volseg.data.volumes.datasets.dataset import Case, Dataset, read_dataset
from volseg.data.volumes.store import CachedCase
from volseg.geometry.labels import LabelMap
from volseg.io.volumes.formats import find_volume_format
from volseg.plan.advice import too_large
from volseg.plan.sides import exchanged, moments_of, unmirrored
from volseg.progress import Progress
from volseg.runs.machine import ThisMachine
from volseg.runs.recipe import build_recipe
from volseg.runs.request import TrainRequest
from volseg.runs.task import Task
from volseg.runs.volumes.batches import build_patches
from volseg.runs.volumes.case_validation import is_validated, validate_cases
from volseg.runs.volumes.objects import border_cells, with_scales
from volseg.runs.volumes.patch_validation import patch_validation
from volseg.runs.volumes.splits import Fold, split_persons
from volseg.train.distributed import own, summed

CACHE = "cache"
"""Prepared cases, beside the folders of the folds."""


def volume_tasks(
    config: VolumeConfig, requests: Sequence[TrainRequest], folds: Sequence[Fold]
) -> list[Callable[[], Task]]:
    """A task a fold of a dataset, each as a request of its own asks; built when called.

    Raises:
        InputError: on data that cannot be used, or a fold there is not.
    """
    out, accelerator, progress = requests[0].out, requests[0].accelerator, requests[0].progress
    dataset = read_dataset(requests[0].data, progress.note)
    splits, persons = split_persons(dataset, config.data, folds, progress)
    cases = prepare_cases(config, dataset, out.parent / CACHE, progress, accelerator)
    config = _measured(config, tuple(cases.values()), progress)
    _advise(config, requests[0], tuple(cases.values()))
    return [
        partial(_task, config, request, dataset.cases, cases, split, persons)
        for split, request in zip(splits, requests, strict=True)
    ]


def prepare_cases(
    config: VolumeConfig,
    dataset: Dataset,
    folder: Path,
    progress: Progress,
    accelerator: Accelerator | None = None,
) -> dict[str, CachedCase]:
    """Every case of a dataset as memory-mapped arrays, by name; processes share the work.

    Raises:
        InputError: naming the file that cannot be used.
    """
    prepare = partial(
        build_cache,
        folder=folder,
        spacing=config.images.spacing,
        channels=config.images.normalization(),
        labels=config.labels.label_map(),
        axes=config.images.axes,
        objects=config.data.objects,
        threads=torch.get_num_threads(),
        progress=progress,
    )
    if accelerator is not None and accelerator.num_processes > 1:
        prepare([dataset.cases[number] for number in own(len(dataset.cases), accelerator)])
        accelerator.wait_for_everyone()
    return {case.name: case for case in prepare(dataset.cases)}


def _measured(
    config: VolumeConfig, cases: Sequence[CachedCase], progress: Progress
) -> VolumeConfig:
    """The config with what all cases decide: which axes are mirrored, sizes of objects."""
    images = _without_exchanged(config.images, config.labels.label_map(), cases, progress)
    labels = with_scales(config.labels, images, cases)
    return config.model_copy(update={"images": images, "labels": labels})


def _advise(config: VolumeConfig, request: TrainRequest, cases: Sequence[CachedCase]) -> None:
    """Say where a config is too large for the minutes of its run, and what a plan would give."""
    accelerator = request.accelerator
    if request.minutes is None or config.net.kind != UNET or accelerator.num_processes > 1:
        return
    x, y, z = np.median([case.image.shape[1:] for case in cases], axis=0).astype(int).tolist()
    machine = ThisMachine(accelerator.device)
    line = too_large(config, (x, y, z), len(cases), request.minutes, machine)
    if line is not None:
        request.progress.note(line)


def _without_exchanged(
    images: ImageSpec, labels: LabelMap, cases: Sequence[CachedCase], progress: Progress
) -> ImageSpec:
    """The images without the axes whose mirroring exchanges classes; says which, and why."""
    ids = {name: (k,) for k, name in enumerate(labels.names) if k >= labels.first}
    moments = [moments_of(case.coordinates, case.counts, images.spacing) for case in cases]
    flat = 1 in np.median([case.image.shape[1:] for case in cases], axis=0)
    swapped = exchanged(ids, moments, images.mirror, flat=flat)
    for axis, pair in sorted(swapped.items()):
        progress.note(unmirrored(axis, pair))
    mirror = tuple(axis for axis in images.mirror if axis not in swapped)
    return images.model_copy(update={"mirror": mirror})


def _task(
    config: VolumeConfig,
    request: TrainRequest,
    files: Sequence[Case],
    cases: Mapping[str, CachedCase],
    split: tuple[list[str], list[str]],
    persons: Mapping[str, str],
) -> Task:
    """What training on one fold takes."""
    train, held_out = ([cases[name] for name in names] for names in split)
    if config.images.skip_flat is None:
        images = {"skip_flat": not any(case.flat for case in train)}
        config = config.model_copy(update={"images": config.images.model_copy(update=images)})
    placed = all(find_volume_format(case.images[0]).placed for case in files)
    labels, accelerator = config.labels.label_map(), request.accelerator
    counts = np.array([case.counts for case in train], dtype=np.int64).sum(axis=0)
    voxels = sum(int(np.prod(case.labels.shape[-3:])) for case in train)
    recipe = build_recipe(config, request, counts, border=border_cells(labels, train), cells=voxels)
    validate, samples = (
        patch_validation(config.images, labels, held_out, accelerator, placed=placed)
        if held_out
        else (None, None)
    )
    return Task(
        config=config,
        recipe=recipe,
        batches=build_patches(config, train, accelerator.num_processes),
        validate=validate,
        samples=samples,
        train=tuple(case.name for case in train),
        held_out=tuple(case.name for case in held_out),
        cells=f"{voxels:,} voxels",
        counts=counts,
        conclude=partial(_conclude, config, request, files, split, persons),
    )


def _conclude(
    config: VolumeConfig,
    request: TrainRequest,
    files: Sequence[Case],
    split: tuple[list[str], list[str]],
    persons: Mapping[str, str],
) -> None:
    """Score a fold on whole held-out volumes, if it has any and was not scored yet."""
    known, names = {persons[name] for name in split[0]}, set(split[1])
    if names and not _is_done(request):
        strangers = {name: persons[name] for name in names if persons[name] not in known}
        validate_cases(config, request, [case for case in files if case.name in names], strangers)
    request.accelerator.wait_for_everyone()


def _is_done(request: TrainRequest) -> bool:
    """Whether a fold is validated, as the main process sees it."""
    done = request.accelerator.is_main_process and is_validated(request.out)
    return bool(summed(np.array([int(done)]), request.accelerator)[0])
