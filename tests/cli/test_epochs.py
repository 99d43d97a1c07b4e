"""The table of epochs: no name or figure is lost, however narrow the screen."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from volseg.progress import Epoch, Validation
from volseg_cli.epochs import AGAIN, EpochTable


def epoch(number: int, *scores: float, mean: float = 0.5) -> Epoch:
    names = ("ground", "vegetation", "x") if len(scores) == 3 else map(str, range(len(scores)))
    by_class = dict(zip(names, scores, strict=True))
    return Epoch(number, 1 / number, 0.1, 3.0, Validation("IoU", mean, by_class))


def lines(table: EpochTable, *epochs: Epoch) -> list[str]:
    return [row.plain for one in epochs for row in table.lines(replace(one, best=one.number == 1))]


def test_figures_stand_below_the_names_of_their_classes() -> None:
    table = EpochTable(80)
    head, row = lines(table, epoch(1, 0.125, math.nan, 1.0))
    assert head.split() == ["epoch", "loss", "mIoU", "ground", "vegetation", "x"]
    for name, figure in (("ground", "0.125"), ("x", "1.000"), ("loss", "1.000")):
        end = head.index(f" {name}") + len(name) + 1
        assert row[:end].rstrip().endswith(figure) or row[: end - 1].endswith(figure)
    assert row.split() == ["1", "1.000", "0.500", "*", "0.125", "-", "1.000"]


def test_scores_of_patches_are_called_so() -> None:
    found = Validation("Dice", 0.5, {"organ": 0.5}, of="patch")
    first, second = (Epoch(number, 1.0, 0.1, 3.0, found) for number in (1, 2))
    head, row, last = lines(EpochTable(80), first, second)
    assert "  patch mDice  " in head
    assert head.index("mDice") + 5 == row.index("*") + 1
    assert last.split() == ["2", "1.000", "0.500", "0.500"]


def test_arrows_say_where_a_score_went() -> None:
    table = EpochTable(80)
    _, _, row = lines(table, epoch(1, 0.5, 0.5, 0.5), epoch(2, 0.6, 0.4, 0.5001, mean=0.6))
    assert row.split() == ["2", "0.500", "0.600↑", "0.600↑", "0.400↓", "0.500"]
    _, _, plain = lines(
        EpochTable(80, plain=True), epoch(1, 0.5, 0.5, 0.5), epoch(2, 0.6, 0.4, 0.5)
    )
    assert plain.isascii()
    assert plain.split()[3:] == ["0.600+", "0.400-", "0.500"]


def test_a_class_that_comes_or_goes_has_no_arrow() -> None:
    _, _, row = lines(EpochTable(80), epoch(1, math.nan, 0.5, 0.5), epoch(2, 0.6, math.nan, 0.5))
    assert "↑" not in row
    assert "↓" not in row


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("classes", [1, 5, 116])
def test_no_row_is_longer_than_the_screen(width: int, classes: int) -> None:
    scores = [k / classes for k in range(classes)]
    shown = lines(EpochTable(width), *(epoch(number, *scores) for number in range(1, 5)))
    assert max(map(len, shown)) <= width
    if classes == 116:
        assert shown[1].split()[4:6] == ["0", "0.000"]  # the lowest comes first


def test_heads_stand_again_before_they_are_out_of_sight() -> None:
    shown = lines(EpochTable(80), *(epoch(number, 0.5) for number in range(1, 2 * AGAIN + 1)))
    assert [number for number, line in enumerate(shown) if "loss" in line] == [0, AGAIN + 1]


def test_a_run_that_does_not_validate_has_its_loss() -> None:
    head, row = lines(EpochTable(80), Epoch(1, 0.25, 0.1, 3.0, None))
    assert (head.split(), row.split()) == (["epoch", "loss"], ["1", "0.250"])
