"""What shows how far long functions are: a row for each work that goes on."""

from __future__ import annotations

from typing import Self

import rich.progress
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from volseg.progress import Progress
from volseg_cli import console


class WithBar:
    """Starts ``bar`` with the block and stops it with the block."""

    bar: rich.progress.Progress

    def __enter__(self) -> Self:
        self.bar.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.stop()


class Bar(WithBar, Progress):
    """A row for every work that goes on, gone when it is over; never in a log.

    Args:
        columns: what stands behind the bar; how many are done, and of how many, by default.
        notes: where notes are printed as results; else they are dim lines beside them.
    """

    def __init__(self, *columns: ProgressColumn, notes: Console | None = None) -> None:
        self._notes = notes
        self._rows: dict[str, TaskID] = {}
        self.bar = rich.progress.Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            *(columns or (MofNCompleteColumn(),)),
            TimeRemainingColumn(),
            console=console.err,
            transient=True,
            disable=not console.err.is_terminal,
        )

    def work(self, what: str, done: float, total: float) -> None:
        """Move the row of some work, and take it away at its end."""
        if what not in self._rows:
            self._rows[what] = self.bar.add_task(what, total=total or None)
        self.bar.update(self._rows[what], completed=done, total=total or None)
        if 0 < total <= done:
            self.bar.remove_task(self._rows.pop(what))

    def note(self, line: str) -> None:
        """One line."""
        if self._notes is None:
            console.note(line)
        else:
            self._notes.print(line)
