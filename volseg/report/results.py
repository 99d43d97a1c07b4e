"""What a report says in figures, the same for scans and for volumes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from volseg.io.scans.extent import ScanExtent
from volseg.metrics.calibration import Reliability
from volseg.metrics.confusion import Confusion
from volseg.report.objects import ObjectResults

Kind = Literal["scan", "volume"]


@dataclass(frozen=True)
class CaseResult:
    """One case.

    Attributes:
        name: of the scan or the volume.
        anchor: id of its section.
        iou: of every class; NaN where neither truth nor prediction has it.
        mean_iou: of the classes that count; NaN if there is none.
        cells: points or voxels whose truth is known.
        wrong: how many of them are wrong; None where classes are regions that overlap.
        extent: where it lies; None for volumes.
    """

    name: str
    anchor: str
    iou: tuple[float, ...]
    mean_iou: float
    cells: int
    wrong: int | None
    extent: ScanExtent | None = None


@dataclass(frozen=True)
class ClassResult:
    """One class over all cases.

    Of scans, figures are of the points of all together; of volumes, IoU and Dice are means over
    cases: as `volseg evaluate` prints them. Precision and recall are of all points or voxels.

    Attributes:
        name: of the class.
        colour: as ``#RRGGBB``.
        iou: intersection over union; NaN where no case has the class.
        dice: NaN likewise.
        precision: NaN likewise.
        recall: NaN likewise.
        support: points or voxels of the class in the truth.
        counts: whether the mean over classes includes it.
    """

    name: str
    colour: str
    iou: float
    dice: float
    precision: float
    recall: float
    support: int
    counts: bool = True


@dataclass(frozen=True, eq=False)
class Results:
    """All figures of a report.

    Attributes:
        kind: what the cases are.
        classes: in the order of the label map.
        cases: the worst first; those without a score last.
        mean_iou: over the classes that count; NaN if there is none.
        mean_dice: likewise.
        confusion: over all cases; None where classes are regions that overlap.
        reliability: of predictions that tell how sure they are; None without such.
        objects: figures of objects; None where they are not compared.
    """

    kind: Kind
    classes: tuple[ClassResult, ...]
    cases: tuple[CaseResult, ...]
    mean_iou: float
    mean_dice: float
    confusion: Confusion | None
    reliability: Reliability | None
    objects: ObjectResults | None = None

    @property
    def cells(self) -> str:
        """What is counted, in words."""
        return "points" if self.kind == "scan" else "voxels"

    @property
    def total(self) -> int:
        """Points or voxels whose truth is known."""
        return sum(case.cells for case in self.cases)

    def worst_case(self, number: int) -> CaseResult | None:
        """The case with the lowest IoU of a class; None if no case has the class."""
        having = [case for case in self.cases if not math.isnan(case.iou[number])]
        return min(having, key=lambda case: case.iou[number], default=None)

    def mistakes(self, most: int) -> list[tuple[str, str, int]]:
        """The commonest mistakes: true class, what it was taken for, how often."""
        if self.confusion is None:
            return []
        counts = self.confusion.counts.copy()
        np.fill_diagonal(counts, 0)
        names = [*(one.name for one in self.classes), "no class"]
        places = np.argsort(-counts, axis=None, kind="stable")[:most].tolist()
        pairs = [divmod(place, counts.shape[1]) for place in places]
        return [(names[k], names[j], int(counts[k, j])) for k, j in pairs if counts[k, j]]


def worst_first(cases: Sequence[CaseResult]) -> tuple[CaseResult, ...]:
    """Cases by mean IoU, those without one last; of equal ones, by name."""
    return tuple(sorted(cases, key=lambda one: (math.isnan(one.mean_iou), one.mean_iou, one.name)))
