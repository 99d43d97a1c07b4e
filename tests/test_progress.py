"""One protocol tells how far every long function is."""

import pytest

from tests.heard import Heard
from volseg.progress import SILENT, Epoch, Validation, counted


def test_the_default_hears_everything_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    SILENT.work("reading", 0, 0)
    SILENT.note("odd")
    SILENT.step(0.5, 1.0)
    SILENT.epoch(Epoch(1, 0.5, 0.1, 1.0, None))
    SILENT.validated(Validation("Dice", 0.5, {"liver": 0.5}), ("liver",))
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_who_sees_work_alone_sees_training() -> None:
    heard = Heard()
    heard.step(0.25, 1.5)
    assert heard.works == [("training", 0.25, 1.0)]


@pytest.mark.parametrize("left_out", [0, 1, 3])
def test_counting_passes_items_on_and_ends_even_where_some_are_left_out(left_out: int) -> None:
    heard = Heard()
    items = list(range(3 - left_out))
    assert list(counted(iter(items), "reading", 3, heard)) == items
    assert heard.works[0] == ("reading", 0, 3)
    assert heard.works[-1] == ("reading", 3, 3)
    dones = [done for _, done, _ in heard.works]
    assert dones == sorted(dones)


def test_an_item_is_done_when_the_next_is_asked_for() -> None:
    heard = Heard()
    items = counted("ab", "reading", 2, heard)
    next(items)
    assert heard.works == [("reading", 0, 2)]
    next(items)
    assert heard.works[-1] == ("reading", 1, 2)
