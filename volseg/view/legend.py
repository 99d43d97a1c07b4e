"""What the colours of a picture mean, and the panel that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from volseg.view.palette import RGB, ramp

PAPER, INK, FAINT = (255, 255, 255), (33, 37, 41), (108, 117, 125)
SMALLEST = 11


class Entry(NamedTuple):
    """A name and the colour it stands for."""

    name: str
    colour: RGB


@dataclass(frozen=True)
class ColourBar:
    """The values at both ends of the colour ramp, and their unit."""

    low: float
    high: float
    unit: str = ""


@dataclass(frozen=True)
class Legend:
    """A heading, the colours that have a name, and the ramp of those that have a value."""

    title: str
    entries: tuple[Entry, ...] = ()
    bar: ColourBar | None = None

    @property
    def empty(self) -> bool:
        """Whether there is nothing to explain, as for photographed colours."""
        return not self.entries and self.bar is None


def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font of all text in pictures, `size` pixels high."""
    return ImageFont.load_default(size)


def text_width(text: str, size: float) -> int:
    """Width of a line of text in pixels."""
    return int(np.ceil(font(size).getlength(text)))


def shorten(text: str, size: float, width: int) -> str:
    """The text, cut with an ellipsis where it is wider than `width` pixels."""
    if text_width(text, size) <= width:
        return text
    while text and text_width(text + "...", size) > width:
        text = text[:-1]
    return text.rstrip() + "..."


def draw_legend(
    legend: Legend, width: int, height: int, size: float, *, wide: bool = False
) -> Image.Image:
    """The legend, no larger than `width` x `height` pixels, in letters `size` pixels high.

    Entries stand in as few columns as fit below each other, or, when `wide`, in as many as fit
    beside each other. Letters shrink a little before names are cut, and as far as they can be
    read before entries are left out; what is left out is said.
    """
    return lay_out_legend(legend, width, height, size, wide=wide).draw()


def lay_out_legend(
    legend: Legend, width: int, height: int, size: float, *, wide: bool = False
) -> LegendLayout:
    """Where everything of a legend stands; see `draw_legend`."""
    cut_below = size * 0.75
    while True:
        layout = LegendLayout(legend, width, height, size, wide)
        fits = layout.whole_names or size <= cut_below
        if (layout.all_entries and fits) or size <= SMALLEST:
            return layout
        size = max(SMALLEST, size * 0.9)


class LegendLayout:
    """Places of heading, bar and entries for one size of letters."""

    def __init__(self, legend: Legend, width: int, height: int, size: float, wide: bool) -> None:
        self.legend, self.size = legend, size
        self.row = round(size * 1.5)
        self.swatch = round(size)
        self.gap = round(size * 0.5)
        self.names = [entry.name for entry in legend.entries]
        self.head = round(size * 1.7) + (3 * self.row if legend.bar else 0)
        rows_free = max(1, (height - self.head) // self.row)
        frame = self.swatch + 3 * self.gap
        longest = max((text_width(name, size) for name in self.names), default=0)
        whole = min(longest + frame, width)
        beside = max(1, width // whole)
        needed = -(-len(self.names) // rows_free)
        self.columns = max(1, min(beside, len(self.names)) if wide else needed)
        self.whole_names = longest + frame <= width and self.columns <= beside
        # Names are cut to no less than about eight letters.
        self.columns = min(self.columns, max(beside, int(width // (frame + 4 * size))))
        self.column = min(whole, width // self.columns)
        self.rows = min(rows_free, -(-len(self.names) // self.columns))
        self.room = self.column - frame
        self.names = [shorten(name, size, self.room) for name in self.names]
        self.all_entries = len(self.names) <= self.columns * self.rows
        self._leave_out()
        bar = round(size * 11) if legend.bar else 0
        heading = text_width(legend.title, size)
        content = self.columns * self.column if self.names else 0
        self.width = min(width, max(content, bar, heading + 2 * self.gap))
        self.height = self.head + self.rows * self.row

    def _leave_out(self) -> None:
        places = self.columns * self.rows
        if len(self.names) > places:
            rest = len(self.names) - places + 1
            self.names = [*self.names[: places - 1], f"and {rest} more"]

    def entry_at(self, right: float, down: float) -> int | None:
        """The number of the entry at a place of the legend, in pixels, or None."""
        if not (0 <= right < self.columns * self.column and down - self.head >= 0):
            return None
        column, row = int(right // self.column), int((down - self.head) // self.row)
        index = column * self.rows + row
        shown = len(self.names) if self.all_entries else len(self.names) - 1
        return index if row < self.rows and index < shown else None

    def draw(self, hidden: frozenset[int] = frozenset()) -> Image.Image:
        """The legend as a picture; the swatches of hidden entries are hollow."""
        image = Image.new("RGB", (self.width, self.height), PAPER)
        pen = ImageDraw.Draw(image)
        heading = shorten(self.legend.title, self.size, self.width)
        pen.text((0, self.row / 2), heading, INK, font(self.size), anchor="lm")
        if self.legend.bar:
            self._draw_bar(image, pen, self.legend.bar)
        for index, name in enumerate(self.names):
            column, row = divmod(index, self.rows)
            left, middle = column * self.column, self.head + (row + 0.5) * self.row
            self._draw_entry(pen, index, name, (left, middle), index in hidden)
        return image

    def _draw_entry(
        self,
        pen: ImageDraw.ImageDraw,
        index: int,
        name: str,
        place: tuple[int, float],
        hollow: bool,
    ) -> None:
        left, middle = place
        top = round(middle - self.swatch / 2)
        box = (left, top, left + self.swatch - 1, top + self.swatch - 1)
        last_of_many = index == len(self.names) - 1 and index < len(self.legend.entries) - 1
        if not last_of_many:
            colour = self.legend.entries[index].colour
            pen.rectangle(box, fill=None if hollow else colour, outline=colour, width=2)
        ink = FAINT if hollow else INK
        pen.text((box[2] + 1 + self.gap, middle), name, ink, font(self.size), anchor="lm")

    def _draw_bar(self, image: Image.Image, pen: ImageDraw.ImageDraw, bar: ColourBar) -> None:
        top, width = round(self.size * 1.7), self.width - self.gap
        colours = ramp(np.linspace(0.0, 1.0, width))
        image.paste(Image.fromarray(np.repeat(colours[None], self.swatch, axis=0)), (0, top))
        below = top + self.swatch + self.row / 2
        unit = f" {bar.unit}" if bar.unit else ""
        low, high = format_ends(bar.low, bar.high)
        small = self.size * 0.9
        if low == high:
            pen.text((width / 2, below), low + unit, INK, font(small), anchor="mm")
            return
        pen.text((0, below), low + unit, INK, font(small), anchor="lm")
        pen.text((width, below), high + unit, INK, font(small), anchor="rm")


def format_ends(low: float, high: float) -> tuple[str, str]:
    """Both ends of a range in as many digits as tell them apart, three at least."""
    if low == high:
        return f"{low:.6g}", f"{high:.6g}"
    largest = max(abs(low), abs(high))
    digits = 3 + max(0, int(np.ceil(np.log10(largest / (high - low)))))
    digits = max(digits, int(np.floor(np.log10(largest))) + 1 if 1 <= largest < 1e7 else 0)
    return f"{low:.{digits}g}", f"{high:.{digits}g}"
