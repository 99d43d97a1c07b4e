"""``volseg demo``: what each act prints and leaves behind."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from volseg import demo
from volseg.demo import ScanResult, VolumeResult
from volseg.evaluate.volumes.summary import Summary
from volseg.metrics.confusion import Confusion


@pytest.fixture
def acts(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Acts that do nothing; what is put into the list is whether the user stops the last."""
    stopped: list[bool] = []

    def draw() -> Image.Image:
        return Image.new("RGB", (30, 20))

    def files(folder: Path) -> tuple[Path, Path, Path]:
        return folder / "truth", folder / "labelled", folder / "model"

    def scan(folder: Path, device: str) -> ScanResult:
        assert device == "cpu"
        return ScanResult(*files(folder), f"odd {folder.name}", draw, ("roof",), Confusion(1))

    def volume(folder: Path, watcher: object, device: str) -> VolumeResult:
        assert device == "cpu"
        summary = Summary(1, 0.875, 0.0, 0.875, 0.75, 0.0, 0.0, 0.0, 0, 0)
        classes = {"background": summary, "liver": summary}
        return VolumeResult(*files(folder), "made up", draw, classes, bool(stopped))

    monkeypatch.setattr(demo, "play_airborne", scan)
    monkeypatch.setattr(demo, "play_street", scan)
    monkeypatch.setattr(demo, "play_abdomen", volume)
    return stopped


def test_each_act_is_scored_and_drawn(
    acts: list[bool], cli: Callable[..., Any], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    outcome = cli("demo", "--out", out, "--device", "cpu")
    assert outcome.code == 0, outcome
    places = [outcome.out.index(one) for one in ("1. A real", "2. A generated", "3. Made-up")]
    assert places == sorted(places)
    assert outcome.out.count("mean IoU") == 2
    assert "0.875" in outcome.out
    for name in ("airborne", "street", "abdomen"):
        assert Image.open(out / f"{name}.png").size == (30, 20)
        assert str(out / name / "labelled") in outcome.out
    for note in ("odd airborne", "odd street", "made up"):
        assert note in outcome.err


def test_a_stopped_training_is_scored_and_ends_as_stopped(
    acts: list[bool], cli: Callable[..., Any], tmp_path: Path
) -> None:
    acts.append(True)
    outcome = cli("demo", "--out", tmp_path / "out", "--device", "cpu")
    assert outcome.code == 130
    assert (tmp_path / "out" / "abdomen.png").exists()
