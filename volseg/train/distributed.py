"""What processes that train together add up and average.

Several processes train what one would. They share the batch that the config names, average
gradients and running statistics in one exchange, and add up the counts of validation, each always
in one order. All agree in every step whether to stop, and on the share of the schedule by one
clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import torch
from accelerate import Accelerator
from accelerate.utils import broadcast
from numpy.typing import NDArray
from torch import Tensor

Number = TypeVar("Number", bound=np.number)


def own(many: int, accelerator: Accelerator) -> range:
    """Which of so many things this process takes: each is taken by one process."""
    return range(accelerator.process_index, many, accelerator.num_processes)


def summed(values: NDArray[Number], accelerator: Accelerator) -> NDArray[Number]:
    """The sum of every process's values, the same on all of them; of integers it is exact."""
    if accelerator.num_processes == 1:
        return values
    tensor = torch.from_numpy(np.ascontiguousarray(values)).to(accelerator.device)
    total: NDArray[Number] = accelerator.reduce(tensor, "sum").cpu().numpy()
    return total


def gathered(rows: NDArray[Number], accelerator: Accelerator) -> NDArray[Number]:
    """The rows (N, ...) of every process, those of the first first, the same on all of them."""
    counts = np.zeros(accelerator.num_processes, np.int64)
    counts[accelerator.process_index] = len(rows)
    ends = np.cumsum(summed(counts, accelerator)).tolist()
    every = np.zeros((ends[-1], *rows.shape[1:]), rows.dtype)
    last = ends[accelerator.process_index]
    every[last - len(rows) : last] = rows
    return summed(every, accelerator)


@torch.no_grad()
def spread(tensors: Sequence[Tensor], accelerator: Accelerator) -> None:
    """Put the first process's values in the place of each tensor."""
    if accelerator.num_processes > 1:
        for one in tensors:
            one.copy_(broadcast(one.clone()))


@torch.no_grad()
def average(tensors: Sequence[Tensor], accelerator: Accelerator) -> None:
    """Put the mean over all processes in the place of each tensor, in one exchange."""
    flat = torch.cat([one.reshape(-1) for one in tensors])
    means = accelerator.reduce(flat, "mean").split([one.numel() for one in tensors])
    for one, mean in zip(tensors, means, strict=True):
        one.copy_(mean.view_as(one))
