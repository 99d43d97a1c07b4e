"""COCO's panoptic format: a PNG of segments an image, and one JSON that says what each is.

``NAME.json`` lies beside the folder ``NAME`` of the PNGs. A pixel's segment is red + 256 green +
65536 blue, and 0 is none; a segment is an object of a thing, or all there is of a class of stuff.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.errors import InputError
from volseg.io.atomic import replacing, write_files
from volseg.io.naming import naming, parsing
from volseg.io.volumes.description import read_description

SEGMENTS = "segments_info"
VOID = 0
"""Id of the class, and of the segment, of pixels nobody has named."""
LARGEST = 2**24 - 1
"""The largest id that three bytes hold."""

Segment = Mapping[str, Any]


@dataclass(frozen=True)
class Category:
    """A class: the id and the name it has in the JSON, and whether it has objects."""

    id: int
    name: str
    thing: bool


@dataclass(frozen=True)
class CocoPanoptic:
    """What a JSON says.

    Attributes:
        categories: the classes, in their order.
        segments: those of every PNG, by its name.
        images: the image of every PNG, by its name; a path within a folder of images.
    """

    categories: tuple[Category, ...]
    segments: Mapping[str, Sequence[Segment]] = field(default_factory=dict)
    images: Mapping[str, str] = field(default_factory=dict)

    def write(self, path: Path, *, overwrite: bool = False) -> None:
        """Write the JSON; images get the numbers 1, 2, ...

        Raises:
            InputError: if the file exists or cannot be written.
        """
        pictures = [
            {"id": k, "file_name": self.images[png]} for k, png in enumerate(self.segments, 1)
        ]
        annotations = [
            {"image_id": k, "file_name": png, SEGMENTS: list(segments)}
            for k, (png, segments) in enumerate(self.segments.items(), 1)
        ]
        categories = [
            {"id": one.id, "name": one.name, "isthing": int(one.thing)} for one in self.categories
        ]
        content = {"images": pictures, "annotations": annotations, "categories": categories}
        write_files({path: json.dumps(content).encode()}, overwrite=overwrite)


def panoptic_json(png: Path) -> Path | None:
    """The JSON that says what the segments of a PNG are, where one lies beside its folder."""
    folder = png.absolute().parent
    path = folder.with_name(folder.name + ".json")
    return path if png.suffix.lower() == ".png" and is_panoptic(path) else None


def is_panoptic(path: Path) -> bool:
    """Whether a file is a JSON of segments."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    try:
        annotations = _content(path).get("annotations")
    except InputError:
        return False
    return isinstance(annotations, list) and any(SEGMENTS in entry for entry in annotations[:1])


def read_panoptic(path: Path) -> CocoPanoptic:
    """Read a JSON.

    Raises:
        InputError: if it is no JSON of segments, or a class has the id of void.
    """
    with naming(path):
        content = _content(path)
        try:
            names = {entry["id"]: str(entry["file_name"]) for entry in content["images"]}
            annotations = content["annotations"]
            categories = tuple(
                Category(int(entry["id"]), str(entry["name"]), bool(entry.get("isthing", True)))
                for entry in content["categories"]
            )
            segments = {str(entry["file_name"]): entry[SEGMENTS] for entry in annotations}
            images = {str(entry["file_name"]): names[entry["image_id"]] for entry in annotations}
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(
                f"is no JSON of COCO's panoptic format ({error!r}); wanted images, annotations "
                f"with {SEGMENTS}, and categories"
            ) from None
        wrong = [entry.id for entry in categories if entry.id <= VOID]
        if wrong:
            raise InputError(f"category {wrong[0]}; wanted ids from 1 on, {VOID} is void")
        return CocoPanoptic(categories, segments, images)


