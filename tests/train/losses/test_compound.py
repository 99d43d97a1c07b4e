"""Sums of losses: each part as it is alone."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from volseg.train.losses.compound import compound_loss
from volseg.train.losses.dice import dice_loss
from volseg.train.losses.focal import focal_loss
from volseg.train.losses.lovasz import lovasz_loss


@pytest.mark.parametrize("kind", ["softmax", "sigmoid"])
@pytest.mark.parametrize("region", [dice_loss, lovasz_loss])
@pytest.mark.parametrize("gamma", [0.0, 2.0])
@pytest.mark.parametrize("alpha", [None, (0.5, 1.0, 2.0)])
def test_the_sum_of_its_parts(kind: Any, region: Any, gamma: float, alpha: Any) -> None:
    random = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 3, 8, 8, generator=random)
    target = torch.randint(-1, 3, (2, 8, 8), generator=random)
    focal = focal_loss(logits, target, gamma=gamma, alpha=alpha, kind=kind)
    loss = compound_loss(logits, target, region=region, gamma=gamma, alpha=alpha, kind=kind)
    torch.testing.assert_close(loss, focal + region(logits, target, kind=kind))


def test_cross_entropy_and_dice_by_default_and_the_ignored_id_reaches_both() -> None:
    logits, target = torch.randn(2, 3, 8), torch.randint(0, 3, (2, 8))
    target[0, :3] = 255
    wanted = F.cross_entropy(logits, target, ignore_index=255)
    wanted = wanted + dice_loss(logits, target, ignore=255)
    torch.testing.assert_close(compound_loss(logits, target, ignore=255), wanted)
