"""The losses give the numbers that MONAI publishes in its tests."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from volseg.train.losses.compound import compound_loss
from volseg.train.losses.dice import dice_loss
from volseg.train.losses.focal import focal_loss

# The case of MONAI's tests/losses/test_focal_loss.py: three equal channels over 2 x 2 cells.
MONAI_LOGITS = torch.tensor([[1.0, 1.0], [0.5, 0.0]]).expand(1, 3, 2, 2)
MONAI_TARGET = torch.tensor([[[0, 1], [2, 0]]])
MONAI_FLAGS = F.one_hot(MONAI_TARGET, 3).permute(0, 3, 1, 2)
MONAI_TERMS = torch.tensor(
    [
        [
            [[0.02266, 0.70187], [0.37741, 0.17329]],
            [[0.70187, 0.02266], [0.37741, 0.17329]],
            [[0.70187, 0.70187], [0.06757, 0.17329]],
        ]
    ]
)
MONAI_WEIGHTED_TERMS = torch.tensor(
    [
        [
            [[0.01133, 0.35093], [0.18871, 0.08664]],
            [[0.07019, 0.00227], [0.03774, 0.01733]],
            [[0.14037, 0.14037], [0.01352, 0.03466]],
        ]
    ]
)

# Cases of MONAI's tests/losses/test_dice_loss.py.
CROSS = torch.tensor([[[[1.0, -1.0], [-1.0, 1.0]]]])
ROW = torch.tensor([[[-1.0, 0.0, 1.0], [1.0, 0.0, -1.0]], [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]]])
ROW_TARGET = torch.tensor([[1, 0, 0], [1, 1, 0]])


class TestFocal:
    @pytest.mark.parametrize("target", [MONAI_TARGET, MONAI_FLAGS, MONAI_FLAGS.bool()])
    def test_sigmoid(self, target: Tensor) -> None:
        terms = focal_loss(MONAI_LOGITS, target, kind="sigmoid", reduction="none")
        torch.testing.assert_close(terms, MONAI_TERMS, atol=1e-5, rtol=0)
        mean = focal_loss(MONAI_LOGITS, target, kind="sigmoid")
        assert mean.item() == pytest.approx(0.34959, abs=1e-5)

    def test_sigmoid_without_background(self) -> None:
        mean = focal_loss(MONAI_LOGITS[:, 1:], MONAI_FLAGS[:, 1:], kind="sigmoid")
        assert mean.item() == pytest.approx(0.36498, abs=1e-5)

    def test_sigmoid_with_alpha(self) -> None:
        mean = focal_loss(MONAI_LOGITS, MONAI_TARGET, alpha=0.8, kind="sigmoid")
        assert mean.item() == pytest.approx(0.08423, abs=1e-5)

    def test_sigmoid_with_class_weights(self) -> None:
        terms = focal_loss(
            MONAI_LOGITS, MONAI_TARGET, alpha=(0.5, 0.1, 0.2), kind="sigmoid", reduction="none"
        )
        torch.testing.assert_close(terms, MONAI_WEIGHTED_TERMS, atol=1e-5, rtol=0)

    def test_softmax(self) -> None:
        # MONAI's mean divides by the 12 logits, ours by the 4 cells.
        mean = focal_loss(MONAI_LOGITS, MONAI_TARGET)
        assert mean.item() / 3 == pytest.approx(0.16276, abs=1e-5)

    def test_softmax_with_alpha(self) -> None:
        # MONAI's scalar means 1 - alpha for class 0 and alpha for the others.
        total = focal_loss(MONAI_LOGITS, MONAI_TARGET, alpha=(0.2, 0.8, 0.8), reduction="sum")
        assert total.item() / 12 == pytest.approx(0.08138, abs=1e-5)

    def test_foreground_and_background(self) -> None:
        logits = torch.cat((torch.ones(1, 1, 5, 5), torch.zeros(1, 1, 5, 5)), dim=1)
        flags = logits.clone()
        flags[:, :, 2, 2] = torch.tensor([0.0, 1.0])
        assert focal_loss(logits, flags, kind="sigmoid").item() == pytest.approx(0.1116, abs=5e-5)
        foreground = focal_loss(logits[:, 1:], flags[:, 1:], kind="sigmoid")
        assert foreground.item() == pytest.approx(0.1733, abs=5e-5)


class TestDice:
    def test_sigmoid(self) -> None:
        flags = torch.tensor([[[[1, 0], [1, 1]]]])
        loss = dice_loss(CROSS, flags, kind="sigmoid", smooth=1e-6)
        assert loss.item() == pytest.approx(0.307576, abs=1e-6)

    def test_sigmoid_of_two_samples(self) -> None:
        flags = torch.tensor([[[[1, 1], [1, 1]]], [[[1, 0], [1, 0]]]])
        logits = CROSS.expand(2, 1, 2, 2)
        loss = dice_loss(logits, flags, kind="sigmoid", per="sample", smooth=1e-4)
        assert loss.item() == pytest.approx(0.416657, abs=1e-6)

    def test_sigmoid_of_ids_and_its_terms(self) -> None:
        options: Any = {"kind": "sigmoid", "per": "sample", "smooth": 1e-4}
        loss = dice_loss(ROW, ROW_TARGET, **options)
        assert loss.item() == pytest.approx(0.435050, abs=1e-6)
        flags = torch.stack([torch.eq(ROW_TARGET, c).long() for c in range(2)], dim=1)
        for n, c, wanted in (
            (0, 0, 0.296529),
            (0, 1, 0.415136),
            (1, 0, 0.599976),
            (1, 1, 0.428559),
        ):
            at = (slice(n, n + 1), slice(c, c + 1))
            term = dice_loss(ROW[at], flags[at], **options)
            assert term.item() == pytest.approx(wanted, abs=1e-6)

    # The first is in MONAI's tests; the others were computed by MONAI 1.6.1.
    @pytest.mark.parametrize(
        ("per", "background", "wanted"),
        [
            ("sample", True, 0.383713),
            ("sample", False, 0.361955),
            ("batch", True, 0.373061),
            ("batch", False, 0.373061),
        ],
    )
    def test_softmax(self, per: Any, background: bool, wanted: float) -> None:
        loss = dice_loss(ROW, ROW_TARGET, per=per, background=background, smooth=1e-4)
        assert loss.item() == pytest.approx(wanted, abs=1e-6)

    def test_dice_and_cross_entropy(self) -> None:
        logits = torch.cat((ROW, torch.tensor([[[2.0, 0.0, -1.0]], [[1.0, 0.0, 2.0]]])), dim=1)
        target = torch.tensor([[1, 2, 0], [1, 1, 2]])
        loss = compound_loss(logits, target)
        # MONAI 1.6.1: DiceLoss(include_background=False, batch=True) + CrossEntropyLoss.
        assert loss.item() == pytest.approx(1.513112, abs=1e-5)
