"""Soft Dice: the formula, what counts and what does not, and gradients."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from volseg.errors import InputError
from volseg.train.losses.compound import compound_loss
from volseg.train.losses.dice import dice_loss

SURE = 50.0

kinds = pytest.mark.parametrize("kind", ["softmax", "sigmoid"])


@pytest.fixture(autouse=True, scope="module")
def _seed() -> None:
    torch.manual_seed(0)


@st.composite
def batches(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Logits (N, C, *grid) and class ids (N, *grid); some or all -1, some classes absent."""
    grid = draw(st.lists(st.integers(1, 6), max_size=3))
    N, C = draw(st.integers(1, 5)), draw(st.integers(1, 6))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    scale = draw(st.sampled_from([0.1, 1.0, 30.0]))
    logits = torch.randn(N, C, *grid, generator=generator) * scale
    target = torch.randint(0, draw(st.integers(1, C)), (N, *grid), generator=generator)
    share = draw(st.sampled_from([0.0, 0.3, 0.9, 1.0]))
    target[torch.rand(target.shape, generator=generator) < share] = -1
    return logits, target


def one_hot(target: Tensor, classes: int) -> Tensor:
    """Flags (N, C, *grid), -1 in all of them where the id is -1."""
    flags = torch.stack([(target == c).long() for c in range(classes)], dim=1)
    return flags.where(target.unsqueeze(1) != -1, -1)


def naive(chances: Tensor, flags: Tensor, first: int, per: str, smooth: float) -> float:
    """The definition over lists of cells, class by class, in float64."""
    rows = [slice(None)] if per == "batch" else [slice(n, n + 1) for n in range(len(chances))]
    scores = []
    for row, c in itertools.product(rows, range(first, chances.shape[1])):
        p, g = chances[row, c].double().numpy().ravel(), flags[row, c].numpy().ravel()
        p, g = p[g != -1], g[g != -1]
        scores.append((2 * p[g == 1].sum() + smooth) / (p.sum() + g.sum() + smooth))
    return 1 - float(np.mean(scores))


def gradient(loss: Tensor, logits: Tensor) -> Tensor:
    (found,) = torch.autograd.grad(loss, logits)
    return found


class TestFormula:
    @given(batches(), st.booleans(), st.sampled_from(["batch", "sample"]))
    @settings(max_examples=100, deadline=None)
    def test_softmax(self, batch: tuple[Tensor, Tensor], background: bool, per: Any) -> None:
        logits, target = batch
        C = logits.shape[1]
        first = 0 if background or C == 1 else 1
        per = per if target.ndim > 1 else "batch"
        wanted = naive(logits.softmax(1), one_hot(target, C), first, per, 1e-5)
        loss = dice_loss(logits, target, background=background, per=per)
        assert loss.item() == pytest.approx(wanted, abs=1e-5)

    @given(batches(), st.sampled_from(["batch", "sample"]), st.sampled_from([1e-5, 1.0]))
    @settings(max_examples=100, deadline=None)
    def test_sigmoid_of_regions(
        self, batch: tuple[Tensor, Tensor], per: Any, smooth: float
    ) -> None:
        logits, _ = batch
        # Every flag is drawn alone: regions overlap, and one may be unknown where others are not.
        generator = torch.Generator().manual_seed(logits.numel())
        flags = torch.randint(-1, 2, logits.shape, generator=generator)
        per = per if logits.ndim > 2 else "batch"
        wanted = naive(logits.sigmoid(), flags, 0, per, smooth)
        loss = dice_loss(logits, flags, kind="sigmoid", per=per, smooth=smooth)
        assert loss.item() == pytest.approx(wanted, abs=1e-5)


class TestBounds:
    @kinds
    @pytest.mark.parametrize("grid", [(40,), (5, 8), (4, 5, 6)])
    def test_from_perfect_to_worst(self, kind: Any, grid: tuple[int, ...]) -> None:
        target = torch.randint(0, 3, (2, *grid))
        right = SURE * (2 * one_hot(target, 3) - 1.0)
        wrong = SURE * (2 * one_hot((target + 1) % 3, 3) - 1.0)
        assert dice_loss(right, target, kind=kind).item() == pytest.approx(0, abs=1e-6)
        assert dice_loss(wrong, target, kind=kind).item() == pytest.approx(1, abs=1e-6)

    def test_an_absent_class_is_right_where_it_is_not_predicted(self) -> None:
        target = torch.zeros(1, 10, dtype=torch.int64)
        nowhere = torch.stack((torch.full((1, 10), SURE), torch.full((1, 10), -SURE)), dim=1)
        assert dice_loss(nowhere, target).item() == pytest.approx(0, abs=1e-6)

    def test_an_absent_class_is_wrong_where_it_is_predicted(self) -> None:
        target = torch.zeros(1, 10, dtype=torch.int64)
        once = SURE * torch.tensor([1.0, -1.0]).reshape(1, 2, 1).repeat(1, 1, 10)
        once[..., 0] *= -1
        loss = dice_loss(once, target, smooth=1e-2)
        assert loss.item() == pytest.approx(1 - 1e-2 / (1 + 1e-2), abs=1e-6)


