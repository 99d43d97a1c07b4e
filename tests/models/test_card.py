"""A card keeps the figures that were measured, and says what is still to be written."""

from __future__ import annotations

import math
from typing import Any

import pytest

from volseg.models.card import FILL, DataSource, Measured, ModelCard

SOURCE = DataSource(name="Hills", licence="CC0", used="all of it")
CARD: dict[str, Any] = {
    "summary": "finds hills", "licence": "MIT", "data": (SOURCE,), "split": "by tile",
    "command": "volseg train", "fails": ("on dunes",),
}  # fmt: skip


def evaluation(mean: float | None) -> dict[str, Any]:
    figures = {"iou": 0.5, "precision": None, "recall": 1.0, "support": 7, "dice": 0.6}
    return {"classes": {"hill": figures}, "mean_iou": mean, "overall_accuracy": 0.75, "more": 1}


def test_figures_of_an_evaluation_are_kept_and_nothing_else() -> None:
    measured = Measured.of("three tiles", evaluation(0.5))
    assert measured.model_dump() == {
        "on": "three tiles",
        "classes": {"hill": {"iou": 0.5, "precision": None, "recall": 1.0, "support": 7}},
        "mean_iou": 0.5,
        "overall_accuracy": 0.75,
    }
    assert Measured.model_validate(measured.model_dump(mode="json")) == measured


def test_a_mean_that_is_not_defined_is_nan() -> None:
    assert Measured.of("a tile", evaluation(0.25)).mean == 0.25
    assert math.isnan(Measured.of("no tile", evaluation(None)).mean)


@pytest.mark.parametrize("key", ["summary", "split", "fails"])
def test_what_is_to_be_written_is_found(key: str) -> None:
    assert not ModelCard(**CARD).unfilled
    text = f"{FILL} in"
    assert ModelCard(**CARD | {key: (text,) if key == "fails" else text}).unfilled
