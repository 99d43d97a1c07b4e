"""A few scenes of a validation: what the network was given, the truth, what it made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from volseg.geometry.colours import IGNORED_COLOUR, rgb
from volseg.geometry.labels import IGNORE, LabelMap
from volseg.view.colours import CORRECT, WRONG
from volseg.view.legend import FAINT, INK, PAPER, Entry, Legend, font, shorten
from volseg.view.palette import ramp
from volseg.view.pictures.picture import panels
from volseg.view.projection import draw_scale, project
from volseg.view.scans.extent import inliers
from volseg.view.volumes.sides import write_sides
from volseg.view.volumes.slices import enlarged, fitted, outlined, shown

IGNORED = rgb(IGNORED_COLOUR)
BOX = (400, 320)
"""Width and height of a picture of a scene, at most."""
GAP = 10
LETTERS = 15
COLUMNS = ("input", "truth", "prediction", "errors")

Ids = NDArray[np.integer[Any]]


@dataclass(frozen=True, eq=False)
class ValidationRow:
    """One scene: its name, its four pictures of one size, and the wrong share of it."""

    name: str
    pictures: tuple[Image.Image, ...]
    wrong: float


def draw_scans(scenes: Sequence[ValidationRow], labels: LabelMap) -> Image.Image:
    """Scans below each other, one at least, and beside each other what `COLUMNS` names."""
    errors = (Entry("correct", CORRECT), Entry("wrong", WRONG), Entry("ignored", IGNORED))
    return _table(scenes, "height", _classes(labels, 0), Legend("errors", errors))


def draw_slices(scenes: Sequence[ValidationRow], labels: LabelMap, channel: str) -> Image.Image:
    """Slices of volumes below each other, as `draw_scans`; the input is one channel."""
    classes = _classes(labels, labels.first)
    return _table(scenes, channel, classes, Legend("errors", (Entry("wrong", WRONG),)))


def _classes(labels: LabelMap, first: int) -> Legend:
    return Legend(
        "classes", tuple(Entry(one.name, rgb(one.colour)) for one in labels.classes[first:])
    )


def _table(scenes: Sequence[ValidationRow], given: str, *legends: Legend) -> Image.Image:
    heights = [max(one.height for one in scene.pictures) for scene in scenes]
    columns = []
    for number in range(len(COLUMNS)):
        width = max(scene.pictures[number].width for scene in scenes) + 2 * GAP
        strip = 2 * LETTERS
        canvas = Image.new("RGB", (width, sum(heights) + len(scenes) * (strip + GAP)), PAPER)
        pen, top = ImageDraw.Draw(canvas), 0
        for scene, height in zip(scenes, heights, strict=True):
            line = {0: scene.name, len(COLUMNS) - 1: _share(scene.wrong)}.get(number, "")
            text = shorten(line, LETTERS, width - 2 * GAP)
            pen.text((GAP, top + strip / 2), text, FAINT if number else INK, font(LETTERS), "lm")
            canvas.paste(scene.pictures[number], (GAP, top + strip))
            top += strip + height + GAP
        columns.append(canvas)
    return panels(columns, (f"{COLUMNS[0]}: {given}", *COLUMNS[1:]), legends)


def scan_row(
    name: str, metres: NDArray[np.float64], truth: Ids, predicted: Ids, labels: LabelMap
) -> ValidationRow:
    """A scan, its input drawn by height: float64 (N, 3), and training ids, (N,)."""
    wrong = _wrong(truth, predicted)
    near = inliers(metres)
    metres, truth, predicted = metres[near], truth[near], predicted[near]
    seen = project(metres, "oblique", BOX)
    low, high = np.percentile(metres[:, 2], (1, 99))
    height = (metres[:, 2] - low) / (high - low if high > low else 1.0)
    table = np.vstack([labels.colours, np.array([IGNORED], dtype=np.uint8)])  # IGNORE is -1
    marks = np.array([CORRECT, WRONG, IGNORED], dtype=np.uint8)[_marks(truth, predicted)]
    colours = (ramp(height), table[truth], table[predicted], marks)
    pictures = tuple(draw_scale(seen.paint(one), seen.metres, LETTERS - 2) for one in colours)
    return ValidationRow(name, pictures, wrong)


def slice_row(
    name: str,
    image: NDArray[Any],
    truth: Ids,
    predicted: Ids,
    labels: LabelMap,
    spacing: tuple[float, float] = (1.0, 1.0),
    sides: str = "",
) -> ValidationRow:
    """A slice of a volume: numbers (H, W), training ids (H, W), below 0 for none.

    Errors are tinted on the image; of classes that overlap, where the one on top differs. Letters
    at the edges say what lies left, right, above and below, if ``sides`` has them.
    """
    size = fitted(truth.shape, spacing, BOX)
    plain = shown(image, size)
    wrong = enlarged(_marks(truth, predicted), size) == 1
    pixels = np.array(plain)
    pixels[wrong] = (pixels[wrong] + 3 * np.array(WRONG)) // 4
    pictures = (
        plain,
        outlined(image, truth, labels, size),
        outlined(image, predicted, labels, size),
        Image.fromarray(pixels),
    )
    for picture in pictures if sides else ():
        write_sides(picture, sides, LETTERS - 2)
    return ValidationRow(name, pictures, _wrong(truth, predicted))


def _marks(truth: Ids, predicted: Ids) -> NDArray[np.int64]:
    """0 where right, 1 where wrong, 2 where the truth is ignored."""
    return np.where(truth == IGNORE, 2, truth != predicted).astype(np.int64)


def _wrong(truth: Ids, predicted: Ids) -> float:
    known = truth != IGNORE
    return float((truth != predicted)[known].mean()) if known.any() else float("nan")


def _share(wrong: float) -> str:
    return "nothing labelled" if np.isnan(wrong) else f"{100 * wrong:.1f} % wrong"
