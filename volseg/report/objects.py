"""What a report says of objects: figures of every thing, and the worst, with pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.evaluate.object_errors import ERROR_KINDS, ErrorKind, ObjectError
from volseg.evaluate.objects import ObjectEvaluation, ObjectSide
from volseg.geometry.labels import LabelMap
from volseg.metrics.matching import FATES, Segments
from volseg.metrics.overlaps import segment_keys

SHOWN = 6
"""Objects of each kind of error that are drawn, the largest."""
COLOURS: dict[ErrorKind, str] = {
    "missed": "#d61a1a", "false": "#f08c00", "split": "#1971c2", "merged": "#9c36b5",
}  # fmt: skip
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


def number_objects(
    side: ObjectSide, things: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keys of the objects of a side, ascending; and their numbers from 1 on, 0 in none."""
    flags = np.isin(np.arange(max(things) + 1), things)
    inside = np.isin(side.classes, things) & (side.ids > 0)
    classes = np.where(inside, side.classes, things[0])
    segments = np.where(inside, segment_keys(classes, side.ids, flags), 0)
    keys, inverse = np.unique(segments, return_inverse=True)
    none = int(len(keys) > 0 and keys[0] == 0)
    return keys[none:], inverse.reshape(segments.shape) + (1 - none)


def fates_of(
    keys: NDArray[np.int64], segments: Segments, fates: NDArray[np.int8]
) -> NDArray[np.int64]:
    """What became of objects: 1 + the place in `ERROR_KINDS`, 0 of those that are right.

    Args:
        keys: of the objects, (n,).
        segments: all of their side.
        fates: what became of each of those, as of `Matching.fates`.
    """
    codes = np.array([1 + ERROR_KINDS.index(name) if name in ERROR_KINDS else 0 for name in FATES])
    became = dict(zip(segments.keys.tolist(), codes[fates].tolist(), strict=True))
    return np.array([became.get(key, 0) for key in keys.tolist()], np.int64)


def _four(pq: float, sq: float, rq: float, ap50: float) -> tuple[float, float, float, float]:
    return pq, sq, rq, ap50


def _nowhere(chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
    raise AssertionError("no centres are compared")
