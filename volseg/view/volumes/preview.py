"""A segmented volume at a glance: three slices across its axes, with outlines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from volseg.geometry.labels import LabelMap
from volseg.geometry.volume import Volume
from volseg.io.volumes.files import read_label_volume, read_volume
from volseg.io.volumes.formats import find_volume_format
from volseg.view.charts.shares import share_legend
from volseg.view.legend import PAPER
from volseg.view.pictures.picture import annotate, panels
from volseg.view.projection import draw_scale
from volseg.view.volumes.air import content_box
from volseg.view.volumes.sides import sides_of, write_sides
from volseg.view.volumes.slices import fitted, outlined

BOX = (560, 480)
"""Width and height of a slice, at most; that of an image is three times as large."""
GAP = 14
LETTERS = 16
# By axis: what a slice across it is called.
ANATOMY = {2: "axial", 1: "coronal", 0: "sagittal"}
STACK = {2: "page", 1: "column", 0: "row"}


def preview_volume(
    images: Sequence[Path],
    labelled: Path,
    labels: LabelMap,
    *,
    objects: Path | None = None,
    radiological: bool = False,
) -> Image.Image:
    """Slices of a segmented image where they show most of its classes, and each class's share.

    Args:
        images: one file with all channels, or one a channel; the first channel is drawn, but an
            image of three in colour.
        labelled: its label map.
        labels: the classes.
        objects: ids of objects, each of which has a line in a colour of its own.
        radiological: whether the patient's left is drawn on the right.

    Raises:
        InputError: if a file cannot be read.
    """
    image, found = read_volume(list(images)), read_label_volume(labelled)
    placed = find_volume_format(images[0]).placed
    numbers = None if objects is None else read_label_volume(objects)
    if placed:
        image, found = image.canonical(), found.canonical()
        numbers = None if numbers is None else numbers.canonical()
    ids = _encoded(found.array[0], labels)
    both = ids, None if numbers is None else numbers.array[0]
    axes = (2,) if image.grid[2] == 1 else (2, 1, 0)
    drawn = [_slice(image, both, labels, axis, placed, radiological) for axis in axes]
    height = max(picture.height for picture, _ in drawn)
    slices = [ImageOps.expand(one, (GAP, 0, GAP, height - one.height), PAPER) for one, _ in drawn]
    row = panels(slices, [caption for _, caption in drawn])
    counts = np.bincount(ids[ids >= 0], minlength=len(labels))
    title = f"{labelled.name}: {' x '.join(map(str, image.grid))} voxels"
    return annotate(row, share_legend(labels, counts, ids.size, labels.first), title)


def _encoded(raw: NDArray[Any], labels: LabelMap) -> NDArray[np.int64]:
    """Training ids of a prediction; -1 where no region is."""
    if not labels.overlap:
        return labels.encode(raw)
    ids = np.full(raw.shape, -1, dtype=np.int64)
    for number, one in enumerate(labels.classes):  # regions are written with their first ids
        ids[raw == one.ids[0]] = number
    return ids


def _slice(
    image: Volume,
    both: tuple[NDArray[np.int64], NDArray[np.integer[Any]] | None],
    labels: LabelMap,
    axis: int,
    placed: bool,
    radiological: bool,
) -> tuple[Image.Image, str]:
    """The slice with most foreground, or amid what is not air, and its caption."""
    ids, numbers = both
    across = tuple(one for one in range(3) if one != axis)
    most = (ids >= labels.first).sum(axis=across)
    index = int(most.argmax() if most.any() else content_box(image.array[0])[:, axis].mean())
    cut, own = np.take(image.array, index, axis=1 + axis), np.take(ids, index, axis=axis)
    of = None if numbers is None else np.take(numbers, index, axis=axis)
    coloured = not placed and len(cut) == 3 and cut.min() >= 0 and cut.max() <= 255
    pixels = np.moveaxis(cut, 0, -1).astype(np.uint8) if coloured else cut[0]
    rows, columns = (float(image.spacing[one]) for one in across)
    if placed:  # the first axis runs to the right, the second one up
        step = -1 if radiological and across[0] == 0 else 1
        pixels, own = pixels.T[::-1, ::step], own.T[::-1, ::step]
        of = None if of is None else of.T[::-1, ::step]
        rows, columns = columns, rows
    box = BOX if image.grid[2] > 1 else (3 * BOX[0], 2 * BOX[1])
    size = fitted(own.shape, (rows, columns), box)
    picture = outlined(pixels, own, labels, size, of)
    if not placed:
        return picture, f"{STACK[axis]} {index + 1} of {image.grid[axis]}"
    write_sides(picture, sides_of(*across, radiological=radiological), LETTERS)
    scaled = draw_scale(picture, columns * own.shape[1] / size[0] / 1000, LETTERS)
    return scaled, f"{ANATOMY[axis]}, slice {index + 1} of {image.grid[axis]}"
