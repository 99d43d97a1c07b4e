"""The focal loss of numbers at the limits: huge logits, half precision, nothing to learn from."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from volseg.train.losses.focal import focal_loss


@pytest.fixture(autouse=True, scope="module")
def _seed() -> None:
    torch.manual_seed(0)


class TestNumerics:
    @pytest.mark.parametrize("kind", ["softmax", "sigmoid"])
    @pytest.mark.parametrize("gamma", [0.0, 0.1, 0.5, 1.0, 2.0, 5.0])
    @pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
    def test_huge_logits(self, kind: Any, gamma: float, dtype: torch.dtype) -> None:
        rows = [[1e4, -1e4], [-1e4, 1e4], [1e4, 1e4], [20.0, 0.0], [-1e4, -1e4]]
        logits = torch.tensor(rows, dtype=dtype, requires_grad=True)
        loss = focal_loss(
            logits, torch.zeros(5, dtype=torch.int64), kind=kind, gamma=gamma, reduction="sum"
        )
        loss.backward()  # type: ignore[no-untyped-call]
        assert loss.dtype == torch.float32
        assert loss.item() >= 9_000
        assert logits.grad is not None
        assert logits.grad.isfinite().all()

    @pytest.mark.parametrize("kind", ["softmax", "sigmoid"])
    def test_a_sure_and_right_prediction_costs_nothing(self, kind: Any) -> None:
        loss = focal_loss(torch.tensor([[1e4, -1e4]]), torch.tensor([0]), kind=kind)
        assert loss.item() == 0

    @pytest.mark.parametrize("kind", ["softmax", "sigmoid"])
    def test_half_precision_is_computed_in_float32(self, kind: Any) -> None:
        logits, target = torch.randn(100, 4).bfloat16(), torch.randint(0, 4, (100,))
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = focal_loss(logits, target, kind=kind)
        assert torch.equal(loss, focal_loss(logits.float(), target, kind=kind))

    @pytest.mark.parametrize("kind", ["softmax", "sigmoid"])
    @pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
    @pytest.mark.parametrize("alpha", [None, 0.3, (1.0, 2.0, 0.5)])
    @pytest.mark.parametrize("shape", [(7,), (2, 3, 4), (0,)])
    def test_nothing_to_learn_from_is_zero(
        self, kind: Any, gamma: float, alpha: Any, shape: tuple[int, ...]
    ) -> None:
        logits = torch.randn(shape[0], 3, *shape[1:], requires_grad=True)
        target = torch.full(shape, -1)
        loss = focal_loss(logits, target, kind=kind, gamma=gamma, alpha=alpha)
        loss.backward()  # type: ignore[no-untyped-call]
        assert loss.item() == 0
        assert logits.grad is not None
        assert (logits.grad == 0).all()

    def test_targets_of_zero_weight_only_are_zero(self) -> None:
        logits = torch.randn(4, 2, requires_grad=True)
        loss = focal_loss(logits, torch.tensor([0, 0, -1, 0]), alpha=(0.0, 1.0))
        loss.backward()  # type: ignore[no-untyped-call]
        assert loss.item() == 0
        assert logits.grad is not None
        assert (logits.grad == 0).all()
