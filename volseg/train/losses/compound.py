"""Sums of two losses: one of every cell, one of whole regions."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from volseg.geometry.labels import IGNORE
from volseg.train.losses.dice import dice_loss
from volseg.train.losses.focal import Alpha, Kind, focal_loss


def compound_loss(
    logits: Tensor,
    target: Tensor,
    *,
    region: Callable[..., Tensor] = dice_loss,
    gamma: float = 0.0,
    alpha: Alpha = None,
    kind: Kind = "softmax",
    ignore: int = IGNORE,
) -> Tensor:
    """Focal loss, cross-entropy at gamma 0, plus `dice_loss` or `lovasz_loss` of the batch.

    Args and errors are those of `focal_loss` and of ``region``.
    """
    focal = focal_loss(logits, target, gamma=gamma, alpha=alpha, kind=kind, ignore=ignore)
    return focal + region(logits, target, kind=kind, ignore=ignore)
