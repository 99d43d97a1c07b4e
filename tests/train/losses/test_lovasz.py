"""The Lovász loss: one minus IoU of certain predictions, and its definition in between."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.metrics.confusion import Confusion
from volseg.train.losses.lovasz import lovasz_loss

SURE = 200.0


def definition(chances: torch.Tensor, truth: torch.Tensor) -> float:
    """The Lovász extension of one class's Jaccard loss, term by term, in the paper's words."""
    errors = (truth.double() - chances.double()).abs()
    order = sorted(range(len(errors)), key=lambda i: -errors[i].item())
    wrong: set[int] = set()
    before, total = 0.0, 0.0
    inside = {i for i in range(len(truth)) if truth[i]}
    for cell in order:
        wrong.add(cell)
        now = len(wrong) / len(inside | wrong)
        total += errors[cell].item() * (now - before)
        before = now
    return total


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 999), cells=st.integers(1, 40), classes=st.integers(2, 5))
def test_certain_predictions_cost_one_minus_iou(seed: int, cells: int, classes: int) -> None:
    random = torch.Generator().manual_seed(seed)
    target, guess = (torch.randint(classes, (cells,), generator=random) for _ in range(2))
    logits = SURE * torch.nn.functional.one_hot(guess, classes).float()
    confusion = Confusion(classes)
    confusion.update(target.numpy(), guess.numpy())
    present = torch.bincount(target, minlength=classes).numpy() > 0
    wanted = 1 - confusion.scores().iou[present].mean()
    assert lovasz_loss(logits, target).item() == pytest.approx(wanted, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 999), cells=st.integers(1, 30))
def test_it_is_the_mean_of_the_extensions_of_the_classes_present(seed: int, cells: int) -> None:
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(cells, 3, generator=random)
    target = torch.randint(3, (cells,), generator=random)
    chances = logits.softmax(dim=1)
    terms = [definition(chances[:, k], target == k) for k in target.unique().tolist()]
    assert lovasz_loss(logits, target).item() == pytest.approx(sum(terms) / len(terms), abs=1e-5)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 999), kind=st.sampled_from(["softmax", "sigmoid"]))
def test_ignored_cells_change_neither_loss_nor_gradient(seed: int, kind: str) -> None:
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(12, 3, generator=random)
    target = torch.randint(3, (12,), generator=random)
    more = torch.cat((logits, torch.randn(5, 3, generator=random)))
    some, all_of_them = (one.clone().requires_grad_() for one in (logits, more))
    plain = lovasz_loss(some, target, kind=kind)  # type: ignore[arg-type]
    padded = lovasz_loss(all_of_them, torch.cat((target, torch.full((5,), -1))), kind=kind)  # type: ignore[arg-type]
    torch.testing.assert_close(padded, plain)
    plain.backward()
    padded.backward()
    assert some.grad is not None
    assert all_of_them.grad is not None
    torch.testing.assert_close(all_of_them.grad[:12], some.grad)
    assert not all_of_them.grad[12:].any()


def test_regions_are_classes_of_their_own() -> None:
    logits = torch.randn(1, 2, 3, 4, 5, generator=torch.Generator().manual_seed(0))
    flags = (torch.rand(1, 2, 3, 4, 5, generator=torch.Generator().manual_seed(1)) < 0.4).long()
    flags[0, 0, 0, 0, 0] = -1
    counted = (flags[0] != -1).flatten(1)
    terms = [
        definition(logits[0, k].flatten()[counted[k]].sigmoid(), flags[0, k].flatten()[counted[k]])
        for k in range(2)
    ]
    found = lovasz_loss(logits, flags, kind="sigmoid").item()
    assert found == pytest.approx(sum(terms) / 2, abs=1e-6)


@pytest.mark.parametrize("cells", [0, 4])
def test_where_nothing_counts_the_loss_is_0(cells: int) -> None:
    logits = torch.randn(cells, 3, requires_grad=True)
    loss = lovasz_loss(logits, torch.full((cells,), -1))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert not logits.grad.any()


def test_gradients_are_those_of_differences() -> None:
    random = torch.Generator().manual_seed(3)
    logits = torch.randn(9, 4, generator=random, dtype=torch.float64, requires_grad=True)
    target = torch.randint(4, (9,), generator=random)
    assert torch.autograd.gradcheck(lambda x: lovasz_loss(x, target), logits, eps=1e-6, atol=1e-4)


def test_a_target_of_another_shape_is_refused() -> None:
    with pytest.raises(InputError, match="target has shape"):
        lovasz_loss(torch.zeros(4, 3), torch.zeros(5, dtype=torch.int64))
