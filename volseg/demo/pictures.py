"""The demo's pictures: truth, prediction and errors beside each other, a row a view."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from volseg.geometry import LabelMap
from volseg.geometry.colours import rgb
from volseg.io import read, read_label_volume, read_volume
from volseg.view import Entry, Legend, View, colour_by, colour_errors, panels
from volseg.view.colours import WRONG
from volseg.view.legend import PAPER
from volseg.view.projection import project
from volseg.view.scans.extent import inliers
from volseg.view.volumes.sides import sides_of, write_sides
from volseg.view.volumes.slices import enlarged, fitted, outlined, shown

TITLES = "truth", "prediction", "errors"
PANEL = (900, 700)
"""Width and height of one, at most."""
GAP, LETTERS = 8, 18


def draw_scan(truth: Path, labelled: Path, labels: LabelMap, views: Sequence[View]) -> Image.Image:
    """Points by class and by error, seen from each of some sides.

    Args:
        truth: a labelled scan.
        labelled: the same points with the classes predicted.
        labels: the classes.
        views: a row of the picture each.
    """
    true, found = read(truth), read(labelled)
    assert true.labels is not None
    assert found.labels is not None
    painted = [
        colour_by(true, "class", labels),
        colour_by(found, "class", labels),
        colour_errors(found.labels, true.labels, labels),
    ]
    metres = true.metres()
    kept = inliers(metres)
    seen = [project(metres[kept], view, PANEL) for view in views]
    rows = [[one.paint(colours[kept]) for colours, _ in painted] for one in seen]
    return _sheet(rows, (painted[0][1], painted[2][1]))


def draw_volume(image: Path, truth: Path, labelled: Path, labels: LabelMap) -> Image.Image:
    """An axial and a coronal slice where the truth has most, classes outlined, errors in red."""
    grey = read_volume(image).canonical()
    true, found = (
        labels.encode(read_label_volume(one).canonical().array[0]) for one in (truth, labelled)
    )
    rows = []
    for axis in (2, 1):
        across = tuple(one for one in range(3) if one != axis)
        index = int((true >= labels.first).sum(axis=across).argmax())
        cut, ids, guess = (
            np.take(one, index, axis=axis).T[::-1] for one in (grey.array[0], true, found)
        )
        steps = [float(grey.spacing[one]) for one in reversed(across)]
        size = fitted(ids.shape, (steps[0], steps[1]), PANEL)
        wrong = np.array(shown(cut, size).convert("RGB"))
        wrong[enlarged((ids != guess).astype(np.int64), size) > 0] = WRONG
        row = [outlined(cut, one, labels, size) for one in (ids, guess)]
        row.append(Image.fromarray(wrong))
        for one in row:
            write_sides(one, sides_of(*across), LETTERS)
        rows.append(row)
    classes = tuple(Entry(one.name, rgb(one.colour)) for one in labels.classes[labels.first :])
    return _sheet(rows, (Legend("class", classes), Legend("errors", (Entry("wrong", WRONG),))))


def _sheet(rows: Sequence[Sequence[Image.Image]], legends: Sequence[Legend]) -> Image.Image:
    """Columns of pictures, those of a row of one size, with titles above and legends below."""
    width = max(row[0].width for row in rows) + GAP
    height = sum(row[0].height + GAP for row in rows)
    columns = [Image.new("RGB", (width, height), PAPER) for _ in TITLES]
    top = 0
    for row in rows:
        for column, one in zip(columns, row, strict=True):
            column.paste(one, ((width - one.width) // 2, top))
        top += row[0].height + GAP
    return panels(columns, TITLES, legends)
