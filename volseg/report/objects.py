"""What a report says of objects: figures of every thing, and the worst, with pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.evaluate.objects import ObjectEvaluation, ObjectSide
from volseg.geometry.labels import LabelMap
from volseg.metrics.object_errors import ERROR_KINDS, ErrorKind, ObjectError

SHOWN = 6
"""Objects of each kind of error that are drawn, the largest."""
WRONG_CLASS = "#7a7a7a"
"""Colour of cells of a wrong class that are of no object."""
TRUE, PREDICTED = "#00a2ff", "#ff9100"
"""Colours of outlines in pictures of the worst objects."""
MEANINGS: dict[ErrorKind, str] = {
    "missed": "there is no object in the prediction",
    "false": "there is no object in truth",
    "split": "one object of the truth is several in the prediction",
    "merged": "one object of the prediction is several in truth",
}

Draw = Callable[[ObjectError], Image.Image]


@dataclass(frozen=True)
class ObjectResult:
    """Figures of one thing over all cases; NaN where nobody has such objects.

    Attributes:
        name: of the class.
        colour: as ``#RRGGBB``.
        objects: how many the truth has.
        scores: PQ, SQ, RQ which is F1, and AP50.
        errors: how many objects are wrong, by kind.
    """

    name: str
    colour: str
    objects: int
    scores: tuple[float, float, float, float]
    errors: dict[ErrorKind, int]


@dataclass(frozen=True)
class WorstObject:
    """An object that is wrong.

    Attributes:
        name: of the case.
        anchor: id of its section.
        thing: name of its class.
        error: what became of it.
        picture: what it looks like.
    """

    name: str
    anchor: str
    thing: str
    error: ObjectError
    picture: Image.Image


@dataclass(frozen=True, eq=False)
class ObjectResults:
    """All that a report says of objects.

    Attributes:
        things: in the order of the label map.
        means: of their scores.
        worst: the largest objects of each kind of error.
    """

    things: tuple[ObjectResult, ...]
    means: tuple[float, float, float, float]
    worst: dict[ErrorKind, tuple[WorstObject, ...]]


class ObjectTally:
    """Compares the objects of case after case, and keeps pictures of the worst."""

    def __init__(self, labels: LabelMap) -> None:
        self.evaluation = ObjectEvaluation(labels)
        self._worst: dict[ErrorKind, list[WorstObject]] = {kind: [] for kind in ERROR_KINDS}

    def add(
        self, name: str, anchor: str, truth: ObjectSide, predicted: ObjectSide, draw: Draw
    ) -> list[ObjectError]:
        """Compare a case; its wrong objects, the largest first.

        Args:
            name: of the case.
            anchor: id of its section, unlike any other.
            truth: true classes and objects.
            predicted: predicted ones.
            draw: gives a picture of an object.

        Raises:
            InputError: if an id is negative or has more than 32 bits.
        """
        self.evaluation.add(anchor, truth, predicted, _nowhere)
        errors = self.evaluation.errors(anchor)
        for kind, worst in self._worst.items():
            for error in [error for error in errors if error.kind == kind][:SHOWN]:
                if len(worst) == SHOWN and error.cells <= worst[-1].error.cells:
                    break
                thing = self.evaluation.labels.names[error.label]
                worst.append(WorstObject(name, anchor, thing, error, draw(error)))
                worst.sort(key=lambda known: -known.error.cells)
                del worst[SHOWN:]
        return errors

    def results(self) -> ObjectResults:
        """Figures of all cases together."""
        scores, labels = self.evaluation.scores(), self.evaluation.labels
        rows = (scores.pq, scores.sq, scores.rq, scores.ap50)
        things = tuple(
            ObjectResult(
                labels.names[k],
                labels.classes[k].colour,
                int(scores.tp[k] + scores.fn[k]),
                _four(*(float(row[k]) for row in rows)),
                {kind: int(getattr(scores, kind)[k]) for kind in ERROR_KINDS},
            )
            for k in labels.things
        )
        means = (scores.mean(name, labels.things) for name in ("pq", "sq", "rq", "ap50"))
        return ObjectResults(
            things, _four(*means), {kind: tuple(worst) for kind, worst in self._worst.items()}
        )


def _four(pq: float, sq: float, rq: float, ap50: float) -> tuple[float, float, float, float]:
    return pq, sq, rq, ap50


def _nowhere(chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    raise AssertionError("no centres are compared")
