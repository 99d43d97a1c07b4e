"""Lovász loss: a smooth stand-in for one minus IoU."""

from __future__ import annotations

import torch
from torch import Tensor

from volseg.geometry.labels import IGNORE
from volseg.train.losses.focal import Kind, check_target, flags


def lovasz_loss(
    logits: Tensor, target: Tensor, *, kind: Kind = "softmax", ignore: int = IGNORE
) -> Tensor:
    """Mean over the classes present of the Lovász extension of the Jaccard loss.

    The errors ``|y - p|`` of a class, largest first, are weighed by how much each adds to
    ``1 - IoU`` when it joins those before it (Berman, Rannen Triki & Blaschko, CVPR 2018,
    equations 8 and 9). Of predictions that are certain it is ``1 - IoU`` itself. The whole batch
    counts as one image. It is computed in float32 at least. Where no class is present the loss
    is 0 with zero gradients.

    Args:
        logits: float (N, C, *grid), or (M, C), the cells of one scan.
        target: int64 class ids (N, *grid). For sigmoid also flags (N, C, *grid).
        kind: softmax where classes exclude each other, sigmoid where they may overlap.
        ignore: target value (a class id, or a flag) that counts nowhere.

    Raises:
        InputError: if shapes of logits and target disagree.
        RuntimeError: torch's own, for a class id outside ``[0, C)`` not ignored.
    """
    check_target(logits, target, kind)
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    chances = logits.softmax(dim=1) if kind == "softmax" else logits.sigmoid()
    positive, counts = (one.transpose(0, 1).flatten(1) for one in flags(logits, target, ignore))
    # What does not count errs by 0 and comes last, where it weighs nothing.
    errors = (positive.float() - chances.transpose(0, 1).flatten(1)).abs() * counts
    errors, order = errors.sort(dim=1, descending=True, stable=True)
    losses = (errors * _steps(positive.gather(1, order))).sum(dim=1)
    present = positive.any(dim=1)
    return (losses * present).sum() / present.sum().clamp_min(1)


def _steps(positive: Tensor) -> Tensor:
    """How much each cell, wrong after those before it, adds to one minus IoU, (C, M)."""
    # Counts in float64: float32 would end at 16 million cells.
    total = positive.sum(dim=1, keepdim=True)
    found = total - positive.cumsum(dim=1)
    union = total + (~positive).cumsum(dim=1)
    losses = 1 - found.double() / union.clamp_min(1)
    return torch.diff(losses, dim=1, prepend=torch.zeros_like(losses[:, :1])).float()
