"""Which precision a machine trains fastest in: measured, not believed."""

from __future__ import annotations

import time
from typing import Literal

import torch
from torch import nn

Precision = Literal["no", "bf16", "fp16"]
"""As accelerate names mixed precision; ``no`` is float32 throughout."""

CHANNELS, CELLS, TRIES = 32, 16_384, 3
# Half precision has to be clearly faster to be worth its rounding.
WORTH = 0.8


def pick_precision(device: torch.device, nd: int) -> Precision:
    """The precision to train dense networks of ``nd`` axes in.

    On a GPU bfloat16, or float16 where it has none. On a CPU whatever runs a small convolution
    and its gradient faster: processors with bfloat16 instructions gain a factor of about three,
    those without lose.
    """
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp16"
    times = {half: _seconds(nd, half) for half in (False, True)}
    return "bf16" if times[True] < WORTH * times[False] else "no"


def channels_last(net: nn.Module, nd: int) -> nn.Module:
    """The network with its kernels laid out as convolutions run fastest; values are the same."""
    layout = {2: torch.channels_last, 3: torch.channels_last_3d}.get(nd)
    return net if layout is None else net.to(memory_format=layout)  # type: ignore[call-overload]


def _seconds(nd: int, half: bool) -> float:
    """The least time of a few tries."""
    side = round(CELLS ** (1 / nd))
    conv = channels_last((nn.Conv2d, nn.Conv3d)[nd - 2](CHANNELS, CHANNELS, 3), nd)
    x = torch.zeros(1, CHANNELS, *[side] * nd, requires_grad=True)
    times = []
    for _ in range(TRIES):
        started = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            conv(x).sum().backward()
        times.append(time.perf_counter() - started)
    return min(times)
