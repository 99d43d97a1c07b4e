"""Training on labelled scans of a folder, read and split as a config asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from volseg.config import ScanConfig, ScanTrainSpec
from volseg.data.scans.augment import augment
from volseg.data.scans.cache import cached_bytes
from volseg.data.scans.crops import Crops
from volseg.data.scans.features import FROM_FILE, Feature
from volseg.data.scans.range import Range, union
from volseg.data.scans.samples import Scan
from volseg.data.scans.store import CachedScan
from volseg.models.load import load_net
from volseg.models.tensors import find_model
from volseg.runs.calibration import calibrate
from volseg.runs.recipe import build_recipe
from volseg.runs.request import TrainRequest
from volseg.runs.scans.meanings import matches, open_sets
from volseg.runs.scans.objects import with_pyramid, with_scales
from volseg.runs.scans.pictures import scan_samples
from volseg.runs.scans.splits import load_split
from volseg.runs.scans.validation import ScanScorer
from volseg.runs.task import Task

CACHE = "volseg-cache"
"""Prepared scans, beside the run folder: runs that lie together share them."""


def scan_tasks(config: ScanConfig, request: TrainRequest) -> list[Callable[[], Task]]:
    """The one task of a folder of scans, which are prepared beside the run; built when called.

    Raises:
        InputError: on data that cannot be used.
    """
    cache = request.out.parent / CACHE
    with request.accelerator.main_process_first():
        train, held_out = load_split(config, request.data, cache, request.progress)
    labels = with_scales(config.labels, train)
    config = with_pyramid(config.model_copy(update={"labels": labels}))
    return [partial(_task, config, request, train, held_out)]


def _task(
    config: ScanConfig,
    request: TrainRequest,
    train: Sequence[CachedScan],
    held_out: Sequence[CachedScan],
) -> Task:
    """What training on prepared scans takes."""
    labels, voxels, accelerator = config.labels.label_map(), config.voxels, request.accelerator
    crops = build_crops(config, train, accelerator.num_processes)
    sets = open_sets(labels.names, config.data.meanings)
    recipe = build_recipe(config, request, crops.counts, sets=sets)
    score = ScanScorer(held_out, labels.names, voxels.size, voxels.features, accelerator)
    samples = scan_samples(held_out, voxels, config.train.crop, labels, accelerator.device)
    points, size = sum(map(len, train)), math.ceil(cached_bytes([*train, *held_out]) / 1e6)
    return Task(
        config=config,
        recipe=recipe,
        batches=crops,
        validate=score if held_out else None,
        samples=samples if held_out else None,
        train=tuple(scan.name for scan in train),
        held_out=tuple(scan.name for scan in held_out),
        cells=f"{points:,} points ({size:,} MB in {request.out.parent / CACHE})",
        counts=crops.counts,
        learnt=learnt_range(config.train, voxels.features, train),
        conclude=partial(_conclude, request, score) if held_out else None,
    )


def _conclude(request: TrainRequest, score: ScanScorer) -> None:
    """Calibrate the best model on what was held out."""
    accelerator, file = request.accelerator, find_model(request.out)
    spec, net = load_net(file, request.net)
    logits, truth = score.logits(net.to(accelerator.device))
    if accelerator.is_main_process:
        calibrate(file, logits, truth, tuple(spec.labels.classes), request.progress)
    accelerator.wait_for_everyone()


def learnt_range(
    spec: ScanTrainSpec, features: Sequence[Feature], scans: Sequence[CachedScan]
) -> Range | None:
    """What training crops of scans are like; None if the scans were not measured."""
    forgettable = [
        name for feature in features if feature.optional for name in FROM_FILE[feature.name]
    ]
    return union([
        scan.range.widened(
            drop=spec.augment.drop,
            mixed=spec.mixed > 0,
            forgotten=forgettable if spec.augment.forget > 0 else (),
        )
        for scan in scans if scan.range is not None
    ])  # fmt: skip


def times_of(name: str, repeat: Mapping[str, int]) -> int:
    """How many times crops see a scan; the last pattern that its name matches says it."""
    found = [times for pattern, times in repeat.items() if matches(Path(name), [pattern])]
    return found[-1] if found else 1


def build_crops(config: ScanConfig, scans: Sequence[CachedScan], processes: int = 1) -> Crops:
    """The source of training batches a config describes, for one of several processes."""
    spec, voxels, labels = config.train, config.voxels, config.labels.label_map()
    optional = [feature.name for feature in voxels.features if feature.optional]

    def change(crop: Scan, random: np.random.Generator) -> Scan:
        return augment(crop, random, optional=optional, **spec.augment.model_dump())

    return Crops(
        [scan for scan in scans for _ in range(times_of(scan.name, config.data.repeat))],
        num_classes=len(labels),
        side=spec.crop,
        voxel_size=voxels.size,
        features=voxels.features,
        batch=spec.batch // processes,
        augment=change,
        mixed=spec.mixed,
        swapped=spec.swapped,
        seed=config.seed,
        objects=labels if labels.learns_objects else None,
    )
