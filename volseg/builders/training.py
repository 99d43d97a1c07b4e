"""A training run from config and folder to a run folder with models and a log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from accelerate import Accelerator

from volseg.builders.nets import build_optimizer, pick_device
from volseg.builders.precision import start_accelerator
from volseg.builders.run import Run, Start, Watcher, check_folder, open_folder
from volseg.builders.scans import scan_task
from volseg.builders.task import Task
from volseg.config import Config, ScanConfig, VolumeConfig
from volseg.errors import ConfigError, InputError
from volseg.train.loop import Progress, Trainer
from volseg.train.schedule import Schedule, one_cycle, poly


def train(
    config: Config,
    data: Path,
    out: Path,
    *,
    watcher: Watcher,
    folds: Sequence[int | None] = (),
    minutes: float | None = None,
    resume: bool = False,
    device: str = "auto",
) -> bool:
    """Train on the labelled scans or volumes of a folder.

    Args:
        config: what to train, on what, how.
        data: folder of the scans, or dataset of volumes.
        out: run folder; gets ``best.safetensors``, ``last.safetensors``, ``state.safetensors``,
            ``config.yaml`` and ``log.csv``. A run on volumes has these in ``fold_0`` and so on.
        watcher: told how it goes.
        folds: volumes only: which parts of the cases to hold out, one run each; None holds out
            none. Fold 0 if not given.
        minutes: fit the schedule of each run to a time instead of ``config.train.epochs``.
        resume: go on where the run in ``out`` stopped.
        device: ``cpu``, ``cuda`` or ``auto``.

    Returns:
        Whether the user stopped it before its end; the models are usable all the same.

    Raises:
        InputError: on data that cannot be used, naming the file.
    """
    place = pick_device(device)
    if isinstance(config, VolumeConfig):
        from volseg.builders.volumes import train_folds

        return train_folds(
            config, data, out, folds or (0,),
            watcher=watcher, minutes=minutes, resume=resume, device=place,
        )  # fmt: skip
    if folds:
        raise InputError("folds are for volumes; for scans, set data.validation in the config")
    if not isinstance(config, ScanConfig):
        raise ConfigError("describes neither scans nor volumes")
    scans = config
    accelerator = start_accelerator(place)

    def task() -> Task:
        return scan_task(scans, data, accelerator)

    return run_task(task, config, out, accelerator, watcher=watcher, minutes=minutes, resume=resume)


def run_task(
    make: Callable[[], Task],
    config: Config,
    out: Path,
    accelerator: Accelerator,
    *,
    watcher: Watcher,
    minutes: float | None,
    resume: bool,
) -> bool:
    """Train one task into one folder.

    Returns:
        Whether the user stopped it before its end.
    """
    check_folder(out, resume)
    torch.manual_seed(config.seed)
    task = make()
    run = Run(out, config, task.net, build_optimizer(config.train, task.net), Progress(), watcher)
    if resume:
        run.restore()
    task.batches.draw(0)  # data that gives no batch shows here, before the run folder is made
    if accelerator.is_main_process:
        open_folder(out, config)
        watcher.on_start(_start(config, run, task, accelerator))
    spec = config.train
    trainer = Trainer(
        net=run.net,
        optimizer=run.optimizer,
        batches=task.batches,
        loss=task.loss,
        schedule=Schedule(
            spec.epochs, spec.steps, minutes, poly if spec.schedule == "poly" else one_cycle
        ),
        accelerator=accelerator,
        observer=run,
        progress=run.progress,
        validate=task.validate,
    )
    interrupted = trainer.fit()
    if interrupted and accelerator.is_main_process:
        run.save()
    return interrupted


def _start(config: Config, run: Run, task: Task, accelerator: Accelerator) -> Start:
    return Start(
        device=str(accelerator.device),
        threads=torch.get_num_threads(),
        parameters=sum(one.numel() for one in run.net.parameters()),
        train=task.train,
        validation=task.held_out,
        cells=task.cells,
        counts=dict(zip(config.labels.classes, task.counts.tolist(), strict=True)),
        resumed_step=run.progress.step,
    )
