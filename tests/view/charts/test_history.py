"""The history of a run: its columns by name, and the best of its epochs."""

from __future__ import annotations

import math
from typing import Any

import pytest

from volseg.view.charts.history import History

NAN = float("nan")


def rows_of(*scores: float, measure: str = "iou") -> list[dict[str, Any]]:
    return [
        {"epoch": k, "seconds": 60 * k, "loss": 1 / k, "learning_rate": 0.1}
        | {f"mean_{measure}": score, f"{measure}_dice_x": score}
        for k, score in enumerate(scores, 1)
    ]


@pytest.mark.parametrize(("measure", "name"), [("iou", "IoU"), ("dice", "Dice")])
def test_classes_are_called_by_their_names(measure: str, name: str) -> None:
    history = History.of(rows_of(0.1, 0.2, measure=measure), "fold_0")
    assert (history.name, history.measure, history.minutes) == ("fold_0", name, (1, 2))
    assert history.by_class == {"dice_x": (0.1, 0.2)}


@pytest.mark.parametrize(
    ("scores", "best"), [((0.1, 0.3, 0.2), 1), ((0.3, 0.3), 0), ((NAN, 0.1), 1), ((NAN, NAN), None)]
)
def test_the_best_epoch_is_the_first_with_the_highest_mean(
    scores: tuple[float, ...], best: int | None
) -> None:
    assert History.of(rows_of(*scores)).best == best


def test_a_run_that_validates_nothing_measures_nothing() -> None:
    history = History.of([{"epoch": 1, "loss": 1.0, "learning_rate": 0.1}])
    assert (history.measure, history.mean, history.by_class, history.best) == ("", (), {}, None)
    assert math.isnan(history.minutes[0])
