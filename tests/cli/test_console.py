"""Lines and tables of commands: names as they are, each remark once, nothing cut."""

from __future__ import annotations

import re
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from volseg.errors import InputWarning
from volseg_cli import console

Capture = pytest.CaptureFixture[str]


@given(st.lists(st.from_regex(r"[a-z]{1,5}\.laz", fullmatch=True)), st.integers(1, 8))
def test_several_names_are_shown_or_counted(names: list[str], limit: int) -> None:
    line = console.several(names, limit)
    shown, _, more = line.partition(" and ")
    first = shown.split(", ") if shown else []
    assert first == names[:limit]
    assert more == (f"{len(names) - limit} more" if len(names) > limit else "")


@pytest.mark.parametrize("name", ["a[0].laz", "[red]b[/]", "[/]", ":smile:", "c" * 300])
def test_names_are_no_markup_and_lines_stay_lines(name: str, capsys: Capture) -> None:
    console.fail(name)
    console.note(name)
    assert capsys.readouterr().err.splitlines() == [f"error: {name}", name]


def test_quiet_processes_fail_aloud(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console.out, "quiet", True)
    console.note("reading")
    console.fail("is cut off")
    assert capsys.readouterr().err == "error: is cut off\n"


class TestRemarks:
    def test_each_is_said_once_with_its_files(self, capsys: Capture) -> None:
        with console.remarks():
            for name in ("x/a.laz", "b.laz", "y/a.laz"):
                warnings.warn(InputWarning("has no system", path=name), stacklevel=1)
            warnings.warn(InputWarning("is odd"), stacklevel=1)
            assert capsys.readouterr().err == ""
        assert capsys.readouterr().err == "a.laz, b.laz: has no system\nis odd\n"

    def test_they_are_said_when_the_command_fails(self, capsys: Capture) -> None:
        @console.remarks()
        def command() -> None:
            warnings.warn(InputWarning("is odd", path="a.laz"), stacklevel=1)
            raise KeyboardInterrupt

        before = warnings.showwarning
        with pytest.raises(KeyboardInterrupt):
            command()
        assert capsys.readouterr().err == "a.laz: is odd\n"
        assert warnings.showwarning is before

    def test_warnings_of_others_go_where_they_went(self, capsys: Capture) -> None:
        @console.remarks()
        def command() -> None:
            warnings.warn("overflow", RuntimeWarning, stacklevel=1)
            warnings.warn(InputWarning("is odd"), stacklevel=1)

        with pytest.warns(RuntimeWarning, match="overflow") as others:
            command()
        assert [warning.category for warning in others] == [RuntimeWarning]
        assert capsys.readouterr().err == "is odd\n"


def test_a_narrow_screen_cuts_no_name(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(console, "out", Console(width=12, soft_wrap=True, highlight=False))
    table = console.table("class", "IoU")
    table.add_row("low vegetation and shrubs", "0.5")
    table.add_row("water", "12.25")
    console.show(table)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[0].strip() for line in lines] == [
        "class",
        "low vegetation and shrubs",
        "water",
    ]
    assert len({len(line.rstrip()) for line in lines}) == 1  # numbers end in one column


@pytest.mark.parametrize(("processes", "times", "each"), [(1, "", ""), (3, "3 x ", " each")])
def test_a_machine_is_its_device_threads_and_memory(processes: int, times: str, each: str) -> None:
    line = console.machine("cpu", processes)
    assert re.fullmatch(rf"on {times}cpu, \d+ threads?{each}, \d+ GiB of memory free", line)


def test_scans_without_a_system_are_named(capsys: Capture) -> None:
    console.say_metres([])
    assert capsys.readouterr().err == ""
    console.say_metres(["a.laz", "b[1].laz"])
    assert capsys.readouterr().err.endswith("units taken as metres: a.laz, b[1].laz\n")
