"""The head of a network that learns objects: its channels part without rest, its border counts."""

from __future__ import annotations

import pytest
import torch

from volseg.data.objects import ObjectHead


@pytest.mark.parametrize("nd", [2, 3])
@pytest.mark.parametrize("bordered", [(), (1,), (1, 2)])
def test_channels_part_without_rest(nd: int, bordered: tuple[int, ...]) -> None:
    head = ObjectHead(3, (1.0, 2.0, 3.0), nd, bordered)
    output = torch.randn(2, head.channels, *(4, 5, 6)[:nd])
    classes, ways, doubt = head.split(output)
    assert classes.shape[1] == head.logits == 3 + bool(bordered)
    assert ways.shape[1] == nd
    assert torch.equal(torch.cat((classes, ways, doubt.unsqueeze(1)), dim=1), output)


def test_the_border_is_of_the_likeliest_thing_and_no_probability_is_lost() -> None:
    torch.manual_seed(0)
    head = ObjectHead(4, (1.0,) * 4, 2, (1, 3))
    logits = torch.randn(2, head.logits, 5, 6, dtype=torch.float64)
    folded = head.fold(logits)
    torch.testing.assert_close(folded.logsumexp(dim=1), logits.logsumexp(dim=1))
    changed = folded != logits[:, :4]
    assert (changed.sum(dim=1) == 1).all()
    assert not changed[:, [0, 2]].any()
    likeliest = torch.where(logits[:, 1] > logits[:, 3], 1, 3)
    assert torch.equal(changed.long().argmax(dim=1), likeliest)


def test_the_border_is_as_probable_as_among_its_own_things() -> None:
    torch.manual_seed(0)
    head = ObjectHead(4, (1.0,) * 4, 2, (1, 3))
    logits = torch.randn(2, head.logits, 5, 6, dtype=torch.float64)
    among = logits[:, [1, 3, 4]].softmax(dim=1)[:, -1]
    torch.testing.assert_close(head.border(logits), among)


def test_without_a_border_nothing_is_folded() -> None:
    logits = torch.randn(1, 2, 3)
    assert ObjectHead(2, (1.0, 1.0), 1).fold(logits) is logits
