"""What is wrong with the truth of objects: ids in two places, of one cell, without a class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.volumes.datasets.cases import Case, Problem
from volseg.data.volumes.objects.files import read_ids
from volseg.data.volumes.objects.truth import THOUSAND, ObjectTruth
from volseg.errors import InputError
from volseg.geometry.volume import times
from volseg.io.volumes.files import read_label_volume

SHOWN = 5
"""Ids that a message names at most."""


def object_problems(
    case: Case, truth: ObjectTruth, known: frozenset[int] | None = None
) -> Iterator[Problem]:
    """What is wrong with the objects of a case's label.

    Args:
        case: with a label.
        truth: how the label says which cells are one object.
        known: raw ids of classes; None where any will do.
    """
    if case.label is None or truth == "components":
        return
    try:
        raw = read_label_volume(case.label).array[0]
        ids = read_ids(case, truth, raw.shape)
    except InputError as error:
        yield Problem.of(case.name, error, case.label)
        return
    if truth == "thousands":
        ids = np.where(raw >= THOUSAND, raw, 0)
        unknown = {int(raw) // THOUSAND for raw in np.unique(ids) if raw} - (known or frozenset())
        if known is not None and unknown:
            message = f"objects are of class {_listed(sorted(unknown))}, which is none"
            yield Problem(case.name, message, "name it in the labels", case.label)
    ids = raw if ids is None else ids
    if ids.min(initial=0) < 0:
        message = f"holds object id {int(ids.min())}"
        yield Problem(case.name, message, "number objects from 1 on, 0 is none", case.label)
        return
    if truth == "file" and ((ids > 0) & (raw == 0)).any():
        lost = np.unique(ids[(ids > 0) & (raw == 0)]).tolist()
        message = f"objects {_listed(lost)} have cells of no class"
        yield Problem(case.name, message, "draw both alike", case.label, "warning")
    yield from _shapes(case, np.unique(ids, return_inverse=True))


def _shapes(case: Case, unique: tuple[NDArray[Any], NDArray[Any]]) -> Iterator[Problem]:
    """Ids of a single cell, and ids whose pieces lie further apart than they are long."""
    from scipy import ndimage

    assert case.label is not None
    values, inverse = unique
    numbers = (inverse + (values[0] != 0)).astype(np.int32)
    values = values[values != 0]
    counts = np.bincount(numbers.ravel(), minlength=len(values) + 1)[1:]
    single = values[counts == 1].tolist()
    if single:
        what = "1 object has" if len(single) == 1 else f"{len(single):,} objects have"
        message = f"{what} one cell: {_listed(single)}"
        yield Problem(case.name, message, "remove them, or draw them", case.label, "warning")
    apart = []
    boxes: Sequence[tuple[slice, ...] | None] = ndimage.find_objects(numbers)
    for number, box in enumerate(boxes, start=1):
        if box is None:
            continue
        pieces, many = ndimage.label(numbers[box] == number, np.ones((3,) * numbers.ndim))
        if many > 1 and _far(ndimage.find_objects(pieces)):
            apart.append((int(values[number - 1]), [cut.start for cut in box]))
    if apart:
        first, place = apart[0]
        what = "1 id stands" if len(apart) == 1 else f"{len(apart):,} ids stand"
        message = f"{what} in two places far apart, such as {first} from voxel {times(place)} on"
        remedy = "give each object an id of its own"
        yield Problem(case.name, message, remedy, case.label, "warning")


def _far(boxes: list[tuple[slice, ...]]) -> bool:
    """Whether a piece lies further from the longest one than that is long."""
    sides = [max(cut.stop - cut.start for cut in box) for box in boxes]
    longest = int(np.argmax(sides))

    def gap(box: tuple[slice, ...]) -> int:
        pairs = zip(box, boxes[longest], strict=True)
        return int(max(max(a.start - b.stop, b.start - a.stop, 0) for a, b in pairs))

    return any(gap(box) > sides[longest] for box in boxes)


def _listed(ids: list[int]) -> str:
    more = ", ..." if len(ids) > SHOWN else ""
    return ", ".join(map(str, ids[:SHOWN])) + more