class TestLaws:
    @kinds
    @pytest.mark.parametrize("per", ["batch", "sample"])
    def test_order_of_cells_and_samples_is_no_matter(self, kind: Any, per: Any) -> None:
        logits, target = torch.randn(3, 4, 50).double(), torch.randint(-1, 4, (3, 50))
        cells, rows = torch.randperm(50), torch.tensor([2, 0, 1])
        here = dice_loss(logits, target, kind=kind, per=per)
        there = dice_loss(logits[rows][..., cells], target[rows][:, cells], kind=kind, per=per)
        torch.testing.assert_close(here, there)

    @kinds
    def test_order_of_classes_is_no_matter(self, kind: Any) -> None:
        logits, target = torch.randn(2, 4, 50).double(), torch.randint(0, 4, (2, 50))
        order = torch.tensor([2, 0, 3, 1])
        options: Any = {"kind": kind, "background": True}
        renamed = order.argsort()[target]
        torch.testing.assert_close(
            dice_loss(logits, target, **options), dice_loss(logits[:, order], renamed, **options)
        )

    @kinds
    @pytest.mark.parametrize("per", ["batch", "sample"])
    def test_a_batch_is_a_list_of_cells(self, kind: Any, per: Any) -> None:
        volume, target = torch.randn(2, 3, 4, 5, 6), torch.randint(-1, 3, (2, 4, 5, 6))
        cells = volume.movedim(1, -1).reshape(-1, 3)
        torch.testing.assert_close(
            dice_loss(volume, target, kind=kind),
            dice_loss(cells, target.ravel(), kind=kind, per=per),
        )

    def test_samples_are_averaged(self) -> None:
        logits, target = torch.randn(3, 4, 9, 9), torch.randint(-1, 4, (3, 9, 9))
        one_by_one = [dice_loss(z[None], t[None]) for z, t in zip(logits, target, strict=True)]
        torch.testing.assert_close(
            dice_loss(logits, target, per="sample"), torch.stack(one_by_one).mean()
        )

    def test_flags_of_exclusive_regions_are_ids(self) -> None:
        logits, target = torch.randn(2, 3, 6, 7), torch.randint(-1, 3, (2, 6, 7))
        ids = dice_loss(logits, target, kind="sigmoid")
        assert torch.equal(ids, dice_loss(logits, one_hot(target, 3), kind="sigmoid"))

    def test_softmax_of_two_classes_is_sigmoid_of_one(self) -> None:
        logits, target = torch.randn(2, 2, 6, 7), torch.randint(-1, 2, (2, 6, 7))
        margin = logits[:, 1:] - logits[:, :1]
        torch.testing.assert_close(
            dice_loss(logits, target), dice_loss(margin, target.unsqueeze(1), kind="sigmoid")
        )

    def test_the_background_is_left_out_by_default(self) -> None:
        logits, target = torch.randn(2, 3, 30), torch.randint(0, 3, (2, 30))
        foreground = dice_loss(
            logits.softmax(1).logit()[:, 1:], one_hot(target, 3)[:, 1:], kind="sigmoid"
        )
        torch.testing.assert_close(dice_loss(logits, target), foreground)
        assert not torch.isclose(dice_loss(logits, target, background=True), foreground, atol=1e-4)


