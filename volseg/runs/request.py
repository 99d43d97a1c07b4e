"""What a caller asks of a training run, whatever it trains on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from accelerate import Accelerator
from torch import nn

from volseg.progress import SILENT, Progress
from volseg.train.loop import CellLoss


@dataclass(frozen=True, eq=False)
class TrainRequest:
    """One run, apart from its config.

    Attributes:
        data: Folder or file of the labelled data.
        out: Run folder.
        accelerator: Device, precision and processes that train together.
        progress: Hears how the run goes.
        minutes: How long to train instead of the config's epochs; None for these.
        resume: Whether to go on where the run in ``out`` stopped.
        net: Network to train a copy of, in place of the config's.
        loss: Loss of logits and class ids, in place of the config's.
        origin: Model file whose weights it starts with; None for chance.
        feeders: Threads that draw batches ahead; None for as many as suit the device.
    """

    data: Path
    out: Path
    accelerator: Accelerator
    progress: Progress = SILENT
    minutes: float | None = None
    resume: bool = False
    net: nn.Module | None = None
    loss: CellLoss | None = None
    origin: Path | None = None
    feeders: int | None = None
