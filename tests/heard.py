"""What a long function tells, kept."""

from __future__ import annotations

from volseg.progress import Progress


class Heard(Progress):
    """Keeps all it is told.

    Attributes:
        works: what is at work, how much is done, and of how much.
        notes: the lines.
    """

    def __init__(self) -> None:
        self.works: list[tuple[str, float, float]] = []
        self.notes: list[str] = []

    def work(self, what: str, done: float, total: float) -> None:
        self.works.append((what, done, total))

    def note(self, line: str) -> None:
        self.notes.append(line)
