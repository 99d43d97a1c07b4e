"""The focal loss: cross-entropy at gamma 0, the formula, and its gradients."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from volseg.errors import InputError
from volseg.train.losses.focal import class_weights, cross_entropy, focal_loss


@pytest.fixture(autouse=True, scope="module")
def _seed() -> None:
    torch.manual_seed(0)


@st.composite
def batches(draw: st.DrawFn) -> tuple[Tensor, Tensor]:
    """Logits (N, C, *grid) and class ids (N, *grid), some or all of them -1."""
    grid = draw(st.lists(st.integers(1, 5), max_size=3))
    N, C = draw(st.integers(1, 40)), draw(st.integers(1, 6))
    generator = torch.Generator().manual_seed(draw(st.integers(0, 2**31)))
    scale = draw(st.sampled_from([0.1, 1.0, 30.0]))
    logits = torch.randn(N, C, *grid, generator=generator) * scale
    target = torch.randint(0, C, (N, *grid), generator=generator)
    share = draw(st.sampled_from([0.0, 0.3, 0.9]))
    target[torch.rand(target.shape, generator=generator) < share] = -1
    return logits, target


def weights_of(classes: int) -> Tensor:
    return torch.linspace(0.3, 2.1, classes)


def naive_softmax(logits: Tensor, target: Tensor, gamma: float) -> np.ndarray[Any, Any]:
    """Lin's formula cell by cell, in float64; NaN where ignored."""
    z = logits.double().numpy()
    terms = np.full(target.shape, np.nan)
    for cell in np.ndindex(*target.shape):
        if (true := int(target[cell])) >= 0:
            scores = z[(cell[0], slice(None), *cell[1:])]
            p = math.exp(scores[true]) / sum(math.exp(score) for score in scores)
            terms[cell] = -((1 - p) ** gamma) * math.log(p)
    return terms


def torchvision_sigmoid(logits: Tensor, flags: Tensor, alpha: float, gamma: float) -> Tensor:
    """The formula of torchvision.ops.sigmoid_focal_loss, without reduction."""
    p, t = logits.sigmoid(), flags.to(logits.dtype)
    p_t, alpha_t = p * t + (1 - p) * (1 - t), alpha * t + (1 - alpha) * (1 - t)
    entropy = F.binary_cross_entropy_with_logits(logits, t, reduction="none")
    return alpha_t * (1 - p_t) ** gamma * entropy


class TestGammaZeroIsCrossEntropy:
    @given(batches(), st.booleans(), st.sampled_from(["mean", "sum", "none"]))
    @settings(max_examples=150, deadline=None)
    def test_to_the_last_bit(
        self, batch: tuple[Tensor, Tensor], weighted: bool, reduction: Any
    ) -> None:
        logits, target = batch
        weight = weights_of(logits.shape[1]) if weighted else None
        pair = [logits.clone().requires_grad_() for _ in range(2)]
        ours = cross_entropy(pair[0], target, alpha=weight, reduction=reduction)
        torchs = F.cross_entropy(
            pair[1], target, weight=weight, ignore_index=-1, reduction=reduction
        )
        if (target == -1).all() and reduction == "mean":
            assert torchs.isnan()
            assert ours.item() == 0
            return
        assert torch.equal(ours, torchs)
        gradients = [
            torch.autograd.grad(loss.sum(), leaf)[0]
            for loss, leaf in zip((ours, torchs), pair, strict=True)
        ]
        assert torch.equal(*gradients)

    @given(batches())
    @settings(max_examples=50, deadline=None)
    def test_sigmoid_is_binary_cross_entropy(self, batch: tuple[Tensor, Tensor]) -> None:
        logits, target = batch
        flags = torch.stack([target == c for c in range(logits.shape[1])], dim=1)
        counted = (target != -1).unsqueeze(1).expand_as(logits)
        ours = cross_entropy(logits, target, kind="sigmoid", reduction="sum")
        terms = F.binary_cross_entropy_with_logits(logits, flags.float(), reduction="none")
        torch.testing.assert_close(ours, terms[counted].sum())
        if counted.any():
            mean = cross_entropy(logits, target, kind="sigmoid")
            torch.testing.assert_close(mean, terms[counted].mean())

    def test_another_ignored_id(self) -> None:
        logits, target = torch.randn(50, 3), torch.randint(0, 3, (50,))
        target[::4] = 255
        ours = cross_entropy(logits, target, ignore=255)
        assert torch.equal(ours, F.cross_entropy(logits, target, ignore_index=255))


