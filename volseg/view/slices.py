"""Slices of volumes with the outlines of truth and prediction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from volseg.geometry.labels import LabelMap, rgb
from volseg.view.legend import INK, PAPER, Entry, Legend, font
from volseg.view.picture import panels

SIDE = 360
"""Pixels of the longer side of a slice in a picture."""
GAP = 12


@dataclass(frozen=True, eq=False)
class Slice:
    """One slice: its name, image (H, W) of numbers, and training ids (H, W), below 0 for none."""

    name: str
    image: NDArray[np.floating[Any]]
    truth: NDArray[np.integer[Any]]
    predicted: NDArray[np.integer[Any]]


def draw_slices(slices: Sequence[Slice], labels: LabelMap) -> Image.Image:
    """Slices side by side, the truth's outlines above and the prediction's below.

    Of classes that exclude each other the first is background and has no outline.
    """
    columns = [_column(one, labels) for one in slices]
    size = max(one.width for one in columns), max(one.height for one in columns)
    entries = tuple(Entry(one.name, rgb(one.colour)) for one in labels.classes[labels.first :])
    legend = Legend("truth above, prediction below", entries)
    return panels([_padded(one, size) for one in columns], [one.name for one in slices], [legend])


def _column(one: Slice, labels: LabelMap) -> Image.Image:
    """Truth above prediction, each with the word that says so."""
    rows = [_outlined(one.image, ids, labels) for ids in (one.truth, one.predicted)]
    width, height = rows[0].size
    canvas = Image.new("RGB", (width + 2 * GAP, 2 * (height + GAP)), PAPER)
    for number, (row, word) in enumerate(zip(rows, ("truth", "prediction"), strict=True)):
        top = number * (height + GAP)
        canvas.paste(row, (GAP, top))
        ImageDraw.Draw(canvas).text(
            (GAP + 6, top + 4), word, PAPER, font(15), stroke_width=2, stroke_fill=INK
        )
    return canvas


def _outlined(
    image: NDArray[np.floating[Any]], ids: NDArray[np.integer[Any]], labels: LabelMap
) -> Image.Image:
    """The image in grey, enlarged, with an inner line of its colour around every class."""
    height, width = image.shape
    factor = SIDE / max(height, width)
    size = max(1, round(width * factor)), max(1, round(height * factor))
    grey = Image.fromarray(_grey(image)).resize(size, Image.Resampling.BICUBIC)
    large = _enlarged(ids, size)
    pixels = np.array(grey.convert("RGB"))
    line = _edges(large) & (large >= labels.first)
    pixels[line] = labels.colours[large[line]]
    return Image.fromarray(pixels)


def _grey(image: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    low, high = np.percentile(image.astype(np.float32), (1, 99))
    scaled = (image.astype(np.float32) - low) / max(float(high - low), 1e-6)
    return np.asarray(np.clip(scaled * 255, 0, 255), dtype=np.uint8)


def _enlarged(ids: NDArray[np.integer[Any]], size: tuple[int, int]) -> NDArray[np.int64]:
    rows = np.arange(size[1]) * ids.shape[0] // size[1]
    columns = np.arange(size[0]) * ids.shape[1] // size[0]
    return np.asarray(ids[rows][:, columns], dtype=np.int64)


def _edges(ids: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Pixels within two of another id."""
    edges = np.zeros(ids.shape, dtype=bool)
    for axis in (0, 1):
        for step in (1, 2):
            near, far = (
                tuple(cut if dim == axis else slice(None) for dim in (0, 1))
                for cut in (slice(step, None), slice(None, -step))
            )
            differs = ids[near] != ids[far]
            edges[near] |= differs
            edges[far] |= differs
    return edges


def _padded(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    canvas = Image.new("RGB", size, PAPER)
    canvas.paste(image, (0, 0))
    return canvas
