"""Training on labelled volumes: cases prepared once, folds one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from volseg.config import VolumeConfig
from volseg.data.objects import ObjectHead
from volseg.data.volumes.augment_intensity import IntensityAugmentation
from volseg.data.volumes.augment_space import SpatialAugmentation
from volseg.data.volumes.cache import build_cache
from volseg.data.volumes.datasets.dataset import Case, Dataset, read_dataset
from volseg.data.volumes.patches import Patches
from volseg.data.volumes.store import CachedCase
from volseg.io.volumes.formats import find_volume_format
from volseg.models.nets import build_volume_net
from volseg.nn.layout import channels_last
from volseg.plan.sides import exchanged, moments_of, unmirrored
from volseg.progress import Progress
from volseg.runs.folder import check_folder, is_begun
from volseg.runs.recipe import build_loss, rule_out
from volseg.runs.request import TrainRequest
from volseg.runs.task import Task, run_task, split_batch
from volseg.runs.volumes.case_validation import is_validated, validate_cases
from volseg.runs.volumes.objects import build_object_loss, with_scales
from volseg.runs.volumes.patch_validation import patch_validation
from volseg.runs.volumes.splits import Fold, case_groups, folder_name, say_groups, split_cases
from volseg.train.distributed import own, summed
from volseg.train.losses.supervision import supervised

CACHE = "cache"


def train_folds(config: VolumeConfig, request: TrainRequest, folds: Sequence[Fold]) -> bool:
    """Train one network a fold, each into a folder of its own.

    Returns:
        Whether the user stopped it.

    Raises:
        InputError: on data that cannot be used, or a fold there is not.
    """
    progress, accelerator, cache = request.progress, request.accelerator, request.out / CACHE
    dataset = read_dataset(request.data, progress.note)
    folds = tuple(dict.fromkeys(folds))
    splits = split_cases(dataset, config, folds)
    say_groups(dataset, config, folds, progress)
    requests = _requests(request, folds)
    if accelerator.num_processes > 1:
        mine = [dataset.cases[number] for number in own(len(dataset.cases), accelerator)]
        prepare_cases(config, replace(dataset, cases=tuple(mine)), cache, progress)
        accelerator.wait_for_everyone()
    cases = prepare_cases(config, dataset, cache, progress)
    config = _without_exchanged(config, tuple(cases.values()), progress)
    config = with_scales(config, tuple(cases.values()))
    persons = case_groups(dataset, config) or {case.name: case.name for case in dataset.cases}
    for number, (split, fold) in enumerate(zip(splits, requests, strict=True)):
        if number > 0:
            accelerator.free_memory()  # it keeps the network of the fold before
        if _train_fold(config, fold, dataset.cases, cases, split, persons):
            return True
    return False


def _requests(request: TrainRequest, folds: Sequence[Fold]) -> list[TrainRequest]:
    """A request for each fold, into a folder of its own; folds that never began begin now.

    Raises:
        InputError: if a folder is taken, or no fold can be gone on with.
    """
    outs = [request.out / folder_name(fold) for fold in folds]
    begun = [request.resume and is_begun(out) for out in outs]
    if request.resume and not any(begun):
        check_folder(outs[0], resume=True)
    for out, goes_on in zip(outs, begun, strict=True):
        check_folder(out, goes_on)
    return [
        replace(request, out=out, resume=goes_on) for out, goes_on in zip(outs, begun, strict=True)
    ]


def _without_exchanged(
    config: VolumeConfig, cases: Sequence[CachedCase], progress: Progress
) -> VolumeConfig:
    """The config without the axes whose mirroring exchanges classes; says which, and why."""
    labels, images = config.labels.label_map(), config.images
    ids = {name: (k,) for k, name in enumerate(labels.names) if k >= labels.first}
    moments = [moments_of(case.coordinates, case.counts, images.spacing) for case in cases]
    flat = 1 in np.median([case.image.shape[1:] for case in cases], axis=0)
    swapped = exchanged(ids, moments, images.mirror, flat=flat)
    for axis, pair in sorted(swapped.items()):
        progress.note(unmirrored(axis, pair))
    mirror = tuple(axis for axis in images.mirror if axis not in swapped)
    return config.model_copy(update={"images": images.model_copy(update={"mirror": mirror})})


def prepare_cases(
    config: VolumeConfig, dataset: Dataset, folder: Path, progress: Progress
) -> dict[str, CachedCase]:
    """Every case of a dataset as memory-mapped arrays, by name.

    Raises:
        InputError: naming the file that cannot be used.
    """
    cases = build_cache(
        dataset.cases,
        folder,
        spacing=config.images.spacing,
        channels=config.images.normalization(),
        labels=config.labels.label_map(),
        axes=config.images.axes,
        objects=config.data.objects,
        threads=torch.get_num_threads(),
        progress=progress,
    )
    return {case.name: case for case in cases}


def _train_fold(
    config: VolumeConfig,
    request: TrainRequest,
    files: Sequence[Case],
    cases: Mapping[str, CachedCase],
    split: tuple[list[str], list[str]],
    persons: Mapping[str, str],
) -> bool:
    """Train one fold and score it on whole held-out volumes; whether the user stopped it."""
    accelerator = request.accelerator
    train, held_out = ([cases[name] for name in names] for names in split)
    config = _with_flat(config, train)
    placed = all(find_volume_format(one.images[0]).placed for one in files)

    def task() -> Task:
        share = split_batch(config, accelerator)
        return volume_task(share, request, train, held_out, placed=placed)

    interrupted = run_task(task, config, request)
    if held_out and not interrupted and not _is_done(request):
        names = set(split[1])
        held = [one for one in files if one.name in names]
        known = {persons[name] for name in split[0]}
        strangers = {name: persons[name] for name in names if persons[name] not in known}
        validate_cases(config, request, held, strangers)
    accelerator.wait_for_everyone()
    return interrupted


def _is_done(request: TrainRequest) -> bool:
    """Whether a fold is validated, as the main process sees it."""
    done = request.accelerator.is_main_process and is_validated(request.out)
    return bool(summed(np.array([int(done)]), request.accelerator)[0])


def _with_flat(config: VolumeConfig, train: Sequence[CachedCase]) -> VolumeConfig:
    """The config that says whether flat parts of the cases are background, if it does not."""
    if config.images.skip_flat is not None:
        return config
    found = {"skip_flat": not any(case.flat for case in train)}
    return config.model_copy(update={"images": config.images.model_copy(update=found)})


def volume_task(
    config: VolumeConfig,
    request: TrainRequest,
    train: Sequence[CachedCase],
    held_out: Sequence[CachedCase],
    *,
    placed: bool = False,
) -> Task:
    """What training on prepared cases takes; ``placed`` as `patch_validation` has it."""
    counts = np.array([case.counts for case in train], dtype=np.int64).sum(axis=0)
    accelerator = request.accelerator
    net = build_volume_net(config, request.net)
    net = channels_last(net, config.nd).to(accelerator.device)
    rule_out(net, np.flatnonzero(counts == 0).tolist())
    overlap = config.labels.overlap
    cells = sum(int(np.prod(case.labels.shape[-3:])) for case in train)
    head = object_head(config)
    device, spec = accelerator.device, config.train.loss
    if request.loss is not None:
        loss = supervised(request.loss)
    elif head is None:
        loss = build_loss(spec, counts, device, overlap=overlap)
    else:
        loss = build_object_loss(spec, head, counts, train, device)
    validate, samples = (
        patch_validation(config, held_out, accelerator, placed=placed) if held_out else (None, None)
    )
    return Task(
        net=net,
        batches=build_patches(config, train),
        loss=loss,
        validate=validate,
        samples=samples,
        train=tuple(case.name for case in train),
        held_out=tuple(case.name for case in held_out),
        cells=f"{cells:,} voxels",
        counts=counts,
    )


def build_patches(config: VolumeConfig, cases: Sequence[CachedCase]) -> Patches:
    """The source of training batches a config describes."""
    spec, images = config.train, config.images
    chances = spec.augment
    return Patches(
        cases,
        patch=images.patch,
        batch=spec.batch,
        foreground=spec.foreground,
        seed=config.seed,
        space=SpatialAugmentation(chances.rotate, chances.scale, images.mirror, images.spacing),
        intensity=IntensityAugmentation(**chances.model_dump(exclude={"rotate", "scale"})),
        head=object_head(config),
    )


def object_head(config: VolumeConfig) -> ObjectHead | None:
    """What the network says of objects; None where it learns classes alone."""
    return ObjectHead.of(config.labels.label_map(), config.nd)
