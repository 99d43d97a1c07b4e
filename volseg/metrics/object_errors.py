"""The objects of a case that are not as they should be, by what became of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from volseg.metrics.matching import FALSE, FATES, MISSED, Matching, Segments
from volseg.metrics.overlaps import Ints, class_of, id_of, segment_keys

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


def key_objects(
    classes: Ints, ids: Ints, things: Sequence[int]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Keys of the objects of a side, ascending; and their numbers from 1 on, 0 in none.

    Args:
        classes: training ids, of any shape.
        ids: of objects, of the same shape.
        things: training ids of the classes that have objects, one at least.
    """
    flags = np.isin(np.arange(max(things) + 1), things)
    inside = np.isin(classes, things) & (ids > 0)
    known = np.where(inside, classes, things[0])
    segments = np.where(inside, segment_keys(known, ids, flags), 0)
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


def cell_fates(
    truth: tuple[Ints, Ints], predicted: tuple[Ints, Ints], pairs: Matching, things: Sequence[int]
) -> NDArray[np.uint8]:
    """What became of the object at every cell: 1 + its place in `ERROR_KINDS`, 0 of right ones.

    Where the object of the truth is right, or there is none, that of the prediction.

    Args:
        truth: classes and ids of objects, of any one shape.
        predicted: likewise.
        pairs: the case.
        things: training ids of the classes that have objects.
    """
    codes = []
    for side, segments, fates in zip(
        (truth, predicted), (pairs.truth, pairs.predicted), pairs.fates, strict=True
    ):
        keys, numbers = key_objects(*side, things)
        became = fates_of(keys, segments, fates)
        codes.append(np.append(0, became).astype(np.uint8)[numbers])
    return np.where(codes[0] > 0, codes[0], codes[1])


def _errors(kind: ErrorKind, side: Segments, rows: np.ndarray) -> list[ObjectError]:
    labels, ids = class_of(side.keys[rows]).tolist(), id_of(side.keys[rows]).tolist()
    cells = side.sizes[rows].tolist()
    return [ObjectError(kind, *facts) for facts in zip(labels, ids, cells, strict=True)]
