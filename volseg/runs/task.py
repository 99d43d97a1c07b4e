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

from volseg.config import AnyConfig, TrainSpec
from volseg.data.scans.range import Range
from volseg.errors import ConfigError, InputError
from volseg.nn import Voxels
from volseg.progress import Start
from volseg.runs.folder import Run, note_data, open_folder
from volseg.runs.pictures import Draw
from volseg.runs.pretrained import load_pretrained
from volseg.runs.processes import is_lost
from volseg.runs.recipe import Recipe
from volseg.runs.request import TrainRequest
from volseg.train.feed import Batches
from volseg.train.loop import Trainer, TrainState, Validate

T = TypeVar("T", bound=TrainSpec)


@dataclass(frozen=True, eq=False)
class Task:
    """A network to train and all that is special to its data.

    Attributes:
        config: Config of the run, with all that its data decided.
        recipe: The network with its first weights, and how it learns.
        batches: Source of training batches.
        validate: Scores the network after every epoch; None trains without.
        samples: Draws what was validated last; None where nothing is.
        train: Names of what is trained on.
        held_out: Names of what is validated on.
        cells: How much is trained on, in words.
        counts: Labelled points or voxels per class, int64 (K,).
        learnt: Range of the data trained on; None where that is not measured.
        conclude: What follows, with the models written, where nobody stopped it before its end.
    """

    config: AnyConfig
    recipe: Recipe
    batches: Batches
    validate: Validate | None
    samples: Draw | None
    train: tuple[str, ...]
    held_out: tuple[str, ...]
    cells: str
    counts: NDArray[np.int64]
    learnt: Range | None = None
    conclude: Callable[[], None] | None = None


def run_task(task: Task, request: TrainRequest) -> bool:
    """Train one task as a request asks, into its folder.

    Returns:
        Whether the user stopped it before its end.
    """
    out, accelerator, progress = request.out, request.accelerator, request.progress
    config, recipe = task.config, task.recipe
    net, optimizer = recipe.net, recipe.optimizer
    run = Run(out, config, net, optimizer, TrainState(), progress, task.samples, task.learnt)
    known = None
    if not (request.resume and run.restore()) and request.origin is not None:
        known = load_pretrained(net, config, request.origin)
    batch = task.batches.draw(0)  # what gives no batch shows before the run folder is made
    if request.net is not None:
        _check_output(net, batch.inputs.to(accelerator.device), recipe.outputs)
    accelerator.wait_for_everyone()  # until all have seen that the folder is free
    if accelerator.is_main_process:
        open_folder(out, config)
        note_data(out, request.data, task.held_out)
        progress.start(_start(task, run, accelerator, known))
    trainer = Trainer(
        net=net,
        optimizer=optimizer,
        batches=task.batches,
        loss=recipe.loss,
        schedule=recipe.schedule,
        accelerator=accelerator,
        progress=run,
        state=run.state,
        validate=task.validate,
        feeders=request.feeders,
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
    accelerator.free_memory()  # it keeps the network
    if task.conclude is not None and not interrupted:
        task.conclude()
    return interrupted


@torch.inference_mode()
def _check_output(net: nn.Module, inputs: Voxels | Tensor, channels: int) -> None:
    """Refuse a network of one's own that does not give logits of every class on every cell."""
    output: Voxels | Tensor = net.eval()(inputs)
    given, made = (
        tuple(getattr(values.features if isinstance(values, Voxels) else values, "shape", ()))
        for values in (inputs, output)
    )
    wanted = (given[0], channels, *given[2:])
    if type(output) is not type(inputs) or made != wanted:
        raise InputError(
            f"the network makes a {type(output).__name__} of shape {made} of a "
            f"{type(inputs).__name__} of {given}; wanted {wanted}: a channel a class"
        )


def share_batch(spec: T, processes: int) -> T:
    """The spec of training that so many processes share, each an even part of every batch.

    A batch that nobody gave grows until it is shared evenly.

    Raises:
        ConfigError: if the batch that was given cannot be.
    """
    batch = math.ceil(spec.batch / processes) * processes
    if batch == spec.batch:
        return spec
    if "batch" in spec.model_fields_set:
        raise ConfigError(
            f"train.batch is {spec.batch}, and {processes} processes share it; wanted a multiple "
            f"of {processes}: --set train.batch={batch}, or fewer devices"
        )
    return spec.model_copy(update={"batch": batch})


def _start(task: Task, run: Run, accelerator: Accelerator, known: tuple[str, ...] | None) -> Start:
    train = task.config.train
    return Start(
        folder=run.folder.name,
        device=accelerator.device.type,
        threads=torch.get_num_threads(),
        processes=accelerator.num_processes,
        parameters=sum(weights.numel() for weights in run.net.parameters()),
        train=task.train,
        validation=task.held_out,
        cells=task.cells,
        batch=train.batch,
        counts=dict(zip(task.config.labels.classes, task.counts.tolist(), strict=True)),
        resumed_step=run.state.step,
        pretrained=None if known is None else train.pretrained,
        known=known or (),
    )
