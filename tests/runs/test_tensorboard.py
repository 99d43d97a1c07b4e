"""Scalars for TensorBoard: those of the log, where it is installed, and never in the way."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

import pytest

from volseg.runs import tensorboard as scalars
from volseg.runs.tensorboard import FOLDER, Scalars, tag

ROWS: list[dict[str, Any]] = [
    {"epoch": 1, "seconds": 3.0, "learning_rate": 0.1, "loss": 2.0, "mean_iou": 0.5,
     "iou_a_b": 0.25},
    {"epoch": 2, "seconds": 6.0, "learning_rate": 0.2, "loss": 1.0, "mean_iou": 0.75,
     "iou_a_b": math.nan},
]  # fmt: skip


def read(folder: Path) -> dict[str, list[tuple[int, float]]]:
    module = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    found = module.EventAccumulator(str(folder / FOLDER)).Reload()
    return {
        name: [(one.step, one.value) for one in found.Scalars(name)]
        for name in found.Tags()["scalars"]
    }


def test_every_figure_of_the_log_is_written(tmp_path: Path) -> None:
    written = Scalars(tmp_path, pytest.fail)
    for row in ROWS:
        written.add(row)
    found = read(tmp_path)
    assert found.keys() == {"loss", "learning_rate", "mean/iou", "iou/a_b"}
    assert found["loss"] == [(1, 2.0), (2, 1.0)]
    assert found["iou/a_b"] == [(1, 0.25)]  # what is not defined is left out


def test_a_run_that_goes_on_takes_back_what_it_repeats(tmp_path: Path) -> None:
    for first in (0, 1):
        written = Scalars(tmp_path, pytest.fail)
        for row in ROWS[first:]:
            written.add({**row, "loss": row["loss"] + first})
    assert read(tmp_path)["loss"] == [(1, 2.0), (2, 2.0)]


def test_without_tensorboard_there_is_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scalars, "find_spec", lambda name: None)
    Scalars(tmp_path, pytest.fail).add(ROWS[0])
    assert not list(tmp_path.iterdir())


def test_a_tensorboard_that_is_broken_is_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scalars, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    said: list[str] = []
    written = Scalars(tmp_path, said.append)
    for row in ROWS:
        written.add(row)
    assert len(said) == 1
    assert said[0].startswith("TensorBoard gets no scalars: ")


@pytest.mark.parametrize(
    ("key", "wanted"),
    [("loss", "loss"), ("learning_rate", "learning_rate"), ("mean_dice", "mean/dice"),
     ("dice_left_lung", "dice/left_lung")],
)  # fmt: skip
def test_columns_are_grouped_by_what_they_measure(key: str, wanted: str) -> None:
    assert tag(key) == wanted
