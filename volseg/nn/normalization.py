"""Batch and instance normalisation of dense tensors and voxels."""

from __future__ import annotations

from typing import Any, Literal

import torch
import torch.nn.functional as F
from torch import Tensor

from volseg.nn.layout import CHANNELS_LAST
from volseg.nn.voxels import Map, Voxels

NormKind = Literal["batch", "instance"]


def batch_norm(
    x: Map,
    mean: Tensor,
    variance: Tensor,
    weight: Tensor,
    bias: Tensor,
    *,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Map:
    """Normalise every channel over the batch (Ioffe & Szegedy 2015); voxels over cells present.

    Args:
        x: C channels.
        mean: (C,), running mean, updated in place while training.
        variance: (C,), running unbiased variance, updated likewise.
        weight: (C,).
        bias: (C,).
        training: use the batch's own statistics. A batch of fewer than two cells has none, and
            takes the running ones.
        momentum: weight of the batch in the running statistics.
        eps: added to the variance.
    """
    features = x.features if isinstance(x, Voxels) else x
    own = training and features.numel() > features.shape[1]
    out = F.batch_norm(features, mean, variance, weight, bias, own, momentum, eps)
    return x.with_features(out) if isinstance(x, Voxels) else out


def instance_norm(x: Map, weight: Tensor, bias: Tensor, *, eps: float = 1e-5) -> Map:
    """Normalise every channel of every grid of the batch on its own (Ulyanov et al. 2016).

    Args:
        x: C channels.
        weight: (C,).
        bias: (C,).
        eps: added to the variance.
    """
    if isinstance(x, Voxels):
        with torch.autocast(x.features.device.type, enabled=False):
            return x.with_features(_instance_norm(x, eps) * weight + bias)
    layout = CHANNELS_LAST.get(x.ndim - 2)
    if layout is None or not x.is_contiguous(memory_format=layout) or x[0, 0].numel() < 2:
        # One group a channel; unlike F.instance_norm it takes grids of a single cell.
        return torch.group_norm(x, x.shape[1], weight, bias, eps)
    out: Tensor = _ChannelsLast.apply(x, weight, bias, eps)  # type: ignore[no-untyped-call]
    return out


class _ChannelsLast(torch.autograd.Function):
    """Instance norm of channels last: batch norm, sample by sample.

    On CPU that is several times quicker than group norm, whose backward pass this layout turns
    scalar. By hand, for autograd would clear and sum a gradient of the whole batch a sample.
    Slices, not unsqueezed items: with the strides of those torch 2.13 gets gradients wrong.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
        out = torch.empty_like(x)
        moments = torch.empty(2, *x.shape[:2], dtype=weight.dtype, device=x.device)
        for i in range(len(x)):
            mean, invstd = moments[:, i]
            torch.ops.aten.native_batch_norm.out(
                x[i : i + 1], weight, bias, None, None, True, 0.0, eps,
                out=out[i : i + 1], save_mean=mean, save_invstd=invstd,
            )  # fmt: skip
        ctx.save_for_backward(x, weight, moments)
        ctx.eps = eps
        return out

    @staticmethod
    def backward(ctx: Any, above: Tensor) -> tuple[Tensor | None, ...]:
        x, weight, moments = ctx.saved_tensors
        above = above.contiguous(memory_format=CHANNELS_LAST[x.ndim - 2])
        inputs, weights, biases = zip(
            *(
                torch.ops.aten.native_batch_norm_backward(
                    above[i : i + 1], x[i : i + 1], weight, None, None, *moments[:, i],
                    True, ctx.eps, [True] * 3,
                )
                for i in range(len(x))
            ),
            strict=True,
        )  # fmt: skip
        own = inputs[0] if len(inputs) == 1 else torch.cat(inputs)
        return own, torch.stack(weights).sum(0), torch.stack(biases).sum(0), None


def _instance_norm(x: Voxels, eps: float) -> Tensor:
    double = x.features.dtype == torch.float64
    features = x.features if double else x.features.float()
    # Membership as a matrix: sums become products, which are quick and repeat bit by bit.
    member = F.one_hot(x.coords[:, 0], x.batch_size).to(features.dtype)
    share = member / member.sum(dim=0).clamp(min=1)
    centred = features - member @ (share.t() @ features)
    variance = share.t() @ centred.square()
    return centred * (member @ torch.rsqrt(variance + eps))
