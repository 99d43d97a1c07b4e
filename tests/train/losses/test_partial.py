"""Partial labels: the loss of a set is that of its classes made one."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from volseg.geometry import IGNORE
from volseg.train.losses.focal import cross_entropy
from volseg.train.losses.lovasz import lovasz_loss
from volseg.train.losses.partial import partial_loss

SETS = ((1, 3), (0, 2, 3))


def made(high: int) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(200, 4, generator=random)
    return logits, torch.randint(IGNORE, high, (200,), generator=random)


def test_without_sets_among_the_targets_it_is_the_loss_itself() -> None:
    logits, target = made(4)
    for loss in (cross_entropy, lovasz_loss):
        torch.testing.assert_close(partial_loss(loss, SETS)(logits, target), loss(logits, target))


def test_a_set_costs_what_its_classes_made_one_would() -> None:
    logits, _ = made(4)
    target = torch.full((200,), 4)
    merged = torch.stack((logits[:, [1, 3]].logsumexp(1), logits[:, 0], logits[:, 2]), dim=1)
    wanted = F.cross_entropy(merged, torch.zeros(200, dtype=torch.int64))
    torch.testing.assert_close(partial_loss(cross_entropy, SETS)(logits, target), wanted)


def test_every_cell_that_counts_weighs_the_same() -> None:
    logits, target = made(6)
    loss = partial_loss(cross_entropy, SETS)
    alone = torch.stack([loss(logits[[i]], target[[i]]) for i in range(200)])
    counted = target != IGNORE
    torch.testing.assert_close(loss(logits, target), alone[counted].mean())


def test_a_set_of_all_classes_teaches_nothing() -> None:
    logits, target = made(4)
    everything = partial_loss(cross_entropy, [(0, 1, 2, 3)])
    logits.requires_grad_()
    loss = everything(logits, torch.full_like(target, 4))
    (slope,) = torch.autograd.grad(loss, logits)
    torch.testing.assert_close((loss, slope.abs().max()), (torch.zeros(()), torch.zeros(())))


@pytest.mark.parametrize("ids", [[IGNORE], [4], [IGNORE, 5, 0]])
def test_gradients_are_finite_and_ignored_cells_have_none(ids: list[int]) -> None:
    target = torch.tensor(ids)
    logits = torch.tensor([[80.0, -80.0, 0.0, 2.0]] * len(ids), requires_grad=True)
    loss = partial_loss(cross_entropy, SETS)(logits, target)
    (slope,) = torch.autograd.grad(loss, logits)
    assert slope.isfinite().all()
    assert (slope[target == IGNORE] == 0).all()
