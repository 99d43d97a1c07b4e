"""One scan to segment, how that went, and who is told of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from volseg.errors import InputError


@dataclass(eq=False)
class Job:
    """One scan to segment, and how that went.

    Attributes:
        source: the scan.
        target: where the labelled copy goes.
        points: it has.
        crs: the coordinate system it names, or None.
        strangers: scans that adjoin it but name another coordinate system.
        beyond: in what it is beyond what the model learnt, or None.
        noise: points found to be noise, below the ground or high above all else.
        seconds: spent on it.
        written: the files made; none if there is an error.
        error: why there is no copy.
    """

    source: Path
    target: Path
    points: int = 0
    crs: str | None = None
    strangers: list[Path] = field(default_factory=list)
    beyond: str | None = None
    noise: int = 0
    seconds: float = 0.0
    written: list[Path] = field(default_factory=list)
    error: InputError | None = None

    @property
    def folder(self) -> Path:
        """Where its spool lies until all is done: beside the target, hidden."""
        return self.target.with_name(f".{self.target.name}.volseg")


class Watch(Protocol):
    """Sees what is done."""

    def on_work(self, job: Job, what: str, points: int | None) -> None:
        """Some work begins on so many points, or on a number not known yet."""

    def on_points(self, job: Job, count: int) -> None:
        """So many more points of that work are done."""


def stamp(path: Path) -> list[Any]:
    """What tells a file from what it was before."""
    try:
        facts = path.stat()
    except OSError:
        return [str(path.absolute())]
    return [str(path.absolute()), facts.st_size, facts.st_mtime_ns]
