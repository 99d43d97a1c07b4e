"""U-Net (Ronneberger et al. 2015) in one, two and three dimensions, dense and sparse."""

from __future__ import annotations

from collections.abc import Sequence

from torch import nn

from volseg.errors import InputError
from volseg.nn import functional
from volseg.nn.blocks import BlockKind, ConvUnit, stage
from volseg.nn.functional import ActivationKind
from volseg.nn.layers import ConvTranspose, Linear
from volseg.nn.normalization import NormKind
from volseg.nn.sizes import Size, per_stage
from volseg.nn.voxels import Map


class UNet(nn.Module):
    """Stages of blocks down to the coarsest grid, and up again with skip joins.

    A strided convolution, whose kernel is its stride, leads down; a transposed one leads up to
    the cells of the skip, which is concatenated. Any grid size works.

    Args:
        nd: number of spatial axes, 1 to 3.
        in_channels: channels of the input.
        out_channels: channels of the output, one a class.
        widths: channels of every stage, finest first.
        block: plain or residual blocks.
        depth: blocks of a stage: one int, or one a stage of the encoder.
        decoder_widths: channels of every stage of the decoder, finest first; those of the
            encoder's stages if not given.
        decoder_depth: blocks of a stage of the decoder; as many as of the encoder's stage if
            not given.
        norm: batch or instance normalisation.
        activation: plain or leaky rectified linear units.
        kernels: kernel of the blocks: one int, or one size a stage.
        strides: steps between stages: one int, or one size a step.
        supervised: coarser stages of the decoder with a head of their own, for training only
            (Lee et al., Deeply-Supervised Nets, 2015).
        pyramid: how many of the output's channels, its last, are sums over all stages, each
            spread over the finest cells. What changes slowly from cell to cell and reaches far,
            as the way to the centre of an object, is learnt so many times faster; such channels
            begin at zero.

    Raises:
        InputError: if there is no stage, or what is given for each stage does not fit the widths;
            if more channels are sums than there are.
    """

    def __init__(
        self,
        nd: int,
        in_channels: int,
        out_channels: int,
        widths: Sequence[int] = (32, 64, 128, 256),
        *,
        block: BlockKind = "plain",
        depth: int | Sequence[int] = 1,
        decoder_widths: Sequence[int] | None = None,
        decoder_depth: int | None = None,
        norm: NormKind = "batch",
        activation: ActivationKind = "relu",
        kernels: int | Sequence[Size] = 3,
        strides: int | Sequence[Size] = 2,
        supervised: int = 0,
        pyramid: int = 0,
    ) -> None:
        super().__init__()
        self.jumps = jumps = per_stage(strides, len(widths) - 1, "strides")
        sides = per_stage(kernels, len(widths), "kernels")
        depths = per_stage(depth, len(widths), "depth")
        finer = per_stage(
            widths[:-1] if decoder_widths is None else decoder_widths, len(jumps), "decoder_widths"
        )
        wide = (*finer, widths[-1])

        def blocks(before: int, after: int, level: int, many: int) -> nn.Sequential:
            return stage(
                block, nd, before, after, sides[level], many, norm=norm, activation=activation
            )

        self.encoder = nn.ModuleList([blocks(in_channels, widths[0], 0, depths[0])])
        self.down, self.up, self.decoder = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for level, jump in enumerate(jumps):
            fine, coarse = widths[level], widths[level + 1]
            unit = ConvUnit(nd, fine, coarse, jump, jump, norm=norm, activation=activation)
            self.down.append(unit)
            self.encoder.append(blocks(coarse, coarse, level + 1, depths[level + 1]))
            self.up.append(ConvTranspose(nd, wide[level + 1], wide[level], jump, jump))
            many = decoder_depth or depths[level]
            self.decoder.append(blocks(fine + wide[level], wide[level], level, many))
        if not 0 <= pyramid <= out_channels:
            raise InputError(f"a pyramid of {pyramid} of {out_channels} channels; wanted no more")
        self.head = Linear(wide[0], out_channels - pyramid)
        if not 0 <= supervised <= len(jumps):
            raise InputError(
                f"{supervised} supervised stages of {len(jumps)} coarser ones; wanted no more"
            )
        self.heads = nn.ModuleList(
            Linear(width, out_channels - pyramid) for width in wide[1 : 1 + supervised]
        )
        self.pyramid = nn.ModuleList(Linear(width, pyramid) for width in wide if pyramid)
        for weights in self.pyramid.parameters():
            nn.init.zeros_(weights)

    def forward(self, x: Map) -> Map | list[Map]:
        """Map of ``in_channels`` to logits, ``out_channels``, on the same grid or cells.

        While training with supervised stages, a list: the logits of these follow, finer first.
        """
        heads = [self.head, *self.heads] if self.training else [self.head]
        x = self.encoder[0](x)
        skips: list[Map] = []
        for down, blocks in zip(self.down, self.encoder[1:], strict=True):
            skips.append(x)
            x = blocks(down(x))
        logits: list[Map] = []
        total: Map | None = None
        for level in range(len(skips), -1, -1):
            if level < len(skips):
                x = functional.concat(skips[-1], self.up[level](x, like=skips[-1]))
                del skips[-1]  # before the decoder needs memory of its own
                x = self.decoder[level](x)
            total = self._add(total, x, level)
            if level < len(heads):
                own = heads[level](x)
                logits.append(own if total is None else functional.concat(own, total))
        return logits[::-1] if len(heads) > 1 else logits[0]

    def _add(self, total: Map | None, x: Map, level: int) -> Map | None:
        """The sum over the pyramid's stages down to this one; None without a pyramid."""
        if not self.pyramid:
            return None
        own: Map = self.pyramid[level](x)
        if total is None:
            return own
        return functional.add(functional.avg_unpool(total, like=own, stride=self.jumps[level]), own)
