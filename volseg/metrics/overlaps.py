"""Cells that truth objects and predicted ones share, counted in one sparse table."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.labels import IGNORE

Ints = NDArray[np.integer[Any]]
Int64s = NDArray[np.int64]

ID_BITS = 32
VOID = 0
"""Key of cells without a class: their truth is unknown, or nothing was predicted there."""
# Cells counted at a time: bounds the memory of the sorted keys to a few tens of megabytes.
CHUNK = 1 << 20


def segment_keys(classes: Ints, ids: Ints, things: NDArray[np.bool_]) -> Int64s:
    """One key a segment, ``(class + 1) << 32 | id``, int64 of the same shape.

    Args:
        classes: training ids in ``[-1, K)``; `IGNORE` gives `VOID`, whatever the id.
        ids: objects' ids in ``[0, 2**32)``, 0 for none; those of stuff do not count.
        things: bool (K,), which classes have objects.

    Raises:
        InputError: if the shapes differ, or a class or an id is out of range.
    """
    if classes.shape != ids.shape:
        raise InputError(f"classes have shape {classes.shape} and ids {ids.shape}; wanted the same")
    for name, values, low, end in (
        ("class", classes, IGNORE, len(things)),
        ("object id", ids, 0, 1 << ID_BITS),
    ):
        if not np.issubdtype(values.dtype, np.integer):
            raise InputError(f"values of type {values.dtype} as {name}; wanted integers")
        if values.size and not (low <= int(values.min()) and int(values.max()) < end):
            wrong = int(values.min()) if int(values.min()) < low else int(values.max())
            raise InputError(f"{name} {wrong}; wanted {low} to {end - 1}")
    named = np.append(things, False)[classes]
    keys = (classes.astype(np.int64) + 1) << ID_BITS
    return np.where(named, keys | ids.astype(np.int64), keys)


def class_of(keys: Int64s) -> Int64s:
    """The training ids of segments, `IGNORE` of `VOID`."""
    return (keys >> ID_BITS) - 1


def id_of(keys: Int64s) -> Int64s:
    """The objects' ids of segments, 0 of stuff."""
    return keys & ((1 << ID_BITS) - 1)


class Overlaps:
    """How many cells each pair of a truth segment and a predicted one shares, in one case.

    Adding up is all that tiles and processes need: a case cut in any way has the same table.

    Attributes:
        truth: int64 (M,), truth segments' keys, ascending; of equal ones ``predicted`` ascends.
        predicted: int64 (M,), predicted segments' keys.
        counts: int64 (M,), the cells they share, at least one.
    """

    def __init__(self) -> None:
        self.truth: Int64s = np.zeros(0, np.int64)
        self.predicted: Int64s = np.zeros(0, np.int64)
        self.counts: Int64s = np.zeros(0, np.int64)

    def update(self, truth: Int64s, predicted: Int64s) -> None:
        """Count the cells of a tile by their `segment_keys`.

        Raises:
            InputError: if the shapes differ.
        """
        if truth.shape != predicted.shape:
            raise InputError(
                f"truth has shape {truth.shape} and prediction {predicted.shape}; wanted the same"
            )
        rows, columns = truth.reshape(-1), predicted.reshape(-1)
        for start in range(0, rows.size, CHUNK):
            chunk = slice(start, start + CHUNK)
            self._add(rows[chunk], columns[chunk], np.ones(len(rows[chunk]), np.int64))

    def merge(self, other: Overlaps) -> None:
        """Add another tile's counts to these."""
        self._add(other.truth, other.predicted, other.counts)

    def _add(self, truth: Int64s, predicted: Int64s, counts: Int64s) -> None:
        rows, row = np.unique(np.concatenate([self.truth, truth]), return_inverse=True)
        columns, column = np.unique(
            np.concatenate([self.predicted, predicted]), return_inverse=True
        )
        pairs, pair = np.unique(row * len(columns) + column, return_inverse=True)
        # Sums in float64 are exact: there are fewer than 2**53 cells.
        summed = np.bincount(pair, np.concatenate([self.counts, counts]), len(pairs))
        self.truth, self.predicted = rows[pairs // len(columns)], columns[pairs % len(columns)]
        self.counts = summed.astype(np.int64)
