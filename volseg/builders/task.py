"""What a training run needs of its data, whatever kind it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import nn

from volseg.train.loop import Batches, Loss, Validate


@dataclass(frozen=True, eq=False)
class Task:
    """A network to train and all that is special to its data.

    Attributes:
        net: with fresh weights, on its device.
        batches: where training batches come from.
        loss: what is to be small.
        validate: scores the network after every epoch; None trains without.
        train: names of what is trained on.
        held_out: names of what is validated on.
        cells: how much is trained on, in words.
        counts: labelled points or voxels of each class, int64 (K,).
    """

    net: nn.Module
    batches: Batches
    loss: Loss
    validate: Validate | None
    train: tuple[str, ...]
    held_out: tuple[str, ...]
    cells: str
    counts: NDArray[np.int64]
