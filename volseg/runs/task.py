"""What a training run needs of its data, whatever kind it is, and the run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import nn

from volseg.config import Config
from volseg.data.scans.range import Range
from volseg.errors import ConfigError
from volseg.progress import Start
from volseg.runs.folder import Run, Watcher, check_folder, note_data, open_folder
from volseg.runs.pictures import Draw
from volseg.runs.pretrained import find_pretrained, load_pretrained
from volseg.runs.processes import is_lost
from volseg.runs.recipe import build_optimizer
from volseg.train.loop import Batches, Loss, Progress, Trainer, Validate
from volseg.train.schedule import Schedule, one_cycle, poly

AnyConfig = TypeVar("AnyConfig", bound=Config)


@dataclass(frozen=True, eq=False)
class Task:
    """A network to train and all that is special to its data.

    Attributes:
        net: with fresh weights, on its device.
        batches: where training batches come from.
        loss: what is to be small.
        validate: scores the network after every epoch; None trains without.
        samples: draws what was validated last; None where nothing is.
        train: names of what is trained on.
        held_out: names of what is validated on.
        cells: how much is trained on, in words.
        counts: labelled points or voxels of each class, int64 (K,).
        learnt: what is trained on is like; None where that is not measured.
    """

    net: nn.Module
    batches: Batches
    loss: Loss
    validate: Validate | None
    samples: Draw | None
    train: tuple[str, ...]
    held_out: tuple[str, ...]
    cells: str
    counts: NDArray[np.int64]
    learnt: Range | None = None


def run_task(
    make: Callable[[], Task],
    config: Config,
    out: Path,
    accelerator: Accelerator,
    *,
    data: Path,
    watcher: Watcher,
    minutes: float | None,
    resume: bool,
) -> bool:
    """Train one task on some data into one folder.

    Returns:
        Whether the user stopped it before its end.
    """
    check_folder(out, resume)
    torch.manual_seed(config.seed)
    task = make()
    optimizer = build_optimizer(config.train, task.net)
    run = Run(out, config, task.net, optimizer, Progress(), watcher, task.samples, task.learnt)
    origin = None if resume and run.restore() else find_pretrained(config)
    known = None if origin is None else load_pretrained(run.net, config, origin)
    task.batches.draw(0)  # data that gives no batch shows here, before the run folder is made
    accelerator.wait_for_everyone()  # until all have seen that the folder is free
    if accelerator.is_main_process:
        open_folder(out, config)
        note_data(out, data, task.held_out)
        watcher.on_start(_start(config, run, task, accelerator, known))
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
    try:
        interrupted = trainer.fit()
    except RuntimeError as error:
        if is_lost(error) and accelerator.is_main_process:
            run.save_first()
        raise
    if accelerator.is_main_process:
        if interrupted:
            run.save()
        run.pictures.finish(run.progress)
    accelerator.wait_for_everyone()  # a launcher ends those that are left when one ends
    return interrupted


def shared_batch(config: AnyConfig, many: int) -> AnyConfig:
    """The config with the batch that nobody gave made large enough for so many processes."""
    train = config.train
    if "batch" in train.model_fields_set or train.batch % many == 0:
        return config
    batch = math.ceil(train.batch / many) * many
    return config.model_copy(update={"train": train.model_copy(update={"batch": batch})})


def split_batch(config: AnyConfig, accelerator: Accelerator) -> AnyConfig:
    """The config of one of several processes: its batch is an even part of the whole.

    Raises:
        ConfigError: if the batch cannot be parted evenly.
    """
    batch, many = config.train.batch, accelerator.num_processes
    if batch % many:
        raise ConfigError(
            f"train.batch is {batch}, and {many} processes share it; wanted a multiple of {many}: "
            f"--set train.batch={(batch // many + 1) * many}, or fewer devices"
        )
    part = config.train.model_copy(update={"batch": batch // many})
    return config.model_copy(update={"train": part})


def _start(
    config: Config,
    run: Run,
    task: Task,
    accelerator: Accelerator,
    known: tuple[str, ...] | None,
) -> Start:
    return Start(
        folder=run.folder.name,
        device=accelerator.device.type,
        threads=torch.get_num_threads(),
        processes=accelerator.num_processes,
        parameters=sum(one.numel() for one in run.net.parameters()),
        train=task.train,
        validation=task.held_out,
        cells=task.cells,
        batch=config.train.batch,
        counts=dict(zip(config.labels.classes, task.counts.tolist(), strict=True)),
        resumed_step=run.progress.step,
        pretrained=None if known is None else config.train.pretrained,
        known=known or (),
    )
