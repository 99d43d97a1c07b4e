"""Training on labelled scans of a folder, read and split as a config asks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from volseg.config import ScanConfig, ScanDataSpec
from volseg.data.objects import ObjectHead
from volseg.data.scans.augment import augment
from volseg.data.scans.cache import build_cache, cached_bytes
from volseg.data.scans.columns import edge_for
from volseg.data.scans.crops import Crops, hold_out
from volseg.data.scans.features import FROM_FILE, FeatureName
from volseg.data.scans.range import Range, union
from volseg.data.scans.samples import Scan
from volseg.data.scans.source import ScanSource
from volseg.data.scans.store import CachedScan
from volseg.errors import InputError
from volseg.io import is_scan
from volseg.io.scans.crs import chosen
from volseg.io.scans.formats import scan_suffixes
from volseg.models.nets import build_scan_net
from volseg.models.tensors import STATE
from volseg.progress import SILENT, Progress
from volseg.runs.recipe import build_loss, rule_out
from volseg.runs.request import TrainRequest
from volseg.runs.scans.meanings import label_map_of, matches, open_sets
from volseg.runs.scans.objects import with_scales
from volseg.runs.scans.pictures import scan_samples
from volseg.runs.scans.validation import ScanScorer
from volseg.runs.task import Task, run_task, split_batch
from volseg.train.losses.objects import object_loss
from volseg.train.losses.partial import partial_loss

CACHE = "volseg-cache"
"""Prepared scans, beside the run folder: runs that lie together share them."""


def train_scans(config: ScanConfig, request: TrainRequest) -> bool:
    """Train one network on the scans of a folder.

    Returns:
        Whether the user stopped it.

    Raises:
        InputError: on data that cannot be used.
    """
    config = with_scales(config, lambda: _load(config, request)[0])
    share = split_batch(config, request.accelerator)
    return run_task(lambda: scan_task(share, request), config, request)


def scan_task(config: ScanConfig, request: TrainRequest) -> Task:
    """What training on the scans of a folder takes; they are prepared beside the run."""
    cache, accelerator = request.out.parent / CACHE, request.accelerator
    train, held_out = _load(config, request)
    crops = build_crops(config, train)
    voxels = config.voxels
    names = tuple(config.labels.classes)
    loss = request.loss or build_loss(config.train.loss, crops.counts, accelerator.device)
    sets = open_sets(config)
    loss = partial_loss(loss, sets) if sets else loss
    head = ObjectHead.of(config.labels.label_map(), 3)
    score = ScanScorer(held_out, names, voxels.size, voxels.features, accelerator)
    points, taken = sum(len(one) for one in train), cached_bytes([*train, *held_out])
    net = build_scan_net(config, request.net).to(accelerator.device)
    absent = set(np.flatnonzero(crops.counts == 0).tolist()).difference(*sets)
    rule_out(net, sorted(absent))
    return Task(
        net=net,
        batches=crops,
        loss=loss if head is None else object_loss(loss, head),
        validate=score if held_out else None,
        samples=scan_samples(config, held_out, net, accelerator.device) if held_out else None,
        train=tuple(one.name for one in train),
        held_out=tuple(one.name for one in held_out),
        cells=f"{points:,} points ({math.ceil(taken / 1e6):,} MB in {cache})",
        counts=crops.counts,
        learnt=learnt_range(config, train),
    )


def _load(config: ScanConfig, request: TrainRequest) -> tuple[list[CachedScan], list[CachedScan]]:
    """The scans to train on and those to validate, prepared beside the run."""
    with request.accelerator.main_process_first():
        return load_split(config, request.data, request.out.parent / CACHE, request.progress)


def learnt_range(config: ScanConfig, scans: Sequence[CachedScan]) -> Range | None:
    """What training crops of scans are like; None if the scans were not measured."""
    spec = config.train
    forgotten = [name for feature in _optional(config) for name in FROM_FILE[feature]]
    return union([
        one.range.widened(
            drop=spec.augment.drop,
            mixed=spec.mixed > 0,
            forgotten=forgotten if spec.augment.forget > 0 else (),
        )
        for one in scans if one.range is not None
    ])  # fmt: skip


def _optional(config: ScanConfig) -> list[FeatureName]:
    """The features that scans may lack."""
    return [feature.name for feature in config.voxels.features if feature.optional]


def build_crops(config: ScanConfig, scans: Sequence[CachedScan]) -> Crops:
    """The source of training batches a config describes."""
    spec, optional = config.train, _optional(config)
    labels = config.labels.label_map()

    def change(crop: Scan, random: np.random.Generator) -> Scan:
        return augment(crop, random, optional=optional, **spec.augment.model_dump())

    return Crops(
        scans,
        num_classes=len(config.labels.classes),
        side=spec.crop,
        voxel_size=config.voxels.size,
        features=config.voxels.features,
        batch=spec.batch,
        augment=change,
        mixed=spec.mixed,
        swapped=spec.swapped,
        seed=config.seed,
        objects=labels if labels.learns_objects else None,
    )


def load_split(
    config: ScanConfig, folder: Path, cache: Path, progress: Progress = SILENT
) -> tuple[list[CachedScan], list[CachedScan]]:
    """The training and the validation scans of a folder, prepared in a cache.

    A single scan is cut across its longer side; the far end validates.

    Raises:
        InputError: naming the file that cannot be used, or the pattern that matches none.
    """
    names = [path.relative_to(folder) for path in find_scans(folder, config.data)]
    share = config.data.validation
    held = _held_out(names, share, folder)
    sources = [_source(folder, name, config) for name in names]
    scans = build_cache(sources, cache, progress)
    if len(scans) == 1 and isinstance(share, float) and share > 0.0:
        try:
            near, far = scans[0].cut(share)
        except InputError as error:
            raise error.at(folder / names[0]) from None
        return [near], [far]
    train = [scan for number, scan in enumerate(scans) if number not in held]
    return train, [scans[number] for number in held]


def load_held_out(config: ScanConfig, folder: Path, cache: Path) -> list[CachedScan]:
    """The validation scans that `load_split` gives; no others are read.

    Raises:
        InputError: as `load_split`.
    """
    names = [path.relative_to(folder) for path in find_scans(folder, config.data)]
    if len(names) == 1:
        return load_split(config, folder, cache)[1]
    held = _held_out(names, config.data.validation, folder)
    return build_cache([_source(folder, names[k], config) for k in held], cache)


def _held_out(names: Sequence[Path], share: float | Sequence[str], folder: Path) -> list[int]:
    """Which of several scans validate."""
    if isinstance(share, float):
        return hold_out(len(names), share) if len(names) > 1 and share > 0.0 else []
    held = [number for number, name in enumerate(names) if matches(name, share)]
    if len(held) in (0, len(names)):
        raise InputError(
            f"{'every' if held else 'no'} scan matches data.validation ({', '.join(share)}); "
            "wanted some to train on and some to validate",
            path=folder,
        )
    return held


def _source(folder: Path, name: Path, config: ScanConfig) -> ScanSource:
    labels = label_map_of(name, config)
    return ScanSource(
        path=folder / name,
        name=str(name),
        labels=labels,
        label_field=config.data.label_field,
        features=config.voxels.features,
        edge=edge_for(config.train.crop),
        crs=chosen(config.data.crs, config.data.units),
        columns=config.data.columns,
        noise=config.data.noise or labels.has_noise,
        ignore_loose=config.data.ignore_loose,
    )


def find_scans(folder: Path, spec: ScanDataSpec) -> list[Path]:
    """Scan files of a folder that a spec includes, sorted by path; the log of a run is none.

    Raises:
        InputError: if there is no such folder, or no such file in it.
    """
    if not folder.is_dir():
        raise InputError("no such folder; wanted the folder of the training scans", path=folder)
    found = {
        path
        for pattern in spec.include
        for path in _glob(folder, pattern)
        if path.is_file() and is_scan(path) and not (path.parent / STATE).exists()
    }
    if not found:
        raise InputError(
            f"no scan matches {', '.join(spec.include)}; wanted {', '.join(scan_suffixes()[:3])} "
            "or the like (volumes need a config of their own: volseg plan writes one)",
            path=folder,
        )
    return sorted(found)


def _glob(folder: Path, pattern: str) -> list[Path]:
    try:
        return list(folder.glob(pattern))
    except (ValueError, NotImplementedError) as error:
        raise InputError(
            f"data.include: {pattern!r} is no pattern of files in the data folder ({error})"
        ) from None