class TestFormula:
    @given(batches(), st.sampled_from([0.5, 1.0, 2.0, 3.3]))
    @settings(max_examples=60, deadline=None)
    def test_softmax(self, batch: tuple[Tensor, Tensor], gamma: float) -> None:
        logits, target = batch
        wanted = naive_softmax(logits, target, gamma)
        known = ~np.isnan(wanted)
        close: Any = {"rtol": 1e-4, "atol": 1e-5}
        terms = focal_loss(logits, target, gamma=gamma, reduction="none").numpy()
        np.testing.assert_allclose(terms[known], wanted[known], **close)
        assert (terms[~known] == 0).all()
        if not known.any():
            return
        mean = focal_loss(logits, target, gamma=gamma).item()
        np.testing.assert_allclose(mean, wanted[known].mean(), **close)
        tripled = focal_loss(logits, target, gamma=gamma, alpha=3.0).item()
        np.testing.assert_allclose(tripled, 3 * wanted[known].mean(), **close)
        weight = weights_of(logits.shape[1])
        each = weight.numpy()[target.numpy()[known]]
        weighted = focal_loss(logits, target, gamma=gamma, alpha=weight).item()
        np.testing.assert_allclose(weighted, np.average(wanted[known], weights=each), **close)

    @given(st.integers(0, 2**31), st.sampled_from([0.1, 0.25, 0.9]), st.sampled_from([0.5, 2, 5]))
    @settings(max_examples=40, deadline=None)
    def test_sigmoid_of_overlapping_classes(self, seed: int, alpha: float, gamma: float) -> None:
        generator = torch.Generator().manual_seed(seed)
        logits = 4 * torch.randn(3, 4, 5, 6, generator=generator, dtype=torch.float64)
        flags = torch.rand(logits.shape, generator=generator) < 0.4
        options: Any = {"alpha": alpha, "gamma": gamma, "kind": "sigmoid", "reduction": "none"}
        wanted = torchvision_sigmoid(logits, flags, alpha, gamma)
        for target in (flags, flags.float(), flags.long()):
            torch.testing.assert_close(focal_loss(logits, target, **options), wanted)

    def test_ignored_flags_count_nowhere(self) -> None:
        logits = torch.randn(6, 3, 4)
        flags = (torch.rand(logits.shape) < 0.5).float()
        flags[torch.rand(logits.shape) < 0.3] = -1
        known = flags != -1
        terms = torchvision_sigmoid(logits, flags, 0.25, 2.0)[known]
        options: Any = {"alpha": 0.25, "kind": "sigmoid"}
        torch.testing.assert_close(focal_loss(logits, flags, **options), terms.mean())
        total = focal_loss(logits, flags, reduction="sum", **options)
        torch.testing.assert_close(total, terms.sum())

    def test_easy_points_fade_as_gamma_grows(self) -> None:
        easy, hard = torch.tensor([[3.0, 0.0]]), torch.tensor([[0.0, 3.0]])
        target = torch.tensor([0])
        shares = [
            focal_loss(easy, target, gamma=g).item() / focal_loss(hard, target, gamma=g).item()
            for g in (0.0, 0.5, 1.0, 2.0, 5.0)
        ]
        assert shares == sorted(shares, reverse=True)


