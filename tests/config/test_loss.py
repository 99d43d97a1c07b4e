"""The spec of a loss: what it sums up, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.config.conftest import complaint
from volseg.config import LossSpec, load_config


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("train.loss.kind=dise", "train.loss.kind: found 'dise'; wanted focal"),
        ("train.loss.gamma=-1", "train.loss.gamma"),
        ("train.loss.weights=[1, -1]", "train.loss.weights"),
        ("train.loss.kind=dise", "dice_ce"),
    ],
)
def test_a_wrong_value_is_shown(images: Path, change: str, said: str) -> None:
    found = complaint(images, change)
    assert found.startswith(f"{images}: ")
    assert said in found


@pytest.mark.parametrize("loss", [("ce", "cross_entropy"), ("cross_entropy", "cross_entropy")])
def test_cross_entropy_has_a_short_name(images: Path, loss: tuple[str, str]) -> None:
    assert load_config(images, [f"train.loss.kind={loss[0]}"]).train.loss.kind == loss[1]


@pytest.mark.parametrize(
    ("kind", "region", "gamma"),
    [
        ("focal", None, 1.5),
        ("cross_entropy", None, 0.0),
        ("ce", None, 0.0),
        ("dice", "dice", None),
        ("dice_ce", "dice", 0.0),
        ("lovasz_focal", "lovasz", 1.5),
    ],
)
def test_a_kind_is_a_loss_of_regions_and_one_of_cells(
    kind: str, region: str | None, gamma: float | None
) -> None:
    assert LossSpec(kind=kind, gamma=1.5).terms == (region, gamma)
