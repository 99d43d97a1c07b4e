"""Files of the objects of a volume or an image: their ids as a label image, and a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.labels import LabelMap
from volseg.geometry.volume import Volume
from volseg.io.atomic import check_target, make_folder, replacing
from volseg.io.folders import OBJECTS_FOLDER, OBJECTS_TABLE
from volseg.io.tables import csv_text
from volseg.io.volumes.coco import write_segments
from volseg.io.volumes.files import write_label_volume
from volseg.io.volumes.formats import volume_stem

ENDS = ("min", "max")


@dataclass(frozen=True)
class ObjectFiles:
    """Where the objects of an image go.

    Attributes:
        ids: label image of ids: the label map itself where ids say the class, too.
        table: a row an object.
        coco: whether the ids are a PNG of segments in COCO's panoptic format.
    """

    ids: Path
    table: Path
    coco: bool = False

    @classmethod
    def of(cls, target: Path, labels: LabelMap, *, coco: bool = False) -> ObjectFiles:
        """The files beside a label map; segments in COCO's format say the class, too."""
        one = coco or ids_say_class(labels)
        ids = target if one else target.parent / OBJECTS_FOLDER / target.name
        return cls(ids, target.with_name(volume_stem(target) + OBJECTS_TABLE), coco)

    def check(self, *, overwrite: bool) -> None:
        """Refuse files that are there; a folder for ids that is missing is made.

        Raises:
            InputError: naming the one.
        """
        make_folder(self.ids.parent)
        for path in (self.ids, self.table):
            check_target(path, overwrite=overwrite)


def ids_say_class(labels: LabelMap) -> bool:
    """Whether one class alone is a thing and all else is background, so that ids are enough."""
    return len(labels.things) == 1 and len(labels) <= 2


def wants_objects(labels: LabelMap, asked: bool) -> bool:
    """Whether objects are told apart: on request, and by models that have learnt to.

    Raises:
        InputError: if they are asked for, and no class has any.
    """
    if asked and not labels.things:
        names = ", ".join(labels.names)
        raise InputError(
            f"--objects: no class of the model ({names}) is a thing; train with 'thing: true' or "
            "a grouping in labels.classes"
        )
    return asked or labels.learns_objects


def write_objects(
    files: ObjectFiles,
    numbers: NDArray[np.int32],
    classes: NDArray[Any],
    labels: LabelMap,
    volume: Volume,
    *,
    like: Path,
    overwrite: bool,
    by: str | None = None,
) -> list[dict[str, Any]]:
    """Write the ids of an image's objects, and their table.

    Args:
        files: where.
        numbers: of objects, (X, Y, Z), 0 in none.
        classes: raw ids of classes, (X, Y, Z).
        labels: the classes.
        volume: the image.
        like: its file.
        overwrite: replace existing files.
        by: what gave the labels.

    Returns:
        What COCO's JSON says of the segments; nothing of other files.

    Raises:
        InputError: if a file exists or cannot be written, or the format cannot hold the ids.
    """
    make_folder(files.ids.parent)
    segments: list[dict[str, Any]] = []
    if files.coco:
        things = [labels.classes[k].ids[0] for k in labels.things]
        segments = write_segments(files.ids, classes, numbers, things, overwrite=overwrite)
    else:
        high = int(numbers.max(initial=0))
        kind = next(kind for kind in (np.uint8, np.uint16, np.int32) if high <= np.iinfo(kind).max)
        write_label_volume(files.ids, numbers.astype(kind), like=like, overwrite=overwrite, by=by)
    table = object_rows(numbers, classes, labels, volume)
    with replacing(files.table, overwrite=overwrite) as file:
        file.write(table.encode())
    return segments


def object_rows(
    numbers: NDArray[np.int32], classes: NDArray[Any], labels: LabelMap, volume: Volume
) -> str:
    """A CSV table of objects: id, class, size in cells and in mm3 or mm2, centre and box.

    Centres are in the world of a volume, in millimetres right, anterior, superior, and boxes in
    its voxels; of an image, both are in rows and columns.
    """
    from scipy import ndimage

    names = {raw: entry.name for entry in labels.classes for raw in entry.ids}
    flat = 1 in volume.grid
    seen = [axis for axis in range(3) if volume.grid[axis] > 1]
    size = float(np.prod(volume.spacing[seen]))
    sizes = np.bincount(numbers.reshape(-1))
    boxes: Sequence[tuple[slice, ...] | None] = ndimage.find_objects(numbers)
    axes = ("row", "column") if flat else ("x", "y", "z")
    unit = "area" if flat else "volume"
    ends = (f"{axis}_{end}" for axis in axes for end in ENDS)
    header, rows = ("id", "class", "cells", unit, *axes, *ends), []
    for number, box in enumerate(boxes, start=1):
        if box is None:
            continue
        inside = np.argwhere(numbers[box] == number)
        first = tuple(inside[0] + [cut.start for cut in box])
        centre = inside.mean(axis=0) + [cut.start for cut in box]
        world = volume.affine[:3, :3] @ centre + volume.affine[:3, 3]
        sides = [end for axis in seen for end in (box[axis].start, box[axis].stop - 1)]
        cells = int(sizes[number])
        name = names[int(classes[first])]
        places = [round(float(side), 3) for side in (centre[seen] if flat else world)]
        rows.append((number, name, cells, f"{cells * size:.6g}", *places, *sides))
    return csv_text(header, rows)
