"""A row for every work that goes on, gone when it is over."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from volseg_cli import console
from volseg_cli.bar import Bar


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    made = io.StringIO()
    monkeypatch.setattr(console, "err", Console(file=made, force_terminal=True, width=100))
    return made


def test_works_that_go_on_at_a_time_have_a_row_each(screen: io.StringIO) -> None:
    with Bar() as bar:
        bar.work("reading b", 0, 0)
        bar.work("segmenting a", 5, 10)
        assert [row.description for row in bar.bar.tasks] == ["reading b", "segmenting a"]
        bar.work("segmenting a", 10, 10)
        assert [row.description for row in bar.bar.tasks] == ["reading b"]
        bar.work("reading b", 7, 7)
        assert not bar.bar.tasks


def test_work_may_begin_again(screen: io.StringIO) -> None:
    with Bar() as bar:
        for done in (0, 3, 0, 3):
            bar.work("reading", done, 3)
            assert len(bar.bar.tasks) == (done < 3)


def test_a_log_gets_notes_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    log = io.StringIO()
    monkeypatch.setattr(console, "err", Console(file=log, force_terminal=False))
    with Bar() as bar:
        bar.work("reading [a]", 1, 3)
        bar.note("odd [a]")
    assert log.getvalue() == "odd [a]\n"
