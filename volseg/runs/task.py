"""What a training run needs of its data, whatever kind it is, and the run."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor, nn

from volseg.config import AnyConfig, Config
from volseg.data.scans.range import Range
from volseg.errors import ConfigError, InputError
from volseg.models.nets import output_channels
from volseg.nn import Voxels
from volseg.progress import Start
from volseg.runs.folder import Run, check_folder, note_data, open_folder
from volseg.runs.pictures import Draw
from volseg.runs.pretrained import find_pretrained, load_pretrained
from volseg.runs.processes import is_lost
from volseg.runs.recipe import build_optimizer, build_schedule
from volseg.runs.request import TrainRequest
from volseg.train.loop import Batches, Loss, Trainer, TrainState, Validate

C = TypeVar("C", bound=Config)


@dataclass(frozen=True, eq=False)
class Task:
    """A network to train and all that is special to its data.

    Attributes:
        net: The network with its first weights, on its device.
        batches: Source of training batches.
        loss: Function that training makes small.
        validate: Scores the network after every epoch; None trains without.
        samples: Draws what was validated last; None where nothing is.
        train: Names of what is trained on.
        held_out: Names of what is validated on.
        cells: How much is trained on, in words.
        counts: Labelled points or voxels per class, int64 (K,).
        learnt: Range of the data trained on; None where that is not measured.
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


def run_task(make: Callable[[], Task], config: AnyConfig, request: TrainRequest) -> bool:
    """Train one task as a request asks, into its folder.

    Returns:
        Whether the user stopped it before its end.
    """
    out, accelerator, progress = request.out, request.accelerator, request.progress
    check_folder(out, request.resume)
    torch.manual_seed(config.seed)
    task = make()
    optimizer = build_optimizer(config.train, task.net)
    run = Run(out, config, task.net, optimizer, TrainState(), progress, task.samples, task.learnt)
    origin = None if request.resume and run.restore() else find_pretrained(config)
    known = None if origin is None else load_pretrained(run.net, config, origin)
    batch = task.batches.draw(0)  # what gives no batch shows before the run folder is made
    if request.net is not None:
        _check_output(run.net, batch.inputs.to(accelerator.device), output_channels(config))
    accelerator.wait_for_everyone()  # until all have seen that the folder is free
    if accelerator.is_main_process:
        open_folder(out, config)
        note_data(out, request.data, task.held_out)
        progress.start(_start(config, run, task, accelerator, known))
    trainer = Trainer(
        net=run.net,
        optimizer=run.optimizer,
        batches=task.batches,
        loss=task.loss,
        schedule=build_schedule(config.train, request.minutes),
        accelerator=accelerator,
        progress=run,
        state=run.state,
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
        run.pictures.finish(run.state)
    accelerator.wait_for_everyone()  # a launcher ends those that are left when one ends
    return interrupted


@torch.inference_mode()
def _check_output(net: nn.Module, inputs: Voxels | Tensor, channels: int) -> None:
    """Refuse a network of one's own that does not give logits of every class on every cell."""
    output: Voxels | Tensor = net.eval()(inputs)
    is_like = type(output) is type(inputs)
    before, after = (one.features if isinstance(one, Voxels) else one for one in (inputs, output))
    wanted = (before.shape[0], channels, *before.shape[2:])
    if not is_like or tuple(after.shape) != wanted:
        shape = tuple(getattr(after, "shape", ()))
        raise InputError(
            f"the network makes a {type(output).__name__} of shape {shape} of a "
            f"{type(inputs).__name__} of {tuple(before.shape)}; wanted {wanted}: a channel a class"
        )


def shared_batch(config: C, many: int) -> C:
    """The config with the batch that nobody gave made large enough for so many processes."""
    train = config.train
    if "batch" in train.model_fields_set or train.batch % many == 0:
        return config
    batch = math.ceil(train.batch / many) * many
    return config.model_copy(update={"train": train.model_copy(update={"batch": batch})})


def split_batch(config: C, accelerator: Accelerator) -> C:
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
        resumed_step=run.state.step,
        pretrained=None if known is None else config.train.pretrained,
        known=known or (),
    )
