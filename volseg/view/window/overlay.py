"""What stands in a window over the scene: the legend with the keys of its classes, and help."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from volseg.view.legend import (
    INK,
    PAPER,
    Legend,
    LegendLayout,
    font,
    lay_out_legend,
    shorten,
    text_width,
)
from volseg.view.scene import Look, Scene
from volseg.view.window.keys import HELP, caption

LETTERS = 16
EDGE = 10
LINE = round(1.5 * LETTERS)
# Share of the window's width that a legend takes at most.
WIDEST = 0.4
NUMBERED = 9
# Pixels that the longest line of help takes, and that the lowest legend does.
WIDTH_OF_HELP, LEAST = 480, 60


@dataclass(frozen=True, eq=False)
class Overlay:
    """A panel for the upper left corner of a window.

    Attributes:
        image: what it looks like.
        legend: places of the legend in it, where its entries are classes that can be hidden.
    """

    image: Image.Image
    legend: LegendLayout | None

    def class_at(self, right: float, down: float) -> int | None:
        """The number of the class at a pixel of the window, or None."""
        if self.legend is None:
            return None
        return self.legend.entry_at(right - 2 * EDGE, down - 2 * EDGE)

    def covers(self, right: float, down: float) -> bool:
        """Whether it hides the scene at a pixel of the window."""
        return 0 <= right - EDGE < self.image.width and 0 <= down - EDGE < self.image.height


def draw_overlay(scene: Scene, look: Look, size: tuple[int, int], *, help_too: bool) -> Overlay:
    """The panel for a look.

    Args:
        scene: what is looked at.
        look: how.
        size: width and height of the window in pixels.
        help_too: whether the keys are listed below the legend.
    """
    legend = scene.legend(look)
    classes = legend.entries[: len(scene.classes)] == scene.classes and bool(scene.classes)
    width = round(WIDEST * size[0])
    lines = [legend.title] if legend.empty else []
    lines += [spot] if (spot := caption(look, scene)) else []
    lines += HELP.splitlines() if help_too else ["F1 lists the keys"]
    texts = [shorten(line, LETTERS, max(width, WIDTH_OF_HELP)) for line in lines]
    free = size[1] - 4 * EDGE - LINE * len(lines)
    shown = lay_out_legend(
        _numbered(legend) if classes else legend, width, max(free, LEAST), LETTERS
    )
    block = shown.draw(look.hidden if classes else frozenset())
    height = 0 if legend.empty else block.height + EDGE
    broad = max(block.width, *(text_width(text, LETTERS) for text in texts))
    canvas = Image.new("RGB", (broad + 2 * EDGE, LINE * len(lines) + height + 2 * EDGE), PAPER)
    if not legend.empty:
        canvas.paste(block, (EDGE, EDGE))
    pen = ImageDraw.Draw(canvas)
    for number, text in enumerate(texts):
        pen.text((EDGE, EDGE + height + LINE * number), text, INK, font(LETTERS))
    return Overlay(canvas, shown if classes else None)


def _numbered(legend: Legend) -> Legend:
    """The legend with the keys that hide the first classes."""
    entries = tuple(
        entry._replace(name=f"[{number}]  {entry.name}") if number <= NUMBERED else entry
        for number, entry in enumerate(legend.entries, 1)
    )
    return replace(legend, entries=entries)
