"""Which precision a machine trains fastest in: measured, not believed."""

from __future__ import annotations

import functools
import time
from typing import Literal

import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from torch import nn

Precision = Literal["no", "bf16", "fp16"]
"""As accelerate names mixed precision; ``no`` is float32 throughout."""

CHANNELS, CELLS, TRIES = 32, 16_384, 5
# Half precision has to be clearly faster to be worth its rounding.
WORTH = 0.8


def start_accelerator(device: torch.device, precision: Precision | None = None) -> Accelerator:
    """An accelerator for a device and precision, whatever this process trained in before.

    Accelerate keeps one state a process, and refuses or silently takes over another precision.
    """
    AcceleratorState._reset_state(reset_partial_state=True)
    return Accelerator(cpu=device.type == "cpu", mixed_precision=precision)


@functools.cache
def pick_precision(device: torch.device, nd: int) -> Precision:
    """The precision to train dense networks of ``nd`` axes in.

    On a GPU bfloat16, or float16 where it has none. On a CPU whatever runs a small convolution
    and its gradient faster: processors with bfloat16 instructions gain a factor of about three,
    those without lose. It is measured once a process.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    # Turn by turn, so that other work of the machine slows both alike.
    pairs = [(_seconds(nd, False), _seconds(nd, True)) for _ in range(TRIES)]
    plain, half = map(min, zip(*pairs, strict=True))
    return "bf16" if half < WORTH * plain else "no"


def channels_last(net: nn.Module, nd: int) -> nn.Module:
    """The network with its kernels laid out as convolutions run fastest; values are the same."""
    layout = {2: torch.channels_last, 3: torch.channels_last_3d}.get(nd)
    return net if layout is None else net.to(memory_format=layout)  # type: ignore[call-overload]


def _seconds(nd: int, half: bool) -> float:
    """The time a small convolution and its gradient take."""
    side = round(CELLS ** (1 / nd))
    conv = channels_last((nn.Conv2d, nn.Conv3d)[nd - 2](CHANNELS, CHANNELS, 3), nd)
    x = torch.zeros(1, CHANNELS, *[side] * nd, requires_grad=True)
    started = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        conv(x).sum().backward()
    return time.perf_counter() - started
