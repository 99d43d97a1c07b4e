"""Pictures of clouds, drawn without a display."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from volseg.errors import InputError
from volseg.io.atomic import replacing
from volseg.view.camera import View
from volseg.view.legend import FAINT, INK, PAPER, Legend, draw_legend, font, shorten, text_width
from volseg.view.pictures.render import draw
from volseg.view.scans.extent import inliers
from volseg.view.scans.thinning import thin
from volseg.view.scene import Points

FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
MOST_POINTS = 2_500_000
SMALLEST_SIDE = 200
MOST_LETTERS = 40.0


def screenshot(
    xyz: NDArray[np.float64],
    colours: NDArray[np.uint8],
    legend: Legend | None,
    *,
    size: tuple[int, int] = (1600, 1000),
    title: str | None = None,
    view: View = "oblique",
) -> Image.Image:
    """A picture of the whole cloud, z up, with title and legend beside it.

    Args:
        xyz: float64 (N, 3), one unit on all axes (`PointCloud.metres`); north is +y.
        colours: uint8 (N, 3).
        legend: what the colours mean; None for a bare picture, as `panels` takes them.
        size: width and height of the picture in pixels.
        title: the line above; at its end stands how many points were drawn, where not all were.
        view: ``oblique`` and ``side`` look at the longer side, ``top`` has north up.

    Raises:
        InputError: if there is no point, the lengths differ, or the picture is too small.
        DisplayError: if this machine cannot draw.
    """
    if len(xyz) == 0 or len(xyz) != len(colours):
        raise InputError(f"{len(xyz):,} points and {len(colours):,} colours; wanted 1 or more each")
    sheet = lay_out(size, legend, title)
    rows = np.flatnonzero(inliers(xyz))
    index = rows[thin(xyz[rows], MOST_POINTS)]
    part = Points(xyz[index], colours[index])
    image, outside = draw([part], part.xyz, sheet.room, view)
    notes = [f"{len(index):,} of {len(xyz):,} points drawn"] if len(index) < len(rows) else []
    far = outside + len(xyz) - len(rows)
    notes += [f"{far:,} far points outside"] if far else []
    return sheet.finish(image, ", ".join(notes))


@dataclass(frozen=True)
class Sheet:
    """Paper for a picture with what stands around it.

    Attributes:
        panel: the legend, or None.
        title: the line above, or None.
        letters: height of letters in pixels.
        room: width and height that are left for the picture itself.
    """

    panel: Image.Image | None
    title: str | None
    letters: float
    room: tuple[int, int]

    def finish(self, image: Image.Image, note: str = "") -> Image.Image:
        """The whole picture; ``note`` stands at the end of the title's line."""
        strip = _strip(self.title, self.letters)
        width = image.width + (self.panel.width if self.panel else 0)
        canvas = Image.new("RGB", (width, image.height + strip), PAPER)
        canvas.paste(image, (0, strip))
        if self.panel:
            canvas.paste(self.panel, (image.width, strip))
        if self.title:
            small = 0.8 * self.letters
            taken = text_width(note, small) + round(self.letters) if note else 0
            _write_title(canvas, self.title, (0, 0, width - taken, strip), self.letters)
            place = (width - round(self.letters), strip / 2)
            ImageDraw.Draw(canvas).text(place, note, FAINT, font(small), anchor="rm")
        return canvas


def lay_out(size: tuple[int, int], legend: Legend | None, title: str | None) -> Sheet:
    """A sheet of that width and height in pixels.

    Raises:
        InputError: if it is too small.
    """
    if min(size) < SMALLEST_SIDE:
        raise InputError(f"picture of {size[0]} x {size[1]} pixels; wanted {SMALLEST_SIDE} or more")
    letters = text_size(size)
    height = size[1] - _strip(title, letters)
    panel = _panel(legend, size[0], height, letters)
    return Sheet(panel, title, letters, (size[0] - (panel.width if panel else 0), height))


def annotate(image: Image.Image, legend: Legend | None, title: str | None) -> Image.Image:
    """A bare picture with a title above and a legend beside it."""
    letters = text_size(image.size)
    panel = _panel(legend, image.width, image.height, letters)
    return Sheet(panel, title, letters, image.size).finish(image)


def panels(
    images: Sequence[Image.Image], titles: Sequence[str], legends: Sequence[Legend] = ()
) -> Image.Image:
    """Pictures of one size side by side, a title above each, the legends they share below.

    Raises:
        InputError: if there is no picture, or not one title for each.
    """
    if not images or len(images) != len(titles):
        raise InputError(f"{len(images)} pictures and {len(titles)} titles; wanted one for each")
    width, height = sum(image.width for image in images), max(image.height for image in images)
    letters = max(text_size((width, height)), min(width / 90, MOST_LETTERS))
    edge, strip = round(letters), _strip("titles", letters)
    free = width - 2 * edge
    shown = [legend for legend in legends if not legend.empty]
    blocks = [draw_legend(legend, free, height, letters, wide=True) for legend in shown]
    below = sum(block.height + edge for block in blocks) + (edge if blocks else 0)
    canvas = Image.new("RGB", (width, strip + height + below), PAPER)
    left = 0
    for image, title in zip(images, titles, strict=True):
        canvas.paste(image, (left, strip))
        _write_title(canvas, title, (left, 0, left + image.width, strip), letters)
        left += image.width
    top = strip + height + edge
    for block in blocks:
        canvas.paste(block, (edge, top))
        top += block.height + edge
    return canvas


def text_size(size: tuple[int, int]) -> float:
    """Height of letters in pixels for a picture of that width and height."""
    return float(np.clip(min(size[0] / 1.6, size[1]) / 45, 12, MOST_LETTERS))


def check_picture(path: Path) -> None:
    """Refuse a picture that could not be written, before any work is done.

    Raises:
        InputError: if the suffix is unknown.
    """
    if path.suffix.lower() not in FORMATS:
        raise InputError(f"no picture format; wanted {', '.join(FORMATS)}", path=path)


def save(image: Image.Image, path: Path | str, overwrite: bool = False) -> None:
    """Writes a picture, whole or not at all; the suffix names the format.

    Raises:
        InputError: if the file exists and may not be replaced, or the suffix is unknown.
    """
    path = Path(path)
    check_picture(path)
    with replacing(path, overwrite=overwrite) as stream:
        image.save(stream, FORMATS[path.suffix.lower()])


def _strip(title: str | None, letters: float) -> int:
    return round(letters * 2.4) if title else 0


def _panel(legend: Legend | None, width: int, height: int, letters: float) -> Image.Image | None:
    """The legend with paper around it, for a picture of that width and height."""
    if legend is None or legend.empty:
        return None
    edge = round(letters)
    block = draw_legend(legend, round(width * 0.3), height - 2 * edge, letters)
    panel = Image.new("RGB", (block.width + 2 * edge, height), PAPER)
    panel.paste(block, (edge, (height - block.height) // 2))
    return panel


def _write_title(
    image: Image.Image, title: str, box: tuple[int, int, int, int], size: float
) -> None:
    left, top, right, bottom = box
    pen = ImageDraw.Draw(image)
    text = shorten(title, size, right - left - round(2 * size))
    pen.text((left + round(size), (top + bottom) / 2), text, INK, font(size), anchor="lm")
