"""How the values of dense tensors lie in memory where convolutions run fastest."""

from __future__ import annotations

import torch
from torch import nn

CHANNELS_LAST = {2: torch.channels_last, 3: torch.channels_last_3d}
"""By the number of spatial axes; other numbers have no such layout."""


def channels_last(net: nn.Module, nd: int) -> nn.Module:
    """The network with its kernels laid out as convolutions run fastest; values are the same."""
    layout = CHANNELS_LAST.get(nd)
    return net if layout is None else net.to(memory_format=layout)  # type: ignore[call-overload]
