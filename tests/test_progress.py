"""One protocol tells how far every long function is."""

import pytest

from volseg.progress import SILENT, Epoch, Progress, Validation, counted


class Kept(Progress):
    """Keeps the works it is told of."""

    def __init__(self) -> None:
        self.works: list[tuple[str, float, float]] = []

    def work(self, what: str, done: float, total: float) -> None:
        self.works.append((what, done, total))


def test_the_default_hears_everything_and_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    SILENT.work("reading", 0, 0)
    SILENT.note("odd")
    SILENT.step(0.5, 1.0)
    SILENT.epoch(Epoch(1, 0.5, 0.1, 1.0, None))
    SILENT.validated(Validation("Dice", 0.5, {"liver": 0.5}), ("liver",))
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


def test_who_sees_work_alone_sees_training() -> None:
    kept = Kept()
    kept.step(0.25, 1.5)
    assert kept.works == [("training", 0.25, 1.0)]


@pytest.mark.parametrize("left_out", [0, 1, 3])
def test_counting_passes_items_on_and_ends_even_where_some_are_left_out(left_out: int) -> None:
    kept = Kept()
    items = list(range(3 - left_out))
    assert list(counted(iter(items), "reading", 3, kept)) == items
    assert kept.works[0] == ("reading", 0, 3)
    assert kept.works[-1] == ("reading", 3, 3)
    dones = [done for _, done, _ in kept.works]
    assert dones == sorted(dones)


def test_an_item_is_done_when_the_next_is_asked_for() -> None:
    kept = Kept()
    items = counted("ab", "reading", 2, kept)
    next(items)
    assert kept.works == [("reading", 0, 2)]
    next(items)
    assert kept.works[-1] == ("reading", 1, 2)
