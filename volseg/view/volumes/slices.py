"""Slices of volumes with the outlines of classes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.geometry.labels import LabelMap
from volseg.view.object_colours import object_colours
from volseg.view.volumes.planes import grey, grey_limits

THICK = 2
"""Pixels of an outline, inside the class."""


def outlined(
    image: NDArray[Any],
    ids: NDArray[np.integer[Any]],
    labels: LabelMap,
    size: tuple[int, int],
    objects: NDArray[np.integer[Any]] | None = None,
) -> Image.Image:
    """A slice in grey, or in its own colours, with a line around every class and object.

    Of classes that exclude each other the first is background and has no outline.

    Args:
        image: numbers (H, W), or uint8 (H, W, 3).
        ids: training ids (H, W), below 0 for none.
        labels: the classes and their colours.
        size: width and height of the picture.
        objects: ids of objects (H, W), 0 in none, which have colours of their own.
    """
    pixels = np.array(shown(image, size))
    large = enlarged(ids, size)
    line = edges(large) & (large >= labels.first)
    pixels[line] = labels.colours[large[line]]
    if objects is not None and objects.any():
        numbers = enlarged(objects, size)
        line = edges(numbers) & (numbers > 0)
        places = np.argwhere(numbers > 0).astype(np.float64)
        coloured = np.zeros(pixels.shape, np.uint8)
        coloured[numbers > 0] = object_colours(numbers[numbers > 0], places)
        pixels[line] = coloured[line]
    return Image.fromarray(pixels)


def shown(image: NDArray[Any], size: tuple[int, int]) -> Image.Image:
    """A slice, (H, W) or uint8 (H, W, 3), as a picture of that width and height."""
    colours = image if image.ndim == 3 else grey(image, grey_limits(image))
    return Image.fromarray(np.ascontiguousarray(colours)).resize(size, Image.Resampling.BICUBIC)


def enlarged(ids: NDArray[np.integer[Any]], size: tuple[int, int]) -> NDArray[np.int64]:
    """Ids (H, W) on the pixels of a picture of that width and height."""
    rows = np.arange(size[1]) * ids.shape[0] // size[1]
    columns = np.arange(size[0]) * ids.shape[1] // size[0]
    return np.asarray(ids[rows][:, columns], dtype=np.int64)


def fitted(
    shape: tuple[int, ...], spacing: tuple[float, float], most: tuple[int, int]
) -> tuple[int, int]:
    """Width and height of a slice as large as a box allows, true to its shape.

    Args:
        shape: rows and columns of the slice.
        spacing: between rows and between columns.
        most: width and height of the box.
    """
    height, width = (many * step for many, step in zip(shape, spacing, strict=True))
    factor = min(most[0] / width, most[1] / height)
    return max(1, round(width * factor)), max(1, round(height * factor))


def edges(ids: NDArray[np.int64], thick: int = THICK) -> NDArray[np.bool_]:
    """Pixels within ``thick`` of another id."""
    found = np.zeros(ids.shape, dtype=bool)
    for axis in (0, 1):
        for step in range(1, thick + 1):
            near, far = (
                tuple(cut if dim == axis else slice(None) for dim in (0, 1))
                for cut in (slice(step, None), slice(None, -step))
            )
            differs = ids[near] != ids[far]
            found[near] |= differs
            found[far] |= differs
    return found
