"""Losses of objects: what an object weighs, and doubt that pays where it is due."""

from __future__ import annotations

import torch

from volseg.data.objects import ObjectHead
from volseg.train.losses.focal import focal_loss
from volseg.train.losses.objects import centre_loss, object_loss


def sample():
    torch.manual_seed(0)
    numbers = torch.zeros(2, 8, 8, dtype=torch.int64)
    numbers[0, :2, :2], numbers[0, 4:, 4:], numbers[1, 1:7, 3] = 1, 2, 1
    return torch.randn(2, 2, 8, 8), torch.randn(2, 8, 8), torch.randn(2, 2, 8, 8), numbers


def test_an_object_weighs_as_the_root_of_its_cells():
    ways, doubt, target, numbers = sample()
    objects = ((0, 1), (0, 2), (1, 1))
    alone = [
        centre_loss(
            ways[b : b + 1], doubt[b : b + 1], target[b : b + 1],
            torch.where(numbers[b : b + 1] == k, 1, 0),
        )
        for b, k in objects
    ]  # fmt: skip
    weights = torch.tensor([float((numbers[b] == k).sum()) for b, k in objects]).sqrt()
    together = centre_loss(ways, doubt, target, numbers)
    torch.testing.assert_close(together, (weights * torch.stack(alone)).sum() / weights.sum())


def test_ways_learn_by_their_distance_whatever_the_doubt():
    ways, doubt, target, numbers = sample()
    slopes = []
    for s in (-3.0, 0.0, 3.0):
        free = ways.clone().requires_grad_()
        centre_loss(free, doubt * 0 + s, target, numbers).backward()
        slopes.append(free.grad)
    torch.testing.assert_close(slopes[0], slopes[1])
    torch.testing.assert_close(slopes[2], slopes[1])


def test_cells_in_a_list_are_as_cells_on_a_grid():
    ways, doubt, target, numbers = (x[:1] for x in sample())
    flat = [x.movedim(1, -1).reshape(-1, 2) for x in (ways, target)]
    listed = centre_loss(flat[0], doubt.flatten(), flat[1], numbers.flatten())
    torch.testing.assert_close(listed, centre_loss(ways, doubt, target, numbers))


def test_the_best_doubt_is_the_error():
    numbers = torch.ones(1, 4, dtype=torch.int64)
    ways, target = torch.zeros(1, 1, 4), torch.full((1, 1, 4), 1.05)
    losses = {
        s: float(centre_loss(ways, torch.full((1, 4), s), target, numbers))
        for s in (-2.0, 0.0, 2.0)
    }
    assert min(losses, key=losses.__getitem__) == 0.0


def test_without_objects_nothing_is_learnt_of_them():
    ways = torch.randn(1, 2, 3, 3, requires_grad=True)
    none = torch.zeros(1, 3, 3, dtype=torch.int64)
    loss = centre_loss(ways, torch.zeros(1, 3, 3), torch.zeros(1, 2, 3, 3), none)
    loss.backward()
    assert loss == 0
    assert (ways.grad == 0).all()


def test_border_is_a_class_of_its_own():
    head = ObjectHead(2, (1.0, 3.0), 2, (1,))
    output = torch.randn(1, head.channels, 4, 4)
    target = torch.zeros(1, 4, 4, 4)
    target[0, 0, 1:3] = 1  # the thing
    target[0, 1, 1:3] = torch.tensor([[1.0], [-1.0]])
    ids = target[:, 0].long()
    ids[0, 2] = 2
    total = object_loss(focal_loss, head, balance=0.0)(output, target)
    torch.testing.assert_close(total, focal_loss(output[:, :3], ids))


def test_folding_keeps_the_probability_of_everything():
    head = ObjectHead(3, (1.0, 3.0, 2.0), 2, (1, 2))
    logits = torch.randn(2, 4, 5, 5)
    folded, plain = head.fold(logits).exp(), logits.exp()
    torch.testing.assert_close(folded.sum(1), plain.sum(1))
    torch.testing.assert_close(folded[:, 0], plain[:, 0])
