"""What a row of the tables of this folder is: an input, commands on it, and what is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Check = Callable[[Path, Path], None]
"""Of what commands left in a folder, and of the input."""


@dataclass(frozen=True)
class Step:
    """One command line.

    Attributes:
        command: after ``volseg``. ``{input}`` is the input, ``{out}`` an empty folder that all
            steps of a row share, ``{model}`` a model of volumes and ``{scans}`` one of scans, which
            have learnt nothing.
        says: what its output holds, whitespace aside, on stdout or stderr.
        code: how it exits.
        never: what its output does not hold.
        then: a check on what is then in ``out``, given that and the input.
    """

    command: str
    says: tuple[str, ...] | str = ()
    code: int = 0
    never: tuple[str, ...] = ()
    then: Check | None = None

    @property
    def wanted(self) -> tuple[str, ...]:
        """The texts of ``says``."""
        return (self.says,) if isinstance(self.says, str) else self.says


@dataclass(frozen=True)
class Fault:
    """An input and what is right.

    Attributes:
        path: below the folder of faults.
        steps: commands, one after the other; none where the fault is not mended yet.
        channels: of ``{model}``.
        spacing: of ``{model}``.
        needs: an optional package that reads the input.
    """

    path: str
    steps: tuple[Step, ...] = field(default=())
    channels: int = 1
    spacing: tuple[float, float, float] = (1.0, 1.0, 2.0)
    needs: str | None = None


def fault(path: str, *steps: Step, **options: object) -> Fault:
    """A row, its steps as they come."""
    return Fault(path, steps, **options)  # type: ignore[arg-type]
