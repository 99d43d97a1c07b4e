"""Losses of objects: classes with their borders, and votes for centres."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from volseg.data.objects import ObjectHead

Loss = Callable[[Tensor, Tensor], Tensor]

MOST_DOUBT = 4.0
"""Bounds of the logarithm of how far a way may be off: a hundredth of the scale to fifty of it."""


def object_loss(classes: Loss, head: ObjectHead, *, balance: float = 0.5) -> Loss:
    """The loss of classes plus that of votes for centres.

    Args:
        classes: of logits (N, C, *grid) or (M, C) and ids (N, *grid) or (M,); the border is the
            last class where the head has one.
        head: which channels say what.
        balance: weight of the votes.

    Returns:
        The loss of outputs (N, channels, *grid), or (M, channels), and of targets
        (N, 2 + nd, *grid), or (M, 2 + nd), as `pack_targets` makes them.
    """

    def total(output: Tensor, target: Tensor) -> Tensor:
        said = head.split(output)
        ids, numbers = target[:, 0].long(), target[:, 1].long()
        at_border = numbers < 0
        if head.bordered:
            bordered = torch.isin(ids, torch.tensor(head.bordered, device=ids.device))
            ids = torch.where(at_border & bordered, head.classes, ids)
        votes = centre_loss(said.ways, said.doubt, target[:, 2:], numbers.abs())
        return classes(said.classes, ids) + balance * votes

    return total


def centre_loss(ways: Tensor, doubt: Tensor, target: Tensor, numbers: Tensor) -> Tensor:
    """How far votes fall from centres: smooth L1 weighed by doubt, by objects and not by cells.

    A cell's term is ``exp(-s) d + s``, for the distance ``d`` summed over axes and a log-doubt
    ``s`` (Kendall & Gal, NeurIPS 2017, for Laplace's distribution): a network may admit that it
    does not know, at a cost. Ways learn by ``d`` alone, whatever the doubt: else a network that is
    wrong at first would rather doubt for good than learn (Seitzer et al., ICLR 2022), and objects
    of a few cells, of which it is sure, would drown all others. Terms are averaged over the cells
    of an object, then over objects, which weigh as the root of their cells: of a scan's objects
    most are far away, of a cell or two, and there is little to learn from them.
    Where there is no object the loss is 0 with zero gradients.

    Args:
        ways: (N, nd, *grid), or (M, nd), in units of the class's scale.
        doubt: (N, *grid), or (M,).
        target: as ``ways``.
        numbers: of objects, int64 (N, *grid) or (M,), 0 in none; those of two samples differ.
    """
    distance = F.smooth_l1_loss(ways.float(), target, reduction="none", beta=0.1).sum(dim=1)
    doubt = doubt.float().clamp(-MOST_DOUBT, MOST_DOUBT)
    # The same value as of Kendall & Gal; only the gradient of ways differs.
    held = distance.detach()
    terms = torch.exp(-doubt) * held + doubt + (distance - held)
    samples = torch.arange(len(numbers), device=numbers.device) if numbers.ndim > 1 else None
    keys = numbers
    if samples is not None:
        keys = numbers + samples.view(-1, *[1] * (numbers.ndim - 1)) * (numbers.max() + 1)
    inside = numbers > 0
    _, of = torch.unique(keys[inside], return_inverse=True)
    if not len(of):
        return terms.sum() * 0.0
    sums = terms.new_zeros(int(of.max()) + 1)
    cells = torch.bincount(of)
    means, weights = sums.index_add(0, of, terms[inside]) / cells, cells.sqrt()
    return (weights * means).sum() / weights.sum()
