"""Blocks: two convolutions with normalisation and activation, plain or residual."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

from torch import nn

from volseg.errors import InputError
from volseg.nn import functional
from volseg.nn.functional import ActivationKind
from volseg.nn.layers import Conv, ConvTranspose, Linear, Norm
from volseg.nn.normalization import NormKind
from volseg.nn.sizes import Size
from volseg.nn.voxels import Map

BlockKind = Literal["plain", "residual"]


class ConvUnit(nn.Module):
    """Convolution, normalisation, activation; ``activation=None`` leaves the last out."""

    def __init__(
        self,
        nd: int,
        in_channels: int,
        out_channels: int,
        kernel: Size = 3,
        stride: Size = 1,
        *,
        norm: NormKind = "batch",
        activation: ActivationKind | None = "relu",
    ) -> None:
        super().__init__()
        # The normalisation's shift stands in for a bias.
        self.conv = Conv(nd, in_channels, out_channels, kernel, stride, bias=False)
        self.norm = Norm(nd, out_channels, norm)
        self.activation = activation

    def forward(self, x: Map) -> Map:
        """Map of ``in_channels`` to map of ``out_channels``."""
        out: Map = self.norm(self.conv(x))
        if self.activation is None:
            return out
        return functional.activation(out, self.activation, inplace=True)


class TransposedUnit(nn.Module):
    """Transposed convolution of stride 1, normalisation, activation (Noh et al. 2015)."""

    def __init__(
        self,
        nd: int,
        in_channels: int,
        out_channels: int,
        kernel: Size = 3,
        *,
        norm: NormKind = "batch",
        activation: ActivationKind = "relu",
    ) -> None:
        super().__init__()
        self.conv = ConvTranspose(nd, in_channels, out_channels, kernel, bias=False)
        self.norm = Norm(nd, out_channels, norm)
        self.activation: ActivationKind = activation

    def forward(self, x: Map) -> Map:
        """Map of ``in_channels`` to map of ``out_channels`` on the same cells."""
        out: Map = self.norm(self.conv(x, like=x))
        return functional.activation(out, self.activation, inplace=True)


class PlainBlock(nn.Module):
    """Two convolutions, each normalised and activated (Ronneberger et al. 2015)."""

    def __init__(
        self,
        nd: int,
        in_channels: int,
        out_channels: int,
        kernel: Size = 3,
        *,
        norm: NormKind = "batch",
        activation: ActivationKind = "relu",
    ) -> None:
        super().__init__()
        self.first, self.second = (
            ConvUnit(nd, channels, out_channels, kernel, norm=norm, activation=activation)
            for channels in (in_channels, out_channels)
        )

    def forward(self, x: Map) -> Map:
        """Map of ``in_channels`` to map of ``out_channels``."""
        out: Map = self.second(self.first(x))
        return out


class ResidualBlock(nn.Module):
    """Two convolutions and a shortcut added before the last activation (He et al. 2016).

    The shortcut is the input itself, or a point-wise linear layer where channels change.
    """

    def __init__(
        self,
        nd: int,
        in_channels: int,
        out_channels: int,
        kernel: Size = 3,
        *,
        norm: NormKind = "batch",
        activation: ActivationKind = "relu",
    ) -> None:
        super().__init__()
        self.first = ConvUnit(
            nd, in_channels, out_channels, kernel, norm=norm, activation=activation
        )
        self.second = ConvUnit(nd, out_channels, out_channels, kernel, norm=norm, activation=None)
        same = in_channels == out_channels
        self.shortcut = None if same else Linear(in_channels, out_channels, bias=False)
        self.activation: ActivationKind = activation

    def forward(self, x: Map) -> Map:
        """Map of ``in_channels`` to map of ``out_channels``."""
        shortcut = x if self.shortcut is None else self.shortcut(x)
        both: Map = functional.add(self.second(self.first(x)), shortcut)
        return functional.activation(both, self.activation, inplace=True)


def stage(
    kind: BlockKind,
    nd: int,
    in_channels: int,
    out_channels: int,
    kernel: Size,
    depth: int,
    *,
    norm: NormKind,
    activation: ActivationKind,
) -> nn.Sequential:
    """``depth`` blocks one after another, the first of which changes the channels.

    Raises:
        InputError: if the kind of block is unknown or there is no block.
    """
    blocks = {"plain": PlainBlock, "residual": ResidualBlock}
    if kind not in blocks or depth < 1:
        raise InputError(
            f"a stage of {depth} {kind!r} blocks; wanted one or more, 'plain' or 'residual'"
        )
    channels = [in_channels, *[out_channels] * depth]
    return nn.Sequential(
        *(
            blocks[kind](nd, before, after, kernel, norm=norm, activation=activation)
            for before, after in pairwise(channels)
        )
    )
