"""Objects of a case on the grid the network sees: their numbers, centres and borders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.encode import encode_volume
from volseg.data.volumes.objects.truth import ObjectTruth, number_objects, split_truth
from volseg.data.volumes.prepare import prepare_labels
from volseg.geometry.labels import LabelMap

REACH = 2
"""Cells from a cell of an object to another object within which it is border: of one alone a
network misses more, and a background of one cell between two objects stays as hard to see."""


@dataclass(frozen=True, eq=False)
class ObjectMap:
    """Which cells are one object.

    Attributes:
        numbers: int32 (X, Y, Z): 1 to N, negative in cells within `REACH` of another object,
            0 in none.
        centres: centroids in cells, float32 (N + 1, 3); NaN of objects without a cell.
        kinds: training ids of their classes, int16 (N + 1,); that of 0 is -1.
    """

    numbers: NDArray[np.int32]
    centres: NDArray[np.float32]
    kinds: NDArray[np.int16]

    @classmethod
    def of(
        cls, numbers: NDArray[np.int32], kinds: NDArray[np.int16], axes: Sequence[int] = (0, 1, 2)
    ) -> ObjectMap:
        """Find centres and borders of numbered objects; ``axes`` have neighbours."""
        size = box(REACH, axes)
        centres = find_centres(numbers, len(kinds) - 1)
        return cls(np.where(touches_another(numbers, size), -numbers, numbers), centres, kinds)

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Cells of every object, (N + 1,); of 0 none."""
        sizes = np.bincount(np.abs(self.numbers).ravel(), minlength=len(self.kinds))
        sizes[0] = 0
        return np.asarray(sizes, np.int64)


def prepare_objects(
    raw: NDArray[np.integer[Any]],
    labels: LabelMap,
    truth: ObjectTruth,
    affine: NDArray[np.float64],
    spacing: Sequence[float],
    axes: Sequence[int],
    ids: NDArray[np.integer[Any]] | None = None,
) -> tuple[NDArray[np.signedinteger[Any]], ObjectMap]:
    """Classes and objects of a label as the network learns them.

    Both are resampled as one, so that no cell has an object without its class.

    Args:
        raw: (X, Y, Z), as its file has it.
        labels: raw ids to training ids.
        truth: how the file says which cells are one object.
        affine: as of `prepare_labels`.
        spacing: as of `prepare_labels`.
        axes: those the network sees.
        ids: of objects, where they have a file of their own.

    Returns:
        Training ids (*grid), and the objects.

    Raises:
        InputError: as `split_truth`, or if an id is not in the label map.
    """
    raw_classes, object_ids = split_truth(raw, labels, truth, ids)
    classes = encode_volume(raw_classes, labels)
    numbers, kinds = number_objects(classes, object_ids, labels)
    first = len(labels) - 1
    codes = np.where(numbers > 0, numbers + first, classes.astype(np.int32))
    codes = prepare_labels(codes, affine, spacing)
    numbers = np.maximum(codes - first, 0).astype(np.int32)
    prepared = np.where(numbers > 0, kinds[numbers], codes).astype(classes.dtype)
    return prepared, ObjectMap.of(numbers, kinds, axes)


def box(reach: int, axes: Sequence[int]) -> list[int]:
    """Sides of a box of so many cells to each side along some axes."""
    return [2 * reach + 1 if axis in axes else 1 for axis in range(3)]


def touches_another(numbers: NDArray[np.int32], size: Sequence[int]) -> NDArray[np.bool_]:
    """Which cells of objects have another object within a box of ``size`` cells around them."""
    from scipy import ndimage

    highest = ndimage.maximum_filter(numbers, size, mode="nearest")
    filled = np.where(numbers > 0, numbers, np.iinfo(np.int32).max)
    lowest = ndimage.minimum_filter(filled, size, mode="nearest")
    return np.asarray((numbers > 0) & ((highest != numbers) | (lowest != numbers)))


def find_centres(numbers: NDArray[np.int32], many: int) -> NDArray[np.float32]:
    """The centroid of every object, in cells, float32 (many + 1, 3); NaN of those with no cell."""
    cells = np.nonzero(numbers)
    of = numbers[cells]
    counts = np.bincount(of, minlength=many + 1).astype(np.float64)
    counts[counts == 0] = np.nan
    sums = [np.bincount(of, axis, minlength=many + 1) for axis in cells]
    return np.asarray(np.stack(sums, axis=1) / counts[:, None], np.float32)
