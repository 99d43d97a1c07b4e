"""A training run from config and folder to a run folder with models and a log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from accelerate import Accelerator

from volseg.builders.nets import build_loss, build_scan_net, pick_device
from volseg.builders.run import Run, Start, Watcher, check_folder, open_folder
from volseg.builders.scans import load_split
from volseg.config import Config, ScanConfig
from volseg.data.augment import augment
from volseg.data.crops import Crops
from volseg.data.samples import Scan
from volseg.errors import InputError
from volseg.inference.scoring import Scorer
from volseg.train.loop import Progress, Schedule, Trainer, Validate


def train(
    config: Config,
    data: Path,
    out: Path,
    *,
    watcher: Watcher,
    minutes: float | None = None,
    resume: bool = False,
    device: str = "auto",
) -> bool:
    """Train on the labelled scans of a folder.

    Args:
        config: what to train, on what, how.
        data: folder of the scans.
        out: run folder; gets ``best.safetensors``, ``last.safetensors``, ``state.safetensors``,
            ``config.yaml`` and ``log.csv``.
        watcher: told how it goes.
        minutes: fit the schedule to a time instead of ``config.train.epochs``.
        resume: go on where the run in ``out`` stopped.
        device: ``cpu``, ``cuda`` or ``auto``.

    Returns:
        Whether the user stopped it before its end; the models are usable all the same.

    Raises:
        InputError: on data that cannot be used, naming the file.
    """
    if not isinstance(config, ScanConfig):
        raise InputError("trains on volumes")
    check_folder(out, resume)
    place = pick_device(device)
    accelerator = Accelerator(cpu=place.type == "cpu")
    train_scans, validation_scans = load_split(config, data)
    crops = build_crops(config, train_scans)
    run = _new_run(config, out, accelerator, watcher)
    if resume:
        run.restore()
    crops.draw(0)  # voxels too small for any grid show here, before the run folder is made
    spec = config.train
    loss = build_loss(spec.loss, crops.counts, accelerator.device)
    if accelerator.is_main_process:
        open_folder(out, config)
        watcher.on_start(_start(config, run, train_scans, validation_scans, crops, accelerator))
    trainer = Trainer(
        net=run.net,
        optimizer=run.optimizer,
        batches=crops,
        loss=loss,
        schedule=Schedule(spec.epochs, spec.steps, minutes),
        accelerator=accelerator,
        observer=run,
        progress=run.progress,
        validate=_validator(config, validation_scans, accelerator),
    )
    interrupted = trainer.fit()
    if interrupted and accelerator.is_main_process:
        run.save()
    return interrupted


def _new_run(config: ScanConfig, out: Path, accelerator: Accelerator, watcher: Watcher) -> Run:
    """A run with fresh weights, drawn from the config's seed."""
    torch.manual_seed(config.seed)
    net = build_scan_net(config).to(accelerator.device)
    optimizer = torch.optim.AdamW(
        net.parameters(),
        lr=config.train.learning_rate,
        weight_decay=config.train.weight_decay,
    )
    return Run(out, config, net, optimizer, Progress(), watcher)


def build_crops(config: ScanConfig, scans: Sequence[Scan]) -> Crops:
    """The source of training batches a config describes."""
    spec = config.train

    def change(crop: Scan, random: np.random.Generator) -> Scan:
        return augment(crop, random, **spec.augment.model_dump())

    return Crops(
        scans,
        num_classes=len(config.labels.classes),
        side=spec.crop,
        voxel_size=config.voxels.size,
        features=config.voxels.features,
        batch=spec.batch,
        augment=change,
        mixed=spec.mixed,
        seed=config.seed,
    )


def _start(
    config: ScanConfig,
    run: Run,
    train_scans: Sequence[Scan],
    validation_scans: Sequence[Scan],
    crops: Crops,
    accelerator: Accelerator,
) -> Start:
    return Start(
        device=str(accelerator.device),
        threads=torch.get_num_threads(),
        parameters=sum(one.numel() for one in run.net.parameters()),
        train=tuple(one.name for one in train_scans),
        validation=tuple(one.name for one in validation_scans),
        points=sum(len(one) for one in train_scans),
        counts=dict(zip(config.labels.classes, crops.counts.tolist(), strict=True)),
        resumed_step=run.progress.step,
    )


def _validator(
    config: ScanConfig, scans: Sequence[Scan], accelerator: Accelerator
) -> Validate | None:
    if not scans:
        return None
    voxels, classes = config.voxels, len(config.labels.classes)
    return Scorer(scans, classes, voxels.size, voxels.features, accelerator)
