"""Encoder and decoder without skips: pooling remembers places (Noh et al. 2015)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from torch import Tensor, nn

from volseg.errors import InputError
from volseg.nn import functional
from volseg.nn.blocks import PlainBlock, TransposedUnit
from volseg.nn.functional import ActivationKind
from volseg.nn.layers import Linear
from volseg.nn.normalization import NormKind
from volseg.nn.sizes import Size, per_axis, per_stage
from volseg.nn.voxels import Map

UnpoolKind = Literal["max", "average"]


class EncoderDecoder(nn.Module):
    """Convolutions and max pooling down, unpooling and transposed convolutions up.

    Args:
        nd: number of spatial axes, 1 to 3.
        in_channels: channels of the input.
        out_channels: channels of the output, one a class.
        widths: channels of every stage, finest first.
        unpool: ``max`` puts values back where the maxima stood, ``average`` spreads them over
            their windows.
        norm: batch or instance normalisation.
        activation: plain or leaky rectified linear units.
        kernels: kernel of the convolutions: one int, or one size a stage.
        strides: pooling windows between stages: one int, or one size a step.

    Raises:
        InputError: if the unpooling is unknown, there is no stage, or kernels or strides do not
            fit the widths.
    """

    def __init__(
        self,
        nd: int,
        in_channels: int,
        out_channels: int,
        widths: Sequence[int] = (32, 64, 128, 256),
        *,
        unpool: UnpoolKind = "max",
        norm: NormKind = "batch",
        activation: ActivationKind = "relu",
        kernels: int | Sequence[Size] = 3,
        strides: int | Sequence[Size] = 2,
    ) -> None:
        super().__init__()
        if unpool not in ("max", "average"):
            raise InputError(f"unpooling is {unpool!r}, wanted 'max' or 'average'")
        self.unpool = unpool
        steps = per_stage(strides, len(widths) - 1, "strides")
        sides = per_stage(kernels, len(widths), "kernels")
        self.strides = [per_axis(step, nd, "stride") for step in steps]
        self.encoder, self.decoder = nn.ModuleList(), nn.ModuleList()
        finer = [in_channels, *widths[:-1]]
        for before, width, side in zip(finer, widths, sides, strict=True):
            self.encoder.append(
                PlainBlock(nd, before, width, side, norm=norm, activation=activation)
            )
        for width, after, side in zip(widths, [widths[0], *widths[:-1]], sides, strict=True):
            first = TransposedUnit(nd, width, width, side, norm=norm, activation=activation)
            last = TransposedUnit(nd, width, after, side, norm=norm, activation=activation)
            self.decoder.append(nn.Sequential(first, last))
        self.head = Linear(widths[0], out_channels)

    def forward(self, x: Map) -> Map:
        """Map of ``in_channels`` to logits, ``out_channels``, on the same grid or cells."""
        x = self.encoder[0](x)
        pooled: list[tuple[Map, Tensor, tuple[int, ...]]] = []
        for stride, blocks in zip(self.strides, self.encoder[1:], strict=True):
            coarse, indices = functional.max_pool(x, stride)
            pooled.append((x, indices, stride))
            x = blocks(coarse)
        for blocks in reversed(self.decoder[1:]):
            x = self._unpool(blocks(x), *pooled.pop())
        logits: Map = self.head(self.decoder[0](x))
        return logits

    def _unpool(self, x: Map, like: Map, indices: Tensor, stride: tuple[int, ...]) -> Map:
        if self.unpool == "max":
            return functional.max_unpool(x, indices, like=like)
        return functional.avg_unpool(x, like=like, stride=stride)
