"""What training shows: a table on a terminal, lines elsewhere, no name or figure lost."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from rich.console import Console
from rich.text import Text

from volseg.progress import Epoch, Start, Validation
from volseg_cli import console
from volseg_cli.watch import TrainingWatch

START = Start("run", "cpu", 2, 1, 1000, ("a",), ("b",), "5 points", 4, {"ground": 5, "car": 0}, 0)


def epoch(number: int, *scores: float, mean: float = 0.5) -> Epoch:
    names = ("ground", "vegetation", "x") if len(scores) == 3 else map(str, range(len(scores)))
    by_class = dict(zip(names, scores, strict=True))
    return Epoch(number, 1 / number, 0.1, 3.0, Validation("IoU", mean, by_class))


def watch(monkeypatch: pytest.MonkeyPatch, *, terminal: bool) -> str:
    screen = io.StringIO()
    made = Console(file=screen, force_terminal=terminal, width=100, soft_wrap=True, markup=False)
    monkeypatch.setattr(console, "out", made)
    with TrainingWatch() as shown:
        shown.start(START)
        for number in (1, 2):
            for step in range(4):
                shown.step((4 * number + step) / 12, 0.5)
            found = epoch(number, 0.5, 0.25, 0.125 * number)
            shown.epoch(replace(found, best=number == 2))
    return screen.getvalue()


def test_a_file_gets_a_line_an_epoch_and_nothing_that_controls_a_screen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = watch(monkeypatch, terminal=False)
    assert not any(ord(letter) < 32 and letter != "\n" for letter in shown)
    assert [line for line in shown.splitlines() if line.startswith("epoch")] == [
        "epoch   1  loss 1.000  mIoU 0.500  ground 0.500  vegetation 0.250  x 0.125",
        "epoch   2  loss 0.500  mIoU 0.500* ground 0.500  vegetation 0.250  x 0.250",
    ]


def test_a_terminal_gets_a_table_and_a_bar_with_pace_and_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = Text.from_ansi(watch(monkeypatch, terminal=True)).plain
    for part in ("vegetation", "0.250↑", "crops/s", "GiB", "left"):
        assert part in shown
