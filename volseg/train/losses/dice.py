"""Soft Dice loss."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from volseg.errors import InputError
from volseg.geometry.labels import IGNORE
from volseg.train.losses.focal import Kind, check_target, flags


def dice_loss(
    logits: Tensor,
    target: Tensor,
    *,
    kind: Kind = "softmax",
    ignore: int = IGNORE,
    background: bool = False,
    per: Literal["batch", "sample"] = "batch",
    smooth: float = 1e-5,
) -> Tensor:
    """One minus the mean over classes of soft Dice, ``(2 I + s) / (P + G + s)``.

    ``P`` sums a class's probabilities, ``G`` counts its cells, ``I`` sums its probabilities over
    its cells (after Milletari et al., V-Net, 3DV 2016, with linear sums as in Drozdzal et al.
    2016 and nnU-Net). It is computed in float32 at least. A class absent from the target scores
    ``s / (P + s)``: 1 where it is not predicted, next to 0 where it is, however little. Where
    nothing counts the loss is 0 with zero gradients.

    Args:
        logits: float (N, C, *grid), or (M, C), the cells of one scan.
        target: int64 class ids (N, *grid). For sigmoid also flags (N, C, *grid).
        kind: softmax where classes exclude each other, sigmoid where they may overlap.
        ignore: target value (a class id, or a flag) that counts nowhere.
        background: for softmax of several classes, whether class 0 has a part in the mean.
        per: the sums run over the whole batch, or over each sample, whose Dice are averaged.
        smooth: ``s``, above 0.

    Raises:
        InputError: if smooth is not above 0, or shapes of logits and target disagree.
        RuntimeError: torch's own, for a class id outside ``[0, C)`` not ignored.
    """
    if not smooth > 0:
        raise InputError(f"smooth is {smooth:g}; wanted more than 0")
    check_target(logits, target, kind)
    logits = logits.to(torch.promote_types(logits.dtype, torch.float32))
    chances = logits.softmax(dim=1) if kind == "softmax" else logits.sigmoid()
    positive, counts = flags(logits, target, ignore)
    cells = list(range(2, logits.ndim))
    if per == "batch" or not cells:
        cells = [0, *cells]
    # Products with booleans: on a CPU two to three times as fast, forth and back, as torch.where.
    shared = (chances * positive).sum(cells)
    both = (chances * counts).sum(cells) + positive.sum(cells)
    dice = (2 * shared + smooth) / (both + smooth)
    if kind == "softmax" and not background and logits.shape[1] > 1:
        dice = dice[..., 1:]
    return 1 - dice.mean()
