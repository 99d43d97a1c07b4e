"""Memory that training takes: the budget, an estimate, and what a block of code took."""

from __future__ import annotations

import gc
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import torch
from torch import Tensor, nn

from volseg.errors import InputError
from volseg.nn.allocator import release_freed_memory
from volseg.plan.defaults import FREE_SHARE, LARGEST_BUDGET

UNITS = ["", "K", "M", "G", "T"]
# Bytes of a weight: itself, its gradient, AdamW's two moments, and a copy in half precision.
WEIGHT_BYTES = 4 * 4 + 2
# Bytes a voxel and class: logits, probabilities, their logarithms and gradients, in float32.
LOGIT_BYTES = 7 * 4
# Beside what is kept, the backward pass holds a few maps as large as the finest stage's.
PASSING_MAPS = 4


def parse_bytes(text: str) -> int:
    """``8GB`` (1000-based), ``6GiB`` (1024-based), ``8G`` (as GB), or bare bytes.

    Raises:
        InputError: if the text is no size above zero.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(?:([KMGT])(i?))?B?\s*", text, re.IGNORECASE)
    size = 0
    if found:
        number, unit, binary = found.groups()
        power = UNITS.index((unit or "").upper())
        size = int(float(number) * (1024 if binary else 1000) ** power)
    if size < 1:
        raise InputError(f"memory {text!r} is no size; wanted one such as 8GB or 500MiB")
    return size


def default_budget(device: torch.device) -> int:
    """Most of the memory that is free on a device, bytes, but no more than a plan needs."""
    if device.type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
    else:
        free = psutil.virtual_memory().available
    return min(int(FREE_SHARE * free), LARGEST_BUDGET)


@dataclass(frozen=True)
class Cost:
    """What a training step with a network takes, in bytes.

    Attributes:
        fixed: bytes for weights, gradients and the optimizer.
        voxel: bytes for every voxel of a batch; the network's strides divide all patches.
    """

    fixed: int
    voxel: float

    def of(self, voxels: int) -> int:
        """Bytes for a batch of so many voxels in all."""
        return self.fixed + int(self.voxel * voxels)


def cost(
    net: nn.Module, channels: int, classes: int, width: int, sides: Sequence[int], *, half: bool
) -> Cost:
    """The cost of training a network, from what autograd would keep; nothing is computed.

    Args:
        net: on the meta device.
        channels: number of channels of its input.
        classes: channels of its output.
        width: channels of its finest stage.
        sides: sides of a patch, multiples of its strides' products; the larger, the more exact.
        half: whether it trains in half precision.
    """
    x = torch.empty(1, channels, *sides, device="meta")
    kept: dict[int, Tensor] = {}  # by storage: one tensor is kept for several operations

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage()._cdata] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        out = net(x)
    del out
    weights = list(net.parameters())
    for values in weights:
        kept.pop(values.untyped_storage()._cdata, None)
    numbers = (
        sum(values.numel() for values in kept.values()) / x[0, 0].numel() + PASSING_MAPS * width
    )
    return Cost(
        WEIGHT_BYTES * sum(weight.numel() for weight in weights),
        (2 if half else 4) * numbers + LOGIT_BYTES * classes,
    )


@contextmanager
def peak(device: torch.device) -> Iterator[list[int]]:
    """How far memory grows at most inside the block, as the first and only item.

    On a CPU that is the process's own memory; what it had freed and kept is released before.
    """
    grown = [0]
    gc.collect()
    release_freed_memory()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        yield grown
        grown[0] = torch.cuda.max_memory_allocated(device) - before
        return
    process, done = psutil.Process(), threading.Event()
    before = process.memory_info().rss

    def watch() -> None:
        while not done.wait(0.002):
            grown[0] = max(grown[0], process.memory_info().rss - before)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield grown
    finally:
        done.set()
        watcher.join()