def read_segments(png: Path) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Classes and objects of a PNG beside whose folder a JSON lies.

    Returns:
        Ids of classes, `VOID` where there is no segment, and of objects, 0 in stuff and in
        crowds, whose objects nobody told apart; int32 (H, W, 1) each.

    Raises:
        InputError: if a file cannot be read, or holds a segment that the JSON does not have.
    """
    path = panoptic_json(png)
    if path is None:
        raise InputError("no JSON of segments lies beside its folder", path=png)
    said = _read(path, path.stat().st_mtime_ns)
    with naming(png), parsing(), Image.open(png, formats=("PNG",)) as image:
        pixels = np.asarray(image.convert("RGB")).astype(np.int32)
    segments = pixels @ np.array([1, 256, 65536], np.int32)
    ids, inverse = np.unique(segments, return_inverse=True)
    classes, objects = np.zeros(len(ids), np.int32), np.zeros(len(ids), np.int32)
    things = {entry.id for entry in said.categories if entry.thing}
    known = {entry["id"]: entry for entry in said.segments.get(png.name, ())}
    for row, value in enumerate(ids.tolist()):
        if value == VOID:
            continue
        if value not in known:
            raise InputError(f"holds segment {value}, which {path} does not have", path=png)
        classes[row] = known[value]["category_id"]
        if classes[row] in things and not known[value].get("iscrowd", 0):
            objects[row] = value
    inverse = inverse.reshape(*segments.shape, 1)
    return classes[inverse], objects[inverse]


def write_segments(
    png: Path,
    classes: NDArray[np.integer[Any]],
    objects: NDArray[np.integer[Any]],
    things: Sequence[int],
    *,
    overwrite: bool = False,
) -> list[dict[str, Any]]:
    """Write a PNG of segments: every object of a thing, and all of every class of stuff.

    Args:
        png: where.
        classes: their ids (H, W, 1), `VOID` where there is none.
        objects: ids (H, W, 1), 0 in none; a thing's cells of none are void.
        things: ids of the classes that have objects.
        overwrite: replace an existing file.

    Returns:
        What the JSON says of each: ids are 1, 2, ... by class and object.

    Raises:
        InputError: if the image has several slices, the file exists or cannot be written, or there
            are more segments than three bytes count.
    """
    from scipy import ndimage

    if classes.shape[2] != 1:
        raise InputError(f"holds one slice, the labels {classes.shape[2]}; name a folder", path=png)
    thing = np.isin(classes, things)
    void = (classes == VOID) | (thing & (objects == 0))
    keys = np.where(thing, objects, 0).astype(np.int64) | classes.astype(np.int64) << 32
    found, inverse = np.unique(np.where(void, -1, keys), return_inverse=True)
    numbers = np.arange(len(found)) + (found[0] != -1)
    if numbers[-1] > LARGEST:
        raise InputError(f"{numbers[-1]:,} segments; wanted at most {LARGEST:,}", path=png)
    segments = numbers[inverse.reshape(classes.shape[:2])]
    areas, boxes = np.bincount(segments.reshape(-1)), ndimage.find_objects(segments)
    info = [
        _segment(int(number), int(key) >> 32, int(areas[number]), boxes[number - 1])
        for number, key in zip(numbers, found, strict=True)
        if key != -1
    ]
    pixels = np.stack([segments >> bits & 255 for bits in (0, 8, 16)], axis=-1).astype(np.uint8)
    with replacing(png, overwrite=overwrite) as stream:
        Image.fromarray(pixels).save(stream, "PNG")
    return info


def _segment(number: int, category: int, area: int, cut: tuple[slice, ...]) -> dict[str, Any]:
    rows, columns = cut
    box = [columns.start, rows.start, columns.stop - columns.start, rows.stop - rows.start]
    return {"id": number, "category_id": category, "area": area, "bbox": box, "iscrowd": 0}


@lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> CocoPanoptic:
    """`read_panoptic`, once for all PNGs of a folder."""
    return read_panoptic(path)


def _content(path: Path) -> dict[str, Any]:
    return _parsed(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=8)
def _parsed(path: Path, changed: int) -> dict[str, Any]:
    """`read_description`, once while the file stays as it is."""
    return read_description(path)
