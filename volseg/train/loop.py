"""The training loop: one for every kind of data, on one process or several."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from volseg.data.batch import Batch
from volseg.errors import InputError
from volseg.nn import Voxels
from volseg.progress import Epoch, Progress, Validation
from volseg.train.distributed import average, spread, summed
from volseg.train.feed import Batches, Feed, default_threads
from volseg.train.interrupt import stop_flag
from volseg.train.schedule import Schedule

LARGEST_GRADIENT = 10.0
REMEDY = "train anew with a smaller train.learning_rate"

Loss = Callable[[Any, Tensor], Tensor]
CellLoss = Callable[[Tensor, Tensor], Tensor]
Validate = Callable[[nn.Module], Validation]

READ = 10
"""Steps of a GPU after which their losses are read, which waits for all of them."""


@dataclass
class TrainState:
    """Where a run stands: all that resuming needs besides weights and optimizer.

    Attributes:
        step: Number of optimizer steps taken.
        seconds: Time spent, earlier sittings included.
        losses: Sum of the losses since the last epoch ended.
        logged: Step at which that epoch ended.
        best: Highest validation score so far.
        history: Rows of the log, one per epoch.
    """

    step: int = 0
    seconds: float = 0.0
    losses: float = 0.0
    logged: int = 0
    best: float = -math.inf
    history: list[dict[str, Any]] = field(default_factory=list)


@dataclass(eq=False)
class Trainer:
    """Trains a network in place; the peak learning rate is the optimizer's own.

    Of N processes the one of rank r takes batch ``N * step + r`` of its own batches. Gradients,
    losses and running statistics are the means over all, so that all stay alike.

    Attributes:
        net: Takes a batch's inputs and gives logits.
        optimizer: Optimizer of the network's parameters.
        batches: Where batches come from.
        loss: Function of logits (M, K) or (N, K, *grid), or of a list of them where coarser
            stages of the network are supervised too, and of targets.
        schedule: How long the run lasts, and how fast it learns.
        accelerator: Device, precision and processes.
        progress: Hears of every step and epoch, on the main process alone.
        state: Where to start; moves along.
        validate: Scores the network after every epoch; None trains without.
        feeders: Threads that draw batches ahead; None for as many as suit the device.
    """

    net: nn.Module
    optimizer: torch.optim.Optimizer
    batches: Batches
    loss: Loss
    schedule: Schedule
    accelerator: Accelerator
    progress: Progress
    state: TrainState
    validate: Validate | None
    feeders: int | None = None
    _unread: Tensor | None = field(default=None, init=False)
    _waiting: int = field(default=0, init=False)
    _shown: float = field(default=math.nan, init=False)

    def fit(self) -> bool:
        """Train to the end of the schedule.

        Returns:
            Whether the user stopped it (Ctrl-C, SIGTERM) before its end.

        Raises:
            InputError: if the loss is no longer finite; no weights are saved from then on.
        """
        state, accelerator = self.state, self.accelerator
        peak = self.optimizer.param_groups[0]["lr"]
        # Precision alone: what the processes share is averaged below, always in one order.
        # DistributedDataParallel reorders sums after its first step, and so after a resume.
        self.net = accelerator.prepare_model(self.net, evaluation_mode=True)
        # Its state is in place: counts of steps on the CPU, where reading them waits for nothing.
        self.optimizer = accelerator.prepare_optimizer(self.optimizer, device_placement=False)
        spread([*self.net.parameters(), *self.net.buffers()], accelerator)
        rank, world = accelerator.process_index, accelerator.num_processes
        started = time.monotonic() - state.seconds
        threads = default_threads(accelerator.device) if self.feeders is None else self.feeders
        feed = Feed(self.batches, accelerator.device, threads=threads, stride=world)
        with stop_flag() as stopped, feed:
            while True:
                interrupted, share = self._agree(stopped.is_set())
                if interrupted or share >= 1.0:
                    break
                for group in self.optimizer.param_groups:
                    group["lr"] = peak * self.schedule.curve(share)
                number = state.step * world + rank
                batch = feed.take(number)
                value = self._step(batch)
                feed.go_on(batch, number + world)
                state.step += 1
                state.seconds = time.monotonic() - started
                if accelerator.is_main_process:
                    self.progress.step(self._share(), value)
                if state.step % self.schedule.steps == 0:
                    self._end_epoch(started)
            if state.step > state.logged and not interrupted:
                self._end_epoch(started)
        self._read_losses()
        return interrupted

    def _share(self) -> float:
        return self.schedule.share(self.state.step, self.state.seconds)

    def _agree(self, stopped: bool) -> tuple[bool, float]:
        """Whether any process is to stop, and the share by the main process's clock.

        So all take one learning rate and end at one step.
        """
        share = self._share() if self.accelerator.is_main_process else 0.0
        flags, share = summed(np.array([float(stopped), share]), self.accelerator).tolist()
        return flags > 0, share

    def _step(self, batch: Batch[Any]) -> float:
        """Take a step; its loss, or the mean of those read last."""
        self.net.train()
        with self.accelerator.autocast():
            output = self.net(batch.inputs)
        logits = output.features if isinstance(output, Voxels) else output
        loss = self.loss(logits, batch.targets)
        self.optimizer.zero_grad()
        self.accelerator.backward(loss)
        loss = loss.detach()
        if self.accelerator.num_processes > 1:
            self._average(loss)
        self.accelerator.clip_grad_norm_(self.net.parameters(), LARGEST_GRADIENT)
        self._unread = loss if self._unread is None else self._unread + loss
        self._waiting += 1
        if self.accelerator.device.type == "cpu" or self._waiting == READ:
            self._read_losses()
        self.optimizer.step()
        return self._shown

    def _read_losses(self) -> None:
        """Read the losses that wait on the device; those of a GPU are read many at once."""
        if self._unread is None:
            return
        value = float(self._unread)
        if not math.isfinite(value):
            raise InputError(f"the loss became {value} at step {self.state.step + 1}; {REMEDY}")
        self.state.losses += value
        self._shown = value / self._waiting
        self._unread, self._waiting = None, 0

    def _average(self, loss: Tensor) -> None:
        """Give all processes the means of loss, running statistics and gradients."""
        shared = [loss, *(one for one in self.net.buffers() if one.is_floating_point())]
        for one in self.net.parameters():
            if one.requires_grad:
                # What this process had no use for, another may have used.
                one.grad = torch.zeros_like(one) if one.grad is None else one.grad
                shared.append(one.grad)
        average(shared, self.accelerator)

    def _end_epoch(self, started: float) -> None:
        self._read_losses()
        state = self.state
        net = self.accelerator.unwrap_model(self.net).eval()
        validation = None if self.validate is None else self.validate(net)
        mean = state.losses / (state.step - state.logged)
        state.losses, state.logged = 0.0, state.step
        state.seconds = time.monotonic() - started
        epoch = Epoch(
            number=math.ceil(state.step / self.schedule.steps),
            loss=mean,
            learning_rate=self.optimizer.param_groups[0]["lr"],
            seconds=state.seconds,
            validation=validation,
        )
        if self.accelerator.is_main_process:
            self.progress.epoch(epoch)
