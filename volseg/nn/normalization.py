"""Batch and instance normalisation of dense tensors and voxels."""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor

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
    if x.is_contiguous() or x[0, 0].numel() < 2:
        # One group a channel; unlike F.instance_norm it takes grids of a single cell.
        return torch.group_norm(x, x.shape[1], weight, bias, eps)
    # Channels last: batch norm of one sample is instance norm, and several times quicker on CPU
    # than group norm's backward pass, which that layout turns scalar.
    # Slices, not unsqueezed items: with the strides of those torch 2.13 gets gradients wrong.
    samples = (x[number : number + 1] for number in range(len(x)))
    alone = [F.batch_norm(one, None, None, weight, bias, True, 0.0, eps) for one in samples]
    return torch.cat(alone)


def _instance_norm(x: Voxels, eps: float) -> Tensor:
    double = x.features.dtype == torch.float64
    features = x.features if double else x.features.float()
    # Membership as a matrix: sums become products, which are quick and repeat bit by bit.
    member = F.one_hot(x.coords[:, 0], x.batch_size).to(features.dtype)
    share = member / member.sum(dim=0).clamp(min=1)
    centred = features - member @ (share.t() @ features)
    variance = share.t() @ centred.square()
    return centred * (member @ torch.rsqrt(variance + eps))