class TestLaws:
    @pytest.mark.parametrize("kind", ["softmax", "sigmoid"])
    def test_order_of_points_is_no_matter(self, kind: Any) -> None:
        logits, target = torch.randn(500, 5, dtype=torch.float64), torch.randint(-1, 5, (500,))
        order = torch.randperm(500)
        options: Any = {"kind": kind, "alpha": weights_of(5)}
        here = focal_loss(logits, target, **options)
        torch.testing.assert_close(here, focal_loss(logits[order], target[order], **options))
        terms = focal_loss(logits, target, reduction="none", **options)
        shuffled = focal_loss(logits[order], target[order], reduction="none", **options)
        assert torch.equal(terms[order], shuffled)

    @pytest.mark.parametrize("kind", ["softmax", "sigmoid"])
    def test_grids_are_lists_of_points(self, kind: Any) -> None:
        volume, target = torch.randn(2, 3, 4, 5, 6), torch.randint(-1, 3, (2, 4, 5, 6))
        points = volume.movedim(1, -1).reshape(-1, 3)
        torch.testing.assert_close(
            focal_loss(volume, target, kind=kind), focal_loss(points, target.ravel(), kind=kind)
        )

    @pytest.mark.parametrize("kind", ["softmax", "sigmoid"])
    @pytest.mark.parametrize("reduction", ["mean", "sum"])
    @pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0, 3.3])
    @pytest.mark.parametrize("alpha", [None, 0.25, (0.5, 1.0, 2.0)])
    def test_gradients(self, kind: Any, reduction: Any, gamma: float, alpha: Any) -> None:
        logits = torch.randn(2, 3, 4, dtype=torch.float64, requires_grad=True)
        target = torch.tensor([[0, 1, 2, -1], [2, -1, 1, 0]])

        def loss(z: Tensor) -> Tensor:
            return focal_loss(z, target, kind=kind, reduction=reduction, gamma=gamma, alpha=alpha)

        assert torch.autograd.gradcheck(loss, (logits,))

    @pytest.mark.parametrize("kind", ["softmax", "sigmoid"])
    def test_ignored_points_get_no_gradient(self, kind: Any) -> None:
        logits = torch.randn(4, 3, requires_grad=True)
        focal_loss(logits, torch.tensor([0, -1, 2, -1]), kind=kind).backward()  # type: ignore[no-untyped-call]
        assert logits.grad is not None
        assert (logits.grad[1::2] == 0).all()
        assert (logits.grad[::2] != 0).all()


class TestClassWeights:
    def test_formula(self) -> None:
        weights = class_weights(torch.tensor([900, 90, 10, 0]))
        raw = np.array([1 / math.log(1.2 + p) for p in (0.9, 0.09, 0.01)])
        np.testing.assert_allclose(weights, [*raw / raw.mean(), 1], rtol=1e-6)
        assert weights.dtype == torch.float32

    @given(st.lists(st.just(0) | st.integers(1, 10**12), min_size=1, max_size=30).filter(any))
    @settings(deadline=None)
    def test_rarer_classes_weigh_more(self, counts: list[int]) -> None:
        weights = class_weights(np.array(counts)).double().numpy()
        present = np.array(counts) > 0
        assert weights[present].mean() == pytest.approx(1, rel=1e-5)
        assert (weights[~present] == 1).all()
        rising = weights[present][np.argsort(np.array(counts)[present])]
        assert (np.diff(rising) <= 1e-6).all()

    def test_more_of_the_same_data_changes_nothing(self) -> None:
        counts = torch.tensor([5, 70, 0, 400])
        torch.testing.assert_close(class_weights(counts), class_weights(1000 * counts))

    @pytest.mark.parametrize("counts", [[0, 0], [3, -1], [[1, 2]]])
    def test_bad_counts(self, counts: list[Any]) -> None:
        with pytest.raises(InputError, match="label"):
            class_weights(torch.tensor(counts))


class TestBadInput:
    def test_negative_gamma(self) -> None:
        with pytest.raises(InputError, match="gamma is -1"):
            focal_loss(torch.zeros(2, 3), torch.tensor([0, 1]), gamma=-1)

    def test_alpha_of_another_length(self) -> None:
        with pytest.raises(InputError, match=r"alpha has shape \(2,\) for 3 classes"):
            focal_loss(torch.zeros(2, 3), torch.tensor([0, 1]), alpha=(1.0, 2.0))

    @pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 1)])
    def test_target_of_another_shape(self, shape: tuple[int, ...]) -> None:
        with pytest.raises(InputError, match="target has shape"):
            focal_loss(torch.zeros(2, 3), torch.zeros(shape, dtype=torch.int64))

    def test_logits_without_classes(self) -> None:
        with pytest.raises(InputError, match="logits have shape"):
            focal_loss(torch.zeros(2), torch.zeros(2, dtype=torch.int64))

    @pytest.mark.parametrize("kind", ["softmax", "sigmoid"])
    @pytest.mark.parametrize("wrong", [3, -2])
    def test_ids_out_of_range_are_not_silent(self, kind: Any, wrong: int) -> None:
        with pytest.raises((IndexError, RuntimeError), match="out of bounds"):
            focal_loss(torch.zeros(2, 3), torch.tensor([0, wrong]), kind=kind)
