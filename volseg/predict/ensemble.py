"""Several networks, and mirrored views of what they see, as one."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from volseg.nn.layout import CHANNELS_LAST

Precision = Literal["float32", "bfloat16"]


class Ensemble:
    """The mean of the logits of networks over mirrored views, as nnU-Net's.

    Args:
        nets: the networks, with 2 or 3 axes; they are put into evaluation mode.
        patch: sides of the windows; the networks do not see an axis of side 1.
        mirror: the axes along which windows are mirrored, in every combination.
        device: where the networks are.
        precision: what convolutions compute in; logits are summed in float32.
        ways: which channels of a network's output point along the axes it sees, in order: they
            turn round where a view is mirrored.
    """

    def __init__(
        self,
        nets: Sequence[nn.Module],
        patch: Sequence[int],
        *,
        mirror: Sequence[int] = (),
        device: torch.device,
        precision: Precision = "float32",
        ways: slice | None = None,
    ) -> None:
        self.nets = [net.eval() for net in nets]
        self.flat = [axis - 3 for axis in range(3) if patch[axis] == 1]
        seen = [axis for axis in range(3) if patch[axis] > 1]
        turned = [2 + seen.index(axis) for axis in mirror if axis in seen]
        self.views = [
            dims for many in range(len(turned) + 1) for dims in itertools.combinations(turned, many)
        ]
        self.device, self.precision = device, precision
        self.first_way = None if ways is None else int(ways.start)

    def __call__(self, windows: Tensor) -> Tensor:
        """Windows (B, C, *patch) to logits (B, K, *patch), float32, on the device."""
        x = windows.to(self.device).squeeze(self.flat)
        x = x.contiguous(memory_format=CHANNELS_LAST[x.ndim - 2])
        total = self._logits(x)
        for axis in self.flat:
            total = total.unsqueeze(total.ndim + 1 + axis)
        return total

    def _logits(self, x: Tensor) -> Tensor:
        total: Tensor | None = None
        for net, dims in itertools.product(self.nets, self.views):
            reduced = self.precision == "bfloat16"
            with torch.autocast(self.device.type, torch.bfloat16, enabled=reduced):
                logits = net(x.flip(dims) if dims else x)
            logits = (logits.flip(dims) if dims else logits).float()
            if self.first_way is not None:
                for dim in dims:
                    logits[:, self.first_way + dim - 2] *= -1
            total = logits if total is None else total.add_(logits)
        assert total is not None
        many = len(self.nets) * len(self.views)
        return total.div_(many) if many > 1 else total
