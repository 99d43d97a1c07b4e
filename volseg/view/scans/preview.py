"""A segmented scan at a glance: from above, and from the side."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageOps

from volseg.geometry.labels import LabelMap
from volseg.io.scans.pieces import Pieces
from volseg.view.camera import aim, core
from volseg.view.charts.shares import share_legend
from volseg.view.legend import INK, PAPER, font
from volseg.view.object_colours import object_colours
from volseg.view.pictures.picture import annotate
from volseg.view.projection import draw_scale, project
from volseg.view.scans.extent import inliers, say_far

MOST_POINTS = 2_000_000
"""Points drawn; of more, as many at random."""
PLAN, SIDE = (1100, 900), (1100, 420)
"""Width and height of both pictures, at most."""
LETTERS = 18
DEEP = 4.0
"""Depth over height from where on a scene is seen from the side in section."""


def preview_scan(path: Path, labels: LabelMap) -> Image.Image:
    """A labelled scan from above and from the side, with each class's share of the points.

    The scan is read piece by piece; memory holds the points drawn.

    Raises:
        InputError: if it cannot be read, or has no point.
    """
    metres, classes, objects, counts = _read_thinned(path, labels)
    drawn, shown = len(metres), inliers(metres)
    metres, classes, objects = metres[shown], classes[shown], objects[shown]
    colours, from_above = labels.colours[classes], "from above, north up"
    if objects.any():
        of_objects = object_colours(objects, metres)
        colours = np.where(objects[:, None] > 0, of_objects, colours)
        from_above += ", every object in a colour of its own"
    plan = project(metres, "top", PLAN)
    near, how = _section(metres)
    side = project(metres[near], "side", SIDE)
    top, bottom = (
        _captioned(draw_scale(seen.paint(painted), seen.metres, LETTERS), caption)
        for seen, painted, caption in (
            (plan, colours, from_above),
            (side, labels.colours[classes[near]], how),
        )
    )
    total = int(counts.sum())
    both = ImageOps.expand(top, (0, 0, 0, bottom.height), PAPER)
    both.paste(bottom, (0, top.height))
    title = f"{path.name}: {total:,} points"
    if drawn < total:
        title += f", {len(metres):,} drawn"
    title += say_far(drawn - len(metres))
    return annotate(both, share_legend(labels, counts, total), title)


def _read_thinned(
    path: Path, labels: LabelMap
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Coordinates, classes and objects of points to draw, and how many points each class has."""
    pieces, random = Pieces(path), np.random.default_rng(0)
    counts = np.zeros(len(labels), dtype=np.int64)
    metres, classes = [np.empty((0, 3))], [np.empty(0, dtype=np.int64)]
    objects = [np.empty(0, dtype=np.int64)]
    for piece in pieces:
        assert piece.labels is not None
        ids = labels.encode(piece.labels)
        counts += np.bincount(ids[ids >= 0], minlength=len(labels))
        share = MOST_POINTS / max(len(piece), pieces.count or 0, 1)
        kept = np.flatnonzero(random.random(len(piece)) < share)
        metres.append(piece.take(kept).drawn())
        classes.append(ids[kept])
        none = np.zeros(len(piece), dtype=np.int64)
        objects.append((none if piece.instances is None else piece.instances)[kept])
    return np.concatenate(metres), np.concatenate(classes), np.concatenate(objects), counts


def _section(metres: NDArray[np.float64]) -> tuple[NDArray[np.bool_], str]:
    """Which points to show from the side, and how to call that."""
    centred = metres - metres.mean(axis=0)
    forward = centred @ aim(centred, "side", SIDE).rotation[2]
    low, high = core(np.stack([forward, centred[:, 2], forward], axis=1))
    depth, height = (high - low)[:2]
    if depth <= DEEP * height:
        return np.ones(len(metres), dtype=bool), "from the side"
    near = np.abs(forward - (low + high)[0] / 2) <= height / 2
    return near, f"from the side: a section {height:.3g} m deep through the middle"


def _captioned(image: Image.Image, caption: str) -> Image.Image:
    """The picture with a line above it, in the middle of as much paper as a plan takes."""
    left = (PLAN[0] - image.width) // 2
    sides = (left, 2 * LETTERS, PLAN[0] - image.width - left, 0)
    canvas = ImageOps.expand(image, sides, PAPER)
    ImageDraw.Draw(canvas).text((LETTERS, LETTERS), caption, INK, font(LETTERS), anchor="lm")
    return canvas
