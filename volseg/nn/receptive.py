"""How far a network sees: which input cells an output cell depends on, exactly.

From every output cell the way back through the layers is walked with spans of cells: a kernel
widens a span, a stride maps it to another grid, and where paths join the wider span counts.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import nn

from volseg.nn.blocks import ConvUnit
from volseg.nn.encoder_decoder import EncoderDecoder
from volseg.nn.layers import Conv, ConvTranspose, Norm
from volseg.nn.sizes import phase
from volseg.nn.unet import UNet

Span = tuple[int, int]
"""First and last cell along an axis."""


@dataclass(frozen=True)
class Reach:
    """Input cells an output cell depends on, in cells of the input along each axis.

    Attributes:
        below: most cells below its own.
        above: most cells above its own.
        stride: cells of the input in one of the coarsest grid: a shift of the input by a
            multiple shifts the output and changes nothing else.
    """

    below: tuple[int, ...]
    above: tuple[int, ...]
    stride: tuple[int, ...]


def total_stride(net: nn.Module) -> tuple[int, ...] | None:
    """Cells of the input in one cell of a network's coarsest grid, for each axis.

    None for networks other than `UNet` and `EncoderDecoder` that have no `Reach` as ``reach``.
    """
    reach = getattr(net, "reach", None)
    if isinstance(reach, Reach):
        return reach.stride
    if isinstance(net, UNet):
        strides = [conv.stride for conv in _downward(net)]
    elif isinstance(net, EncoderDecoder):
        strides = list(net.strides)
    else:
        return None
    nd = next(net.parameters()).ndim - 2
    return tuple(math.prod(step[axis] for step in strides) for axis in range(nd))


def _downward(net: UNet) -> list[Conv]:
    """The strided convolutions, finest first."""
    return [unit.conv for unit in net.down if isinstance(unit, ConvUnit)]


def receptive_field(net: nn.Module) -> Reach | None:
    """What an output cell of a network in evaluation depends on.

    Networks other than `UNet` and `EncoderDecoder` say it themselves, by a `Reach` as ``reach``.
    None where it is the whole input: under instance normalisation, and for others that do not.
    """
    reach = getattr(net, "reach", None)
    if isinstance(reach, Reach):
        return reach
    stride = total_stride(net)
    norms = (one for one in net.modules() if isinstance(one, Norm))
    if stride is None or any(norm.kind == "instance" for norm in norms):
        return None
    walk = _through_unet if isinstance(net, UNet) else _through_encoder_decoder
    below, above = [], []
    for axis, step in enumerate(stride):
        spans = [(cell, walk(net, axis, (cell, cell))) for cell in range(step)]
        below.append(max(cell - span[0] for cell, span in spans))
        above.append(max(span[1] - cell for cell, span in spans))
    return Reach(tuple(below), tuple(above), stride)


def _through_unet(net: nn.Module, axis: int, span: Span) -> Span:
    assert isinstance(net, UNet)
    skips = []
    for up, blocks in zip(net.up, net.decoder, strict=True):
        assert isinstance(up, ConvTranspose)
        span = _widened(blocks, axis, span)
        skips.append(span)
        span = _coarse(up, axis, span)
    # A coarse cell is there if any cell in it is, even one out of the kernel's sight.
    there, step = [], math.prod(conv.stride[axis] for conv in _downward(net))
    for conv, blocks in zip(reversed(_downward(net)), reversed(net.encoder[1:]), strict=True):
        span = _widened(blocks, axis, span)
        there.append(_block(span, step))
        step //= conv.stride[axis]
        span = _joined(_fine(conv, axis, span), skips.pop())
    return _joined(_widened(net.encoder[0], axis, span), *there)


def _through_encoder_decoder(net: nn.Module, axis: int, span: Span) -> Span:
    assert isinstance(net, EncoderDecoder)
    steps = [stride[axis] for stride in net.strides]
    for blocks, step in zip(net.decoder, steps, strict=False):
        first, last = _widened(blocks, axis, span)
        span = (first // step, last // step)
    span = _widened(net.encoder[-1], axis, _widened(net.decoder[-1], axis, span))
    for blocks, step in zip(reversed(net.encoder[:-1]), reversed(steps), strict=True):
        span = _widened(blocks, axis, _block(span, step))
    return span


def _widened(blocks: nn.Module, axis: int, span: Span) -> Span:
    """What layers of stride 1, one after another, need to make a span."""
    for layer in blocks.modules():
        if isinstance(layer, Conv | ConvTranspose):
            kernel, below = _taps(layer, axis)
            if isinstance(layer, ConvTranspose):
                below = kernel - 1 - below
            span = (span[0] - below, span[1] - below + kernel - 1)
    return span


def _fine(layer: Conv, axis: int, span: Span) -> Span:
    """Fine cells that a strided convolution needs for coarse ones."""
    (kernel, below), step = _taps(layer, axis), layer.stride[axis]
    return span[0] * step - below, span[1] * step - below + kernel - 1


def _coarse(layer: ConvTranspose, axis: int, span: Span) -> Span:
    """Coarse cells that a strided transposed convolution needs for fine ones."""
    (kernel, below), step = _taps(layer, axis), layer.stride[axis]
    return -((kernel - 1 - below - span[0]) // step), (span[1] + below) // step


def _taps(layer: Conv | ConvTranspose, axis: int) -> tuple[int, int]:
    """Cells a kernel spans, and how many of them lie below its own cell."""
    side = layer.weight.shape[2 + axis]
    spread = layer.dilation[axis] if isinstance(layer, Conv) else 1
    return spread * (side - 1) + 1, phase((side,), (spread,))[0]


def _block(span: Span, step: int) -> Span:
    """The cells in coarse ones of ``step`` cells."""
    return span[0] * step, span[1] * step + step - 1


def _joined(*spans: Span) -> Span:
    return min(first for first, _ in spans), max(last for _, last in spans)
