"""Objects of a scan in a window: what became of them, where the worst are, and their rows."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.colours import rgb
from volseg.io.folders import OBJECTS_TABLE
from volseg.io.scans.formats import scan_stem
from volseg.metrics import Panoptic
from volseg.metrics.object_errors import cell_fates, object_errors
from volseg.view.colours import CORRECT
from volseg.view.legend import Entry, Legend
from volseg.view.object_colours import ERROR_COLOURS
from volseg.view.spots import MOST, Spot

Ids = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class ComparedObjects:
    """Predicted and true objects of the same points.

    Attributes:
        truth: training ids, `IGNORE` where unknown, and ids of objects, (N,) each.
        predicted: likewise.
        names: of the classes.
        named: of the things; None for all that the truth has objects of.
    """

    truth: tuple[Ids, Ids]
    predicted: tuple[Ids, Ids]
    names: tuple[str, ...]
    named: frozenset[str] | None = None

    @cached_property
    def things(self) -> tuple[int, ...]:
        """The classes whose objects are compared."""
        if self.named is not None:
            return tuple(k for k, name in enumerate(self.names) if name in self.named)
        classes, ids = self.truth
        return tuple(np.unique(classes[(ids > 0) & (classes >= 0)]).tolist())

    @cached_property
    def _panoptic(self) -> Panoptic:
        panoptic = Panoptic(len(self.names), self.things)
        panoptic.update(*self.truth, *self.predicted, case="scan")
        return panoptic

    def spots(self, xyz: NDArray[np.float64], near: NDArray[np.int64]) -> list[Spot]:
        """The objects that are wrong, the largest first.

        Args:
            xyz: the points, (N, 3).
            near: rows of those that do not lie far away from all others.
        """
        if not self.things:
            return []
        spots = []
        for error in object_errors(self._panoptic.matching("scan"), self.things)[:MOST]:
            classes, ids = self.truth if error.in_truth else self.predicted
            rows = near[(classes[near] == error.label) & (ids[near] == error.id)]
            if len(rows):
                low, high = xyz[rows].min(axis=0), xyz[rows].max(axis=0)
                name = f"{error.kind}: {self.names[error.label]}, object {error.id}"
                spots.append(Spot(error.cells, (low + high) / 2, high - low, name))
        return spots

    def colours(self) -> tuple[NDArray[np.uint8], Legend]:
        """A colour for every point by what became of its object, uint8 (N, 3)."""
        fates = np.zeros(len(self.truth[0]), np.uint8)
        if self.things:
            matching = self._panoptic.matching("scan")
            fates = cell_fates(self.truth, self.predicted, matching, self.things)
        kinds = [Entry(name, rgb(colour)) for name, colour in ERROR_COLOURS.items()]
        table = np.array([CORRECT, *(entry.colour for entry in kinds)], np.uint8)
        return table[fates], Legend("objects", (Entry("right", CORRECT), *kinds))


def read_rows(scan: Path) -> dict[int, str]:
    """What the table beside a labelled scan says of every object, by its id; boxes left out.

    Nothing where there is no table, or it is none of ours.
    """
    path = scan.with_name(scan_stem(scan) + OBJECTS_TABLE)
    rows = {}
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            for row in csv.DictReader(stream):
                facts = (f"{name} {value}" for name, value in row.items() if _is_told(name))
                rows[int(row["id"])] = "  ".join(facts)
    except (OSError, ValueError, KeyError, csv.Error):
        return {}
    return rows


def _is_told(column: str) -> bool:
    return column not in ("id", "class_id") and not column.endswith(("_min", "_max"))
