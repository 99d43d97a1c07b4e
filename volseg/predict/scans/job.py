"""One scan to segment, how it is to be segmented, and how that went."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from volseg.errors import InputError
from volseg.io.scans.pieces import Pieces
from volseg.io.stamp import stamp_of
from volseg.predict.scans.codes import NO_RULES, CodeRules


@dataclass(frozen=True)
class ScanOptions:
    """How scans are read, segmented and written.

    Attributes:
        tta: take the mean over turned and mirrored views.
        confidence: write the probability of classes too.
        crs: as in `volseg.io.read`.
        columns: as in `volseg.io.read`.
        mark_noise: write what is found to be noise below the ground, or high above all else, as
            classes 7 and 18 of LAS.
        ground_only: write ground and noise alone, and all else as unclassified, class 1 of LAS.
        all_points: segment what files call noise or withhold, too; else it keeps its class.
        objects: tell the objects of things apart too, and list them in tables beside the copies.
        rules: which points get their class, and by which code.
        overwrite: replace existing files.
    """

    tta: bool = False
    confidence: bool = False
    crs: str | None = None
    columns: tuple[str, ...] | None = None
    mark_noise: bool = False
    ground_only: bool = False
    all_points: bool = False
    objects: bool = False
    rules: CodeRules = NO_RULES
    overwrite: bool = False

    def pieces(self, source: Path) -> Pieces:
        """A scan, to be read a piece at a time."""
        return Pieces(source, crs=self.crs, columns=self.columns, noise=self.all_points)


@dataclass(eq=False)
class ScanJob:
    """One scan to segment, and how that went.

    Attributes:
        source: the scan.
        target: where the labelled copy goes.
        points: number of its points.
        crs: the coordinate system it names, or None.
        strangers: scans that adjoin it but name another coordinate system.
        beyond: in what it is beyond what the model learnt, or None.
        ground: number of points called ground, where that is all that is asked for.
        noise: number of points found to be noise, below the ground or high above all else.
        classes: points of every code that was written; none of an earlier run's.
        kept: number of points that kept what they had, as rules say.
        unsure: number of points that were less than half sure of their class.
        objects: number of objects on it, where they are told apart.
        seconds: time spent on it.
        written: the files made; none if there is an error.
        error: why there is no copy.
    """

    source: Path
    target: Path
    points: int = 0
    crs: str | None = None
    strangers: list[Path] = field(default_factory=list)
    beyond: str | None = None
    ground: int = 0
    noise: int = 0
    classes: Counter[int] = field(default_factory=Counter)
    kept: int = 0
    unsure: int = 0
    objects: int = 0
    seconds: float = 0.0
    written: list[Path] = field(default_factory=list)
    error: InputError | None = None

    @property
    def folder(self) -> Path:
        """Where its spool lies until all is done: beside the target, hidden."""
        return self.target.with_name(f".{self.target.name}.volseg")


def stamp(path: Path) -> list[Any]:
    """What tells a file from what it was before."""
    try:
        return [*stamp_of(path)]
    except OSError:
        return [str(path.absolute())]
