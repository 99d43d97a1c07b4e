"""The primitives on voxels: sums and maxima over the cells that are there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from volseg.errors import InputError
from volseg.nn.sparse.kernel import convolve, sum_bags
from volseg.nn.sparse.neighbours import Window
from volseg.nn.sparse.pairs import Pairs
from volseg.nn.voxels import Voxels


def conv(
    x: Voxels, weight: Tensor, bias: Tensor | None, window: Window, padding: Sequence[int] | None
) -> Voxels:
    """Convolution onto ``unique(floor(cell / stride))``, weight (D, C, *kernel)."""
    _only_phase(window, padding)
    sites = x.sites.coarser(window.stride)
    features, weight = _cast(x.features, weight)
    by_tap = weight.flatten(2).permute(2, 1, 0)
    out = convolve(features, by_tap, x.sites.pairs_to(sites, window))
    return Voxels(sites, _biased(out, bias))


def conv_transpose(
    x: Voxels,
    weight: Tensor,
    bias: Tensor | None,
    window: Window,
    padding: Sequence[int] | None,
    like: Voxels,
) -> Voxels:
    """Transposed convolution onto the cells of ``like``, weight (C, D, *kernel)."""
    _only_phase(window, padding)
    check_finer(like, x, window.stride)
    pairs = like.sites.pairs_to(x.sites, window).reverse
    features, weight = _cast(x.features, weight)
    by_tap = weight.flatten(2).permute(2, 0, 1)
    # Mirrored pairs are stored once, seen from the other side.
    by_tap = by_tap.flip(0) if pairs.mirrored else by_tap
    return like.with_features(_biased(convolve(features, by_tap, pairs), bias))


def max_pool(x: Voxels, window: Window) -> tuple[Voxels, Tensor]:
    """Maxima over the cells present, and the rows they stand in, int64 (M, C)."""
    sites = x.sites.coarser(window.stride)
    rows = _argmax(x.features.detach(), x.sites.pairs_to(sites, window).table)
    return Voxels(sites, x.features.gather(0, rows)), rows


def max_unpool(x: Voxels, indices: Tensor, like: Voxels) -> Voxels:
    """Zeros at the cells of ``like`` with the values of ``x`` in the rows ``indices``."""
    zeros = x.features.new_zeros(len(like), x.features.shape[1])
    return like.with_features(zeros.scatter(0, indices, x.features))


def avg_pool(x: Voxels, window: Window) -> Voxels:
    """Sums over the cells present, divided by the kernel's volume."""
    sites = x.sites.coarser(window.stride)
    pairs = x.sites.pairs_to(sites, window)
    return Voxels(sites, _sum_pairs(x.features, pairs) / window.taps)


def avg_unpool(x: Voxels, stride: tuple[int, ...], like: Voxels) -> Voxels:
    """Every cell of ``like`` takes the value of the coarse cell it lies in."""
    check_finer(like, x, stride)
    ones = (1,) * len(stride)
    block = Window(stride, stride, ones, (0,) * len(stride))
    pairs = like.sites.pairs_to(x.sites, block).reverse
    return like.with_features(_sum_pairs(x.features, pairs))


def check_finer(fine: Voxels, coarse: Voxels, stride: Sequence[int]) -> None:
    """Raise InputError unless ``coarse`` has ``stride`` times the stride of ``fine``."""
    wanted = tuple(own * step for own, step in zip(fine.stride, stride, strict=True))
    if coarse.stride != wanted or coarse.batch_size != fine.batch_size:
        raise InputError(
            f"voxels of stride {coarse.stride} in a batch of {coarse.batch_size} do not lie over "
            f"'like' of stride {fine.stride} in a batch of {fine.batch_size} at stride "
            f"{tuple(stride)}; give the map that was strided as 'like'"
        )


def _sum_pairs(features: Tensor, pairs: Pairs) -> Tensor:
    """Sum of the source features every target sees, (M, C)."""
    sums: Tensor = _SumPairs.apply(features, pairs)  # type: ignore[no-untyped-call]
    return sums


class _SumPairs(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, features: Tensor, pairs: Pairs) -> Tensor:
        ctx.pairs = pairs  # type: ignore[attr-defined]
        return sum_bags(features.contiguous(), *pairs.bags)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None]:
        return sum_bags(grad.contiguous(), *ctx.pairs.reverse.bags), None


def _argmax(features: Tensor, table: Tensor) -> Tensor:
    """Row of the largest value a target sees, the first of equals, int64 (M, C).

    As in torch's own pooling the last NaN wins over every number.
    """
    shape = (table.shape[1], features.shape[1])
    best = features.new_full(shape, float("-inf"))
    rows = torch.full(shape, -1, dtype=torch.int64, device=table.device)
    for sources in table:
        source = sources.clamp(min=0).long().unsqueeze(1)
        value = features.index_select(0, source.squeeze(1))
        wins = (sources >= 0).unsqueeze(1) & ((value > best) | (rows < 0) | value.isnan())
        best = torch.where(wins, value, best)
        rows = torch.where(wins, source, rows)
    return rows


def _only_phase(window: Window, padding: Sequence[int] | None) -> None:
    if padding is not None and tuple(padding) != window.phase:
        raise InputError(
            f"padding {tuple(padding)} moves voxels off their cells, wanted {window.phase} "
            f"for kernel {window.kernel} and dilation {window.dilation}; leave padding out"
        )


def _cast(features: Tensor, weight: Tensor) -> tuple[Tensor, Tensor]:
    """Both in autocast's dtype where autocast is on; double precision is left alone."""
    device = features.device.type
    if torch.is_autocast_enabled(device) and features.dtype != torch.float64:
        dtype = torch.get_autocast_dtype(device)
        return features.to(dtype), weight.to(dtype)
    return features, weight


def _biased(out: Tensor, bias: Tensor | None) -> Tensor:
    return out if bias is None else out + bias.to(out.dtype)
