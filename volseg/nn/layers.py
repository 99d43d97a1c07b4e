"""Layers: the primitives with their parameters, for tensors and voxels alike.

Parameter names and shapes are those of torch's own layers, whatever the map.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from volseg.errors import InputError
from volseg.nn import functional
from volseg.nn.normalization import NormKind, batch_norm, instance_norm
from volseg.nn.sizes import Size, per_axis
from volseg.nn.voxels import Map


class Conv(nn.Module):
    """Convolution in nd dimensions: weight (out, in, *kernel), bias (out,).

    Padding is that of `functional.conv` without one: ``ceil(n / stride)`` cells an axis.
    """

    def __init__(
        self,
        nd: int,
        in_channels: int,
        out_channels: int,
        kernel: Size,
        stride: Size = 1,
        *,
        dilation: Size = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        sides = per_axis(kernel, nd, "kernel")
        self.stride = per_axis(stride, nd, "stride")
        self.dilation = per_axis(dilation, nd, "dilation")
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels, *sides))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        _initialise(self.weight, self.bias, in_channels * math.prod(sides))

    def forward(self, x: Map) -> Map:
        """Map of ``in_channels`` to map of ``out_channels``."""
        return functional.conv(
            x, self.weight, self.bias, stride=self.stride, dilation=self.dilation
        )


class ConvTranspose(nn.Module):
    """Transposed convolution in nd dimensions: weight (in, out, *kernel), bias (out,)."""

    def __init__(
        self,
        nd: int,
        in_channels: int,
        out_channels: int,
        kernel: Size,
        stride: Size = 1,
        *,
        bias: bool = True,
    ) -> None:
        super().__init__()
        sides = per_axis(kernel, nd, "kernel")
        self.stride = per_axis(stride, nd, "stride")
        self.weight = nn.Parameter(torch.empty(in_channels, out_channels, *sides))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        # As many taps reach an output cell as fit between two strides.
        seen = max(1, math.prod(sides) // math.prod(self.stride))
        _initialise(self.weight, self.bias, in_channels * seen)

    def forward(self, x: Map, like: Map) -> Map:
        """Map of ``in_channels`` to ``out_channels`` on the grid or the cells of ``like``."""
        return functional.conv_transpose(x, self.weight, self.bias, stride=self.stride, like=like)


class Linear(nn.Module):
    """The same linear layer at every cell: weight (out, in), bias (out,)."""

    def __init__(self, in_channels: int, out_channels: int, *, bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_channels, in_channels))
        self.bias = nn.Parameter(torch.empty(out_channels)) if bias else None
        _initialise(self.weight, self.bias, in_channels)

    def forward(self, x: Map) -> Map:
        """Map of ``in_channels`` to map of ``out_channels``."""
        return functional.linear(x, self.weight, self.bias)


class Norm(nn.Module):
    """Batch or instance normalisation with a learned scale and shift a channel: (C,) each."""

    running_mean: Tensor
    running_var: Tensor

    def __init__(self, nd: int, channels: int, kind: NormKind = "batch") -> None:
        super().__init__()
        self.nd = nd
        if kind not in ("batch", "instance"):
            raise InputError(f"normalisation is {kind!r}, wanted 'batch' or 'instance'")
        self.kind = kind
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))
        if kind == "batch":
            self.register_buffer("running_mean", torch.zeros(channels))
            self.register_buffer("running_var", torch.ones(channels))

    def forward(self, x: Map) -> Map:
        """Map of the same channels."""
        if functional.dimensions(x) != self.nd:
            raise InputError(f"the map has {functional.dimensions(x)} axes, wanted {self.nd}")
        if self.kind == "instance":
            return instance_norm(x, self.weight, self.bias)
        return batch_norm(
            x, self.running_mean, self.running_var, self.weight, self.bias, training=self.training
        )


def _initialise(weight: Tensor, bias: Tensor | None, fan_in: int) -> None:
    """Variance ``2 / fan_in``, right for rectified units (He et al. 2015); bias zero."""
    nn.init.normal_(weight, std=math.sqrt(2 / fan_in))
    if bias is not None:
        nn.init.zeros_(bias)
