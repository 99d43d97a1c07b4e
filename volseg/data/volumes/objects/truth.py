"""Which cells belong to which object: from label files to classes and ids."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.labels import LabelMap

ObjectTruth = Literal["ids", "thousands", "file", "components"]
"""How label files say which cells are one object: every id is an object of the only thing class;
``class * 1000 + number``, and ids below 1000 are classes; a second file holds ids beside that of
classes; or ids are classes whose connected components are the objects."""

THOUSAND = 1000
LARGEST_ID = 2**32 - 1


def split_truth(
    raw: NDArray[np.integer[Any]],
    labels: LabelMap,
    kind: ObjectTruth,
    ids: NDArray[np.integer[Any]] | None = None,
) -> tuple[NDArray[np.integer[Any]], NDArray[np.int64]]:
    """What a label file says, as raw ids of classes and ids of objects.

    Args:
        raw: (X, Y, Z), as the file has it.
        labels: the classes.
        kind: how the file says which cells are one object.
        ids: of objects (X, Y, Z), where they have a file of their own.

    Returns:
        Raw ids of classes (X, Y, Z), and ids of objects int64 (X, Y, Z): 0 in none. Ids are
        unlike each other within a class.

    Raises:
        InputError: if the label map has no thing, or several where ids say no class, or an id is
            negative or has more than 32 bits.
    """
    if not labels.things:
        raise InputError("data.objects: no class is a thing; give one 'thing: true' or a grouping")
    if kind == "ids":
        return _of_one_class(raw, labels)
    if kind == "thousands":
        _check_range(raw)
        numbered = raw >= THOUSAND
        return np.where(numbered, raw // THOUSAND, raw), np.where(numbered, raw, 0).astype(np.int64)
    if kind == "components":
        return raw, _components(raw, labels)
    if ids is None:
        raise InputError("data.objects is 'file', and there is no file of the objects' ids")
    _check_range(ids)
    return raw, ids.astype(np.int64)


def _of_one_class(
    raw: NDArray[np.integer[Any]], labels: LabelMap
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    if len(labels.things) > 1:
        names = ", ".join(labels.classes[k].name for k in labels.things)
        raise InputError(
            f"data.objects: 'ids' say no class, and there are several things ({names}); "
            "wanted 'thousands', or a second file"
        )
    _check_range(raw)
    ids = np.where((raw == 0) | np.isin(raw, labels.ignore), 0, raw).astype(np.int64)
    return np.where(ids > 0, labels.classes[labels.things[0]].ids[0], raw).astype(np.int64), ids


def _components(raw: NDArray[np.integer[Any]], labels: LabelMap) -> NDArray[np.int64]:
    """Connected components of every thing; cells that touch by a face, edge or corner are one."""
    from scipy import ndimage

    ids, last = np.zeros(raw.shape, np.int64), 0
    for thing in labels.things:
        pieces, many = ndimage.label(np.isin(raw, labels.classes[thing].ids), np.ones((3, 3, 3)))
        ids[pieces > 0] = pieces[pieces > 0] + last
        last += many
    return ids


def _check_range(ids: NDArray[np.integer[Any]]) -> None:
    low, high = int(ids.min(initial=0)), int(ids.max(initial=0))
    if low < 0 or high > LARGEST_ID:
        wrong = low if low < 0 else high
        raise InputError(f"holds object id {wrong}; wanted 0 for none, or 1 to {LARGEST_ID}")


def number_objects(
    classes: NDArray[np.signedinteger[Any]], ids: NDArray[np.int64], labels: LabelMap
) -> tuple[NDArray[np.int32], NDArray[np.int16]]:
    """Objects numbered 1 to N: the cells of a thing that share an id.

    Args:
        classes: training ids (X, Y, Z).
        ids: of objects (X, Y, Z), 0 in none; those of stuff are not looked at.
        labels: the classes.

    Returns:
        Numbers int32 (X, Y, Z), 0 in no object; and the class of each, int16 (N + 1,), of 0 -1.
    """
    numbers, kinds = np.zeros(ids.shape, np.int32), [-1]
    for thing in labels.things:
        inside = (classes == thing) & (ids > 0)
        found, inverse = np.unique(ids[inside], return_inverse=True)
        numbers[inside] = inverse + len(kinds)
        kinds += [thing] * len(found)
    return numbers, np.array(kinds, np.int16)
