"""Pictures of a run: drawn when they cost little, and never in the way of training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from torch import nn

from volseg.geometry.labels import LabelClass, LabelMap
from volseg.runs import pictures
from volseg.runs.pictures import CURVES, SAMPLES, RunPictures
from volseg.train.loop import TrainState

LABELS = LabelMap((LabelClass("a", (1,), "#E69F00"),))


class Clock:
    """Every picture takes as long as said."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, cost: float) -> None:
        self.now, self.cost, self.drawn = 0.0, cost, 0
        monkeypatch.setattr(pictures, "monotonic", lambda: self.now)
        monkeypatch.setattr(pictures, "draw_curves", self.draw)

    def draw(self, *_: Any) -> Image.Image:
        self.now += self.cost
        self.drawn += 1
        return Image.new("RGB", (4, 4))


def epoch(number: int) -> dict[str, Any]:
    return {"epoch": number, "loss": 1.0, "learning_rate": 0.1}


@pytest.mark.parametrize("cost", [0.001, 0.3, 5.0])
def test_they_take_a_hundredth_of_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, cost: float
) -> None:
    clock, state = Clock(monkeypatch, cost), TrainState()
    drawer = RunPictures(tmp_path, LABELS, nn.Identity(), None, print)
    for number in range(1, 101):
        state.history.append(epoch(number))
        state.seconds = 10.0 * number
        drawer.update(state)
        assert clock.drawn >= 1  # the first at once
        assert clock.now <= 0.01 * state.seconds + cost
    before = clock.drawn
    drawer.finish(state)
    drawer.finish(state)
    assert clock.drawn - before in (0, 1)  # the last epoch is on it, once
    assert drawer.drawn == 100


@pytest.mark.parametrize("error", [MemoryError(), OSError("no font"), ZeroDivisionError("by 0")])
def test_one_that_fails_is_said_once_and_stops_nothing(tmp_path: Path, error: Exception) -> None:
    said: list[str] = []
    state = TrainState()

    def fail(_: nn.Module) -> Image.Image:
        raise error

    drawer = RunPictures(tmp_path, LABELS, nn.Identity(), fail, said.append)
    for number in (1, 2, 3):
        state.history.append(epoch(number))
        drawer.finish(state)
    assert said == [f"{SAMPLES} cannot be drawn: {str(error) or 'MemoryError'}"]
    assert [one.name for one in tmp_path.iterdir()] == [CURVES]


def test_a_folder_that_takes_no_file_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    state = TrainState(history=[epoch(1)])
    RunPictures(tmp_path / "gone", LABELS, nn.Identity(), None, said.append).finish(state)
    assert len(said) == 1
    assert said[0].startswith("curves.png cannot be drawn: ")
