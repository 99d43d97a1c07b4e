"""Objects of predictions against the truth, case by case: of scans and of volumes alike."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.labels import LabelMap
from volseg.io.tables import csv_text
from volseg.metrics.detection import Detection, match_centres
from volseg.metrics.matching import PLAIN, Matching, Rules
from volseg.metrics.object_errors import ObjectError, object_errors
from volseg.metrics.panoptic import Panoptic, PanopticScores
from volseg.metrics.rand import RandScores, rand_scores

Ints = NDArray[np.integer[Any]]
Places = Callable[[NDArray[np.bool_]], NDArray[np.float64]]
"""The coordinates of some cells, flags to float64 (n, nd)."""

FIGURES = ("pq", "sq", "rq", "precision", "recall", "ap50", "mean_ap", "coverage")
COUNTS = ("tp", "fp", "fn", "missed", "false", "split", "merged")


@dataclass(frozen=True, eq=False)
class ObjectSide:
    """The cells of one side of a case.

    Attributes:
        classes: training ids, of any shape.
        ids: of objects, of the same shape, 0 in none.
    """

    classes: Ints
    ids: Ints


@dataclass(eq=False)
class ObjectEvaluation:
    """How well objects are found.

    Attributes:
        labels: the classes.
        distance: how far apart the centres of a pair may be; None where none are compared.
        rules: what counts.
        panoptic: the table of shared cells of every case.
        detections: by case and training id, the objects found by their centres.
        failed: what could not be compared, and why.
        alone: names of truths without a prediction.
        total: number of pairs, of which ``failed`` are some, and of files without a partner.
    """

    labels: LabelMap
    distance: float | None = None
    rules: Rules = PLAIN
    panoptic: Panoptic = field(init=False)
    detections: dict[str, dict[int, Detection]] = field(default_factory=dict)
    failed: tuple[InputError, ...] = ()
    alone: tuple[str, ...] = ()
    total: int = 1

    def __post_init__(self) -> None:
        if not self.labels.things:
            raise InputError(
                f"of the classes {', '.join(self.labels.names)} none is a thing; say which have "
                "objects by 'thing: true' in the label map"
            )
        if self.distance is not None and not 0 < self.distance < math.inf:
            raise InputError(f"a distance of {self.distance}; wanted more than 0")
        self.panoptic = Panoptic(len(self.labels), self.labels.things)

    def add(self, name: str, truth: ObjectSide, predicted: ObjectSide, places: Places) -> None:
        """Compare the objects of a case.

        Raises:
            InputError: if an id is negative or has more than 32 bits.
        """
        self.panoptic.update(truth.classes, truth.ids, predicted.classes, predicted.ids, case=name)
        if self.distance is not None:
            true, guess = (self._centres(side, places) for side in (truth, predicted))
            self.detections[name] = {
                k: match_centres(true[k], guess[k], self.distance) for k in self.labels.things
            }

    def scores(self, case: str | None = None) -> PanopticScores:
        """Scores of one case, or of all."""
        return self.panoptic.scores(case, rules=self.rules)

    def matching(self, case: str) -> Matching:
        """The objects of a case side by side."""
        return self.panoptic.matching(case, self.rules)

    def errors(self, case: str) -> list[ObjectError]:
        """The objects of a case that are wrong, the largest first."""
        return object_errors(self.matching(case), self.labels.things)

    def detection(self, thing: int, case: str | None = None) -> Detection:
        """What of a thing was found by its centre, in one case or in all."""
        cases = self.detections.values() if case is None else [self.detections[case]]
        return sum((found[thing] for found in cases), Detection())

    def rand(self) -> dict[str, RandScores]:
        """Rand scores of every case that has objects in truth."""
        cases = {}
        for name, overlaps in self.panoptic.cases.items():
            try:
                cases[name] = rand_scores(overlaps)
            except InputError:
                continue
        return cases

    def to_json(self) -> dict[str, Any]:
        """All figures as plain values, NaN as None: of all cases, and of each."""
        things = [self.labels.names[k] for k in self.labels.things]
        scores = self.scores()
        means = {name: _plain(scores.mean(name, self.labels.things)) for name in FIGURES}
        rand = self.rand().values()
        return {
            "things": things,
            "classes": self._figures(),
            "mean_of_things": means,
            "mean_pq": _plain(scores.mean("pq")),
            "adapted_rand_error": _plain(_mean([one.error for one in rand])),
            "split_information": _plain(_mean([one.split for one in rand])),
            "merge_information": _plain(_mean([one.merge for one in rand])),
            "cases": {name: self._figures(name) for name in self.panoptic.cases},
        }

    def to_csv(self) -> str:
        """A row a case and class that is there, NaN as nothing."""
        columns = (*FIGURES, *COUNTS)
        rows = (
            (case, name, *(row[key] for key in columns))
            for case in self.panoptic.cases
            for name, row in self._figures(case).items()
            if row["tp"] + row["fp"] + row["fn"]
        )
        return csv_text(("case", "class", *columns), rows)

    def _figures(self, case: str | None = None) -> dict[str, dict[str, Any]]:
        scores, classes = self.scores(case), {}
        for k, name in enumerate(self.labels.names):
            row: dict[str, Any] = {key: _plain(float(getattr(scores, key)[k])) for key in FIGURES}
            row |= {"f1": row["rq"]} | {key: int(getattr(scores, key)[k]) for key in COUNTS}
            if self.distance is not None and k in self.labels.things:
                found = self.detection(k, case)
                figures = ("f1", "precision", "recall")
                row["within"] = {"distance": self.distance} | {
                    key: _plain(getattr(found, key)) for key in figures
                }
            classes[name] = row
        return classes

    def _centres(self, side: ObjectSide, places: Places) -> dict[int, NDArray[np.float64]]:
        """Centres of the objects of every thing, float64 (n, nd) each."""
        centres: dict[int, NDArray[np.float64]] = {}
        for k in self.labels.things:
            inside = (side.classes == k) & (side.ids > 0)
            cells = places(inside)
            row = np.unique(side.ids[inside], return_inverse=True)[1].reshape(-1)
            sums = [np.bincount(row, axis) for axis in cells.T]
            centres[k] = np.stack(sums, axis=1) / np.bincount(row)[:, None]
        return centres


def unique_name(name: str, path: object, taken: defaultdict[str, int]) -> str:
    """What a case goes by: its name, or its path where another has that name."""
    taken[name] += 1
    return name if taken[name] == 1 else str(path)


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values) if values else math.nan


def _plain(value: float) -> float | None:
    return None if math.isnan(value) else value
