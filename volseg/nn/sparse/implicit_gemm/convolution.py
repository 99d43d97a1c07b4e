"""A sparse convolution by the kernels of this room, with its gradients."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import FunctionCtx, once_differentiable

from volseg.nn.sparse.implicit_gemm.tiles import tiles_of
from volseg.nn.sparse.pairs import Pairs


def convolve(features: Tensor, weight: Tensor, pairs: Pairs) -> Tensor:
    """Sum over pairs of source features times the matrix of the pair's tap.

    Differentiable once in ``features`` and ``weight``. Needs Triton.

    Args:
        features: float32, float16 or bfloat16 (N, C) of the source rows.
        weight: (taps, C, D), same dtype.
        pairs: which source rows each of M target rows sees through which tap.

    Returns:
        (M, D), same dtype, summed in float32.
    """
    result: Tensor = _GemmConvolution.apply(  # type: ignore[no-untyped-call]
        features.contiguous(), weight.contiguous(), pairs
    )
    return result


class _GemmConvolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: FunctionCtx, features: Tensor, weight: Tensor, pairs: Pairs) -> Tensor:
        from volseg.nn.sparse.implicit_gemm.launch import gather_multiply

        ctx.save_for_backward(features, weight)
        ctx.pairs = pairs  # type: ignore[attr-defined]
        return gather_multiply(features, weight, tiles_of(pairs))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, Tensor | None, None]:
        from volseg.nn.sparse.implicit_gemm.launch import gather_multiply, weight_gradient

        features, weight = ctx.saved_tensors
        wants_features, wants_weight, _ = ctx.needs_input_grad
        pairs: Pairs = ctx.pairs
        grad = grad.contiguous()
        grad_features = grad_weight = None
        if wants_features:
            # Mirrored pairs are stored once, seen from the other side.
            flipped = weight.flip(0) if pairs.mirrored else weight
            adjoint = flipped.transpose(1, 2).contiguous()
            grad_features = gather_multiply(grad, adjoint, tiles_of(pairs.reverse))
        if wants_weight:
            total = weight_gradient(features, grad, tiles_of(pairs))
            grad_weight = total.to(weight.dtype)
        return grad_features, grad_weight, None
