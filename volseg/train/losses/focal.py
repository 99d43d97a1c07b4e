"""One focal loss for every task; cross-entropy is the focal loss at gamma 0."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from volseg.errors import InputError
from volseg.geometry.labels import IGNORE

Alpha = float | Sequence[float] | Tensor | None
Kind = Literal["softmax", "sigmoid"]
Reduction = Literal["mean", "sum", "none"]

# Added to the share before the logarithm: a class that fills the scene weighs 1 / ln(2.2), a
# vanishing one 1 / ln(1.2). ENet has 1.02, whose far larger weights cost precision of rare classes
# (measured on Oakland: docs/benchmarks.md).
SHARE_OFFSET = 1.2


def focal_loss(
    logits: Tensor,
    target: Tensor,
    *,
    gamma: float = 2.0,
    alpha: Alpha = None,
    kind: Kind = "softmax",
    ignore: int = IGNORE,
    reduction: Reduction = "mean",
) -> Tensor:
    """Focal loss, ``-(1 - p_t)^gamma * alpha_t * log(p_t)`` (Lin et al., ICCV 2017).

    It is computed in float32 at least, whatever the precision of the logits. At ``gamma = 0``
    softmax gives ``torch.nn.functional.cross_entropy(weight=alpha)`` to the last bit, and
    sigmoid gives ``binary_cross_entropy_with_logits``. There is one difference: where nothing
    counts (all targets ignored, of zero weight, or none at all) the mean is 0 with zero
    gradients, not NaN.

    Args:
        logits: float (N, C, *grid) or (N, C).
        target: int64 class ids (N, *grid). For sigmoid also a multi-hot bool, float or int
            (N, C, *grid) of zeros and ones.
        gamma: focusing exponent, at least 0; 0 is cross-entropy.
        alpha: one weight a class, (C,), or a scalar. For softmax a scalar multiplies the loss;
            for sigmoid it weighs the positives, and ``1 - alpha`` the negatives.
        kind: softmax where classes exclude each other, sigmoid where they may overlap.
        ignore: target value (a class id, or an entry of a multi-hot) that counts nowhere.
        reduction: ``"none"`` keeps the shape of the terms, (N, *grid) for softmax and
            (N, C, *grid) for sigmoid, with 0 where ignored. ``"mean"`` divides as torch does:
            softmax by the summed class weights of the targets that count, sigmoid by the
            number of terms that count.

    Raises:
        InputError: if gamma is negative, or shapes of logits, target and alpha disagree.
        IndexError, RuntimeError: torch's own, for a class id outside ``[0, C)`` not ignored.
    """
    if not gamma >= 0:
        raise InputError(f"gamma is {gamma:g}; wanted 0 or more")
    check_target(logits, target, kind)
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    scale, weight = _split_alpha(alpha, logits)
    if kind == "softmax":
        loss = _softmax_focal(logits, target, gamma, weight, ignore, reduction)
        return loss if scale is None else scale * loss
    return _sigmoid_focal(logits, target, gamma, scale, weight, ignore, reduction)


cross_entropy = functools.partial(focal_loss, gamma=0.0)
"""`focal_loss` at gamma 0."""


def class_weights(counts: Tensor | NDArray[np.integer[Any]]) -> Tensor:
    """Log-frequency weights, ``1 / ln(1.2 + p)``: what ``alpha: balanced`` means.

    ``p`` is the class's share of all labels (after Paszke et al., ENet, 2016). The weights of the
    classes present have mean 1, so that the learning rate keeps its meaning. An absent class
    gets weight 1: it is neither silenced nor blown up should it turn up later. Counts of
    streams add up, so one pass over the data, in any order, is enough.

    Args:
        counts: int64 (K,), labels of each class, ignored ones left out.

    Returns:
        float32 (K,), on the CPU.

    Raises:
        InputError: if a count is negative or there are no labels at all.
    """
    labels = torch.as_tensor(counts).to("cpu", torch.float64)
    if labels.ndim != 1 or (labels < 0).any():
        raise InputError(f"label counts are {labels.tolist()}; wanted one count a class, 0 or more")
    present = labels > 0
    if not present.any():
        raise InputError(
            "no labelled point to balance classes by; check 'ignore' and the label map"
        )
    weights = 1 / torch.log(SHARE_OFFSET + labels / labels.sum())
    return torch.where(present, weights / weights[present].mean(), 1.0).float()


def check_target(logits: Tensor, target: Tensor, kind: Kind) -> None:
    """Raise unless the target has one class id a cell, or for sigmoid one flag a logit."""
    if logits.ndim < 2:
        raise InputError(f"logits have shape {tuple(logits.shape)}; wanted (N, C, *grid)")
    ids = (logits.shape[0], *logits.shape[2:])
    wanted = [ids, tuple(logits.shape)] if kind == "sigmoid" else [ids]
    if tuple(target.shape) not in wanted:
        raise InputError(
            f"target has shape {tuple(target.shape)} for logits of {tuple(logits.shape)}; "
            f"wanted {' or '.join(map(str, wanted))}"
        )


def flags(logits: Tensor, target: Tensor, ignore: int) -> tuple[Tensor, Tensor]:
    """Which logits stand for what is there, and which count.

    Args:
        logits: (N, C, *grid).
        target: class ids (N, *grid), or flags (N, C, *grid).
        ignore: target value that counts nowhere.

    Returns:
        Two of bool (N, C, *grid): positive (and counted), and counted.

    Raises:
        RuntimeError: torch's own, for a class id outside ``[0, C)`` not ignored.
    """
    counts = target != ignore
    if target.ndim == logits.ndim:
        return (target != 0) & counts, counts
    counts = counts.unsqueeze(1)
    nowhere = torch.zeros(logits.shape, dtype=torch.bool, device=logits.device)
    positive = nowhere.scatter_(1, target.unsqueeze(1).where(counts, 0), counts)
    return positive, counts.expand_as(logits)


def _softmax_focal(
    logits: Tensor,
    target: Tensor,
    gamma: float,
    weight: Tensor | None,
    ignore: int,
    reduction: Reduction,
) -> Tensor:
    """Modulate every log-probability; torch's NLL picks the target's, weighs and reduces."""
    terms = F.log_softmax(logits, dim=1)
    if gamma:
        # expm1 keeps the digits of 1 - p near p = 1; at p = 1 itself a power below 1 has no
        # finite slope, which the floor hides behind clamp's zero gradient.
        misses = (-torch.expm1(terms)).clamp_min(torch.finfo(terms.dtype).tiny)
        terms = misses.pow(gamma) * terms
    if reduction != "mean":
        return F.nll_loss(terms, target, weight, ignore_index=ignore, reduction=reduction)
    counts = target != ignore
    if weight is not None:
        counts = counts & (weight[target.where(counts, 0)] > 0)
    # Without a device-to-host copy: an empty mean is NaN, replaced here, and its gradient is
    # zero because no target is left that counts.
    empty = ~counts.any()
    mean = F.nll_loss(terms, target.where(~empty, ignore), weight, ignore_index=ignore)
    return torch.where(empty, 0.0, mean)


def _sigmoid_focal(
    logits: Tensor,
    target: Tensor,
    gamma: float,
    scale: Tensor | None,
    weight: Tensor | None,
    ignore: int,
    reduction: Reduction,
) -> Tensor:
    """One binary focal loss a class, in log space: ``ln(1 - p_t)`` is ``logsigmoid(-z_t)``."""
    positive, counts = flags(logits, target, ignore)
    signed = torch.where(positive, logits, -logits)
    terms = -torch.exp(gamma * F.logsigmoid(-signed)) * F.logsigmoid(signed)
    if scale is not None:
        terms = terms * torch.where(positive, scale, 1 - scale)
    if weight is not None:
        terms = terms * weight.reshape(-1, *[1] * (logits.ndim - 2))
    terms = torch.where(counts, terms, 0.0)
    if reduction == "none":
        return terms
    return terms.sum() if reduction == "sum" else terms.sum() / counts.sum().clamp_min(1)


def _split_alpha(alpha: Alpha, logits: Tensor) -> tuple[Tensor | None, Tensor | None]:
    """Alpha as a scalar () or as weights (C,) beside the logits; the other is None."""
    if alpha is None:
        return None, None
    values = torch.as_tensor(alpha, dtype=logits.dtype)
    if values.ndim == 0:
        return values, None
    if values.shape != logits.shape[1:2]:
        raise InputError(
            f"alpha has shape {tuple(values.shape)} for {logits.shape[1]} classes; "
            "wanted a scalar or one weight a class"
        )
    return None, values.to(logits.device)
