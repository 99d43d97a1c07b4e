"""The objects of a case that are not as they should be, by what became of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

import numpy as np

from volseg.metrics.matching import FALSE, MISSED, Matching, Segments
from volseg.metrics.overlaps import class_of, id_of

ErrorKind = Literal["missed", "false", "split", "merged"]
ERROR_KINDS: tuple[ErrorKind, ...] = ("missed", "false", "split", "merged")
"""Nothing is there in the prediction; nothing is there in truth; one that is several in the
prediction; several that are one there."""
OF_TRUTH: frozenset[ErrorKind] = frozenset(("missed", "split"))
"""Kinds that objects of the truth are of; the others are of the prediction."""


@dataclass(frozen=True)
class ObjectError:
    """An object that is wrong.

    Attributes:
        kind: what became of it.
        label: training id of its class.
        id: its id, in the truth of those missed and split, in the prediction of all others.
        cells: how many it has.
    """

    kind: ErrorKind
    label: int
    id: int
    cells: int

    @property
    def in_truth(self) -> bool:
        """Whether it is an object of the truth, not of the prediction."""
        return self.kind in OF_TRUTH


def object_errors(pairs: Matching, things: Collection[int]) -> list[ObjectError]:
    """The wrong objects of things in a case, the largest first.

    Args:
        pairs: the case.
        things: training ids of the classes that have objects.
    """
    truth, predicted = pairs.fates
    flags = {
        "missed": pairs.truth.counted & (truth == MISSED),
        "false": pairs.predicted.counted & (predicted == FALSE),
        "split": pairs.split,
        "merged": pairs.merged,
    }
    errors = [
        error
        for kind in ERROR_KINDS
        for error in _errors(kind, pairs.truth if kind in OF_TRUTH else pairs.predicted,
                             np.flatnonzero(flags[kind]))
        if error.label in things
    ]  # fmt: skip
    return sorted(errors, key=lambda error: -error.cells)


def _errors(kind: ErrorKind, side: Segments, rows: np.ndarray) -> list[ObjectError]:
    labels, ids = class_of(side.keys[rows]).tolist(), id_of(side.keys[rows]).tolist()
    cells = side.sizes[rows].tolist()
    return [ObjectError(kind, *facts) for facts in zip(labels, ids, cells, strict=True)]
