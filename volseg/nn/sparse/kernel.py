"""Sparse convolution in plain torch: gather, multiply, scatter, over blocks of rows.

For every block of target rows the source rows of all its pairs are gathered at once, sorted by
tap; each tap multiplies its slice by its own matrix; then every target row adds up its products
in order of the taps. No row is added to by two threads, so runs repeat bit by bit.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from volseg.nn.sparse import implicit_gemm
from volseg.nn.sparse.matmul import product
from volseg.nn.sparse.pairs import Block, Pairs


def convolve(features: Tensor, weight: Tensor, pairs: Pairs) -> Tensor:
    """Sum over pairs of source features times the matrix of the pair's tap.

    Differentiable once in ``features`` and ``weight``.

    Args:
        features: (N, C) of the source rows.
        weight: (taps, C, D), same dtype.
        pairs: which source rows each of M target rows sees through which tap.

    Returns:
        (M, D), same dtype.
    """
    if implicit_gemm.takes(features):
        return implicit_gemm.convolve(features, weight, pairs)
    result: Tensor = _SparseConvolution.apply(  # type: ignore[no-untyped-call]
        features, weight.contiguous(), pairs
    )
    return result


class _SparseConvolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, features: Tensor, weight: Tensor, pairs: Pairs) -> Tensor:
        ctx.save_for_backward(features, weight)
        ctx.pairs = pairs  # type: ignore[attr-defined]
        features = features.contiguous()
        out = _start(features, weight, pairs)
        for block, rows in _gathered(features, pairs):
            _scatter(out, _products(rows, weight, block), block)
        return out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        features, weight = ctx.saved_tensors
        wants_features, wants_weight, _ = ctx.needs_input_grad
        pairs: Pairs = ctx.pairs
        features, grad = features.contiguous(), grad.contiguous()
        flipped = weight.flip(0) if pairs.mirrored else weight
        adjoint = flipped.transpose(1, 2).contiguous()
        grad_features = _start(grad, adjoint, pairs.reverse) if wants_features else None
        grad_weight = weight.new_zeros(weight.shape, dtype=_wide(weight.dtype))
        for block, rows in _gathered(grad, pairs.reverse):
            if grad_features is not None:
                _scatter(grad_features, _products(rows, adjoint, block), block)
            if wants_weight:
                rows.index_fill_(0, block.repeats, 0)
                seen = features[block.start : block.stop].index_select(0, block.target)
                for tap, begin, end in block.spans:
                    grad_weight[tap] += seen[begin:end].t() @ rows[begin:end]
        if pairs.mirrored and wants_weight:
            grad_weight = grad_weight.flip(0)
            grad_weight[pairs.taps // 2] += features.t() @ grad
        return grad_features, grad_weight.to(weight.dtype) if wants_weight else None, None


def _start(features: Tensor, weight: Tensor, pairs: Pairs) -> Tensor:
    """The output before the blocks are added: zero, or the middle tap's share."""
    if pairs.mirrored:
        return product(features, weight[pairs.taps // 2])
    return features.new_zeros(pairs.targets, weight.shape[2])


def _gathered(features: Tensor, pairs: Pairs) -> Iterator[tuple[Block, Tensor]]:
    """Every block with the source rows of its pairs, (P, C), in a buffer used again and again."""
    most = max((len(block.source) for block in pairs.blocks), default=0)
    buffer = features.new_empty(most, features.shape[1])
    for block in pairs.blocks:
        rows = buffer[: len(block.source)]
        yield block, torch.index_select(features, 0, block.source, out=rows)


def _products(rows: Tensor, weight: Tensor, block: Block) -> Tensor:
    """Gathered rows (P, C) times the matrices of their taps, (P, D)."""
    products = rows.new_empty(len(rows), weight.shape[2])
    for tap, begin, end in block.spans:
        product(rows[begin:end], weight[tap], out=products[begin:end])
    return products


def _scatter(out: Tensor, products: Tensor, block: Block) -> None:
    """Add the products (P, D) of a block to their rows of ``out`` (M, D)."""
    if len(products):
        out[block.start : block.stop] += sum_bags(products, block.bag, block.offsets)


def sum_bags(rows: Tensor, index: Tensor, offsets: Tensor) -> Tensor:
    """Sums of ``rows[index]`` between offsets, (len(offsets) - 1, C), in the index's order."""
    if len(index) == 0:
        return rows.new_zeros(len(offsets) - 1, rows.shape[1])
    return F.embedding_bag(index, rows, offsets, mode="sum", include_last_offset=True)


def _wide(dtype: torch.dtype) -> torch.dtype:
    """The dtype sums of many blocks are kept in."""
    return torch.float32 if dtype in (torch.bfloat16, torch.float16) else dtype
