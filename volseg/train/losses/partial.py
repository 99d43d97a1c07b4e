"""Partial labels: targets that leave open which of several classes a cell is of."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from volseg.geometry.labels import IGNORE

Loss = Callable[[Tensor, Tensor], Tensor]


def partial_loss(loss: Loss, sets: Sequence[Sequence[int]]) -> Loss:
    """A loss of class ids, for targets some of which name a set of classes.

    Of K classes, target ``K + s`` says that a cell is of one of the classes in set ``s``: it
    costs ``-log`` of their summed probability (the marginal loss of Shi et al., Medical Image
    Analysis 70, 2021). Every cell that counts weighs the same in the sum of both losses.

    Args:
        loss: of logits (M, K) and class ids (M,), a mean that leaves out ids of `IGNORE`.
        sets: class ids of each set, one or more.

    Returns:
        The loss of logits (M, K) and ids (M,) up to ``K + len(sets) - 1``.
    """

    def total(logits: Tensor, target: Tensor) -> Tensor:
        classes = logits.shape[1]
        members = torch.zeros(len(sets), classes, dtype=torch.bool, device=logits.device)
        for row, ids in zip(members, sets, strict=True):
            row[list(ids)] = True
        is_open = target >= classes
        counted = (target != IGNORE).sum().clamp_min(1)
        certain = loss(logits, target.where(~is_open, IGNORE))
        chances = F.log_softmax(logits[is_open].float(), dim=1)
        within = members[target[is_open] - classes]
        sums = chances.masked_fill(~within, -torch.inf).logsumexp(dim=1)
        return certain * (1 - is_open.sum() / counted) - sums.sum() / counted

    return total
