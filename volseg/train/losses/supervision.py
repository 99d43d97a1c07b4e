"""Deep supervision: coarser logits learn from the same truth, sampled on their grids."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from volseg.errors import InputError

Loss = Callable[[Tensor, Tensor], Tensor]


def supervised(loss: Loss) -> Callable[[Tensor | Sequence[Tensor], Tensor], Tensor]:
    """A loss of one map of logits, for several: finest first, each half the weight of the last.

    The weights sum to 1 (Lee et al., Deeply-Supervised Nets, 2015; halved as in nnU-Net). Logits
    that are one tensor go straight to the loss.

    Args:
        loss: of logits (N, C, *grid), and targets (N, *grid) or flags (N, C, *grid).

    Returns:
        The loss of a list of logits, finest first, and of the targets on the finest grid. It
        raises InputError where a coarser grid cannot come of the one before by strides.
    """

    def total(logits: Tensor | Sequence[Tensor], target: Tensor) -> Tensor:
        if isinstance(logits, Tensor):
            return loss(logits, target)
        targets = _pyramid(target, [one.shape[2:] for one in logits])
        weights = [0.5**level for level in range(len(logits))]
        terms = [
            weight / sum(weights) * loss(*pair)
            for weight, *pair in zip(weights, logits, targets, strict=True)
        ]
        return torch.stack(terms).sum()

    return total


def _pyramid(target: Tensor, grids: Sequence[Sequence[int]]) -> list[Tensor]:
    """The target (..., *grid) sampled on every grid, finest first."""
    nd = len(grids[0])
    targets = [target] * len(grids)
    for axis in range(-nd, 0):
        places = _places([grid[axis] for grid in grids])
        for level, place in enumerate(places[1:], start=1):
            index = torch.tensor(place, device=target.device)
            targets[level] = targets[level].index_select(axis, index)
    return targets


def _places(sides: Sequence[int]) -> list[list[int]]:
    """For every level of an axis, the finest cell nearest to the middle of each of its cells.

    A stage of stride s has ceil(n / s) cells, and its cell i sees s cells from
    ``s i - floor((s - 1) / 2)`` on: their middle is ``s i`` for odd s and ``s i + 1/2`` for even
    s. Halves are rounded up, and the overhang of the last cell onto the last that is there.
    """
    step, middle = 1, 0.0
    places = [list(range(sides[0]))]
    for before, side in itertools.pairwise(sides):
        # One level at a time, for the stride of many levels does not follow from their sides.
        stride = -(-before // side)
        if -(-before // stride) != side:
            raise InputError(
                f"coarser logits have {side} cells on an axis of {before}; "
                "wanted ceil(n / stride) cells at every stage"
            )
        middle += step * (0.5 if stride % 2 == 0 else 0.0)
        step *= stride
        places.append([min(int(step * i + middle + 0.5), sides[0] - 1) for i in range(side)])
    return places