class TestIgnored:
    @kinds
    def test_they_count_nowhere(self, kind: Any) -> None:
        logits = torch.randn(2, 3, 5, 6, requires_grad=True)
        target = torch.randint(-1, 3, (2, 5, 6))
        ignored = (target == -1).unsqueeze(1).expand_as(logits)
        loss = dice_loss(logits, target, kind=kind)
        assert (gradient(loss, logits)[ignored] == 0).all()
        assert (gradient(dice_loss(logits, target, kind=kind), logits)[~ignored] != 0).any()
        other = torch.where(ignored, torch.randn(logits.shape), logits)
        assert dice_loss(other, target, kind=kind).item() == loss.item()

    def test_single_flags(self) -> None:
        logits = torch.randn(2, 3, 20, requires_grad=True)
        flags = torch.randint(-1, 2, logits.shape)
        found = gradient(dice_loss(logits, flags, kind="sigmoid"), logits)
        assert torch.equal(found != 0, flags != -1)

    @pytest.mark.parametrize("ignore", [255, 2, 0])
    def test_another_ignored_id(self, ignore: int) -> None:
        logits, target = torch.randn(2, 3, 20), torch.randint(0, 3, (2, 20))
        target[:, ::4] = ignore
        marked = target.where(target != ignore, -1)
        assert torch.equal(dice_loss(logits, target, ignore=ignore), dice_loss(logits, marked))

    @kinds
    @pytest.mark.parametrize("shape", [(7,), (2, 3, 4), (0,), (0, 4)])
    @pytest.mark.parametrize("loss", [dice_loss, compound_loss])
    def test_nothing_to_learn_from_is_zero(
        self, loss: Any, kind: Any, shape: tuple[int, ...]
    ) -> None:
        logits = torch.randn(shape[0], 3, *shape[1:], requires_grad=True)
        value = loss(logits, torch.full(shape, -1), kind=kind)
        assert value.item() == 0
        assert (gradient(value, logits) == 0).all()


class TestGradients:
    @kinds
    @pytest.mark.parametrize("per", ["batch", "sample"])
    @pytest.mark.parametrize("loss", ["dice", "compound"])
    def test_finite_differences(self, kind: Any, per: Any, loss: str) -> None:
        logits = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
        target = torch.tensor([[0, 1, 2, -1], [2, -1, 1, 0]])

        def value(z: Tensor) -> Tensor:
            if loss == "dice":
                return dice_loss(z, target, kind=kind, per=per)
            return compound_loss(z, target, gamma=2.0, kind=kind)

        assert torch.autograd.gradcheck(value, (logits,))

    @kinds
    @pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
    def test_huge_logits(self, kind: Any, dtype: torch.dtype) -> None:
        logits = torch.tensor([[1e4, -1e4], [-1e4, 1e4], [1e4, 1e4]], dtype=dtype)
        logits.requires_grad_()
        loss = dice_loss(logits, torch.zeros(3, dtype=torch.int64), kind=kind)
        assert loss.dtype == torch.float32
        assert loss.isfinite()
        assert gradient(loss, logits).isfinite().all()

    @kinds
    def test_half_precision_is_computed_in_float32(self, kind: Any) -> None:
        logits, target = torch.randn(2, 3, 9, 9).bfloat16(), torch.randint(0, 3, (2, 9, 9))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = compound_loss(logits.requires_grad_(), target, kind=kind)
        assert torch.equal(loss, compound_loss(logits.float(), target, kind=kind))
        assert gradient(loss, logits).dtype == torch.bfloat16

    @kinds
    def test_memory_layout_is_no_matter(self, kind: Any) -> None:
        planar, target = torch.randn(2, 3, 4, 5, 6), torch.randint(-1, 3, (2, 4, 5, 6))
        pair = [planar, planar.contiguous(memory_format=torch.channels_last_3d)]
        found = [gradient(compound_loss(z.requires_grad_(), target, kind=kind), z) for z in pair]
        torch.testing.assert_close(*found)


class TestBadInput:
    @pytest.mark.parametrize("smooth", [0.0, -1.0, float("nan")])
    def test_smooth(self, smooth: float) -> None:
        with pytest.raises(InputError, match="wanted more than 0"):
            dice_loss(torch.zeros(2, 3), torch.tensor([0, 1]), smooth=smooth)

    @pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 1)])
    def test_target_of_another_shape(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(InputError, match="target has shape"):
            dice_loss(torch.zeros(2, 3), torch.zeros(shape, dtype=torch.int64))

    @kinds
    @pytest.mark.parametrize("wrong", [3, -2])
    def test_ids_out_of_range_are_not_silent(self, kind: Any, wrong: int) -> None:
        with pytest.raises(RuntimeError, match="out of bounds"):
            dice_loss(torch.zeros(2, 3), torch.tensor([0, wrong]), kind=kind)
