"""A sheet that is being printed: ink, and what it stands for."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageDraw

from volseg.synthetic.pages.founts import Fount, draw_words


class PageLabel(IntEnum):
    """Ids of classes; the preset `image/pages` names and colours them."""

    PAPER = 0
    TEXT = 1
    HEADLINE = 2
    PICTURE = 3
    TABLE = 4
    ADVERT = 5
    RULE = 6


class Box(NamedTuple):
    """Pixels from the left and the top up to, and without, the right and the bottom."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    def inside(self, margin: int) -> Box:
        """The box without a margin on all sides."""
        left, top, right, bottom = self
        return Box(left + margin, top + margin, right - margin, bottom - margin)


class Typography(NamedTuple):
    """What holds for all of a page: founts of text and headlines, size in pixels, script."""

    body: Fount
    head: Fount
    size: int
    pitch: int
    letters: str
    gap: int


class PageSheet:
    """White paper (H, W) to print on.

    ``ink`` is what is printed, 0 black to 255 white; ``labels`` uint8 and ``objects`` uint16 are
    what it stands for.
    """

    def __init__(self, rng: np.random.Generator, width: int, height: int) -> None:
        self.rng = rng
        self.ink = Image.new("L", (width, height), 255)
        self.draw = ImageDraw.Draw(self.ink)
        self.labels = np.zeros((height, width), np.uint8)
        self.objects = np.zeros((height, width), np.uint16)
        self.last = 0

    def mark(self, box: Box, label: PageLabel, *, thing: bool = False) -> None:
        """Say what a box is; a thing gets the next id."""
        rows, columns = slice(max(box.top, 0), box.bottom), slice(max(box.left, 0), box.right)
        self.last += thing
        self.labels[rows, columns] = label
        self.objects[rows, columns] = self.last if thing else 0

    def rule(self, box: Box, dark: int = 0) -> None:
        """A line; its class reaches a pixel to both sides, where print spreads."""
        self.draw.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), fill=dark)
        self.mark(box.inside(-1), PageLabel.RULE)

    def line(
        self, words: list[str], place: tuple[int, int], width: int, fount: Fount, size: int,
        *, justify: bool = False, centre: bool = False, dark: int = 0,
    ) -> tuple[int, int]:  # fmt: skip
        """Print words of a list, which they leave, while they fit; return from where to where."""
        font, (left, top) = fount.at(size), place
        space, lengths, taken = font.getlength("n") * 0.6, [], 0.0
        while words and taken + (length := font.getlength(words[0])) <= width:
            lengths.append((words.pop(0), length))
            taken += length + space
        if not lengths:  # a word wider than the column
            words[:1] = [words[0][: len(words[0]) // 2]] if words and len(words[0]) > 1 else []
            return left, left
        taken -= space
        if justify and words and len(lengths) > 1:
            space += (width - taken) / (len(lengths) - 1)
            taken = width
        x = left + (width - taken) / 2 if centre else float(left)
        start = int(x)
        for word, length in lengths:
            self.draw.text((x, top), word, font=font, fill=dark)
            x += length + space
        return start, min(int(np.ceil(x - space)), left + width)


def draw_style(rng: np.random.Generator, known: tuple[Fount, ...]) -> Typography:
    """Founts, a script that both have, and sizes."""
    body = known[int(rng.integers(len(known)))]
    script = "Latin" if rng.random() < 0.5 else str(rng.choice(body.scripts))
    script = script if script in body.scripts else body.scripts[0]
    fitting = [fount for fount in known if script in fount.scripts]
    head = fitting[int(rng.integers(len(fitting)))]
    size = int(rng.integers(8, 17))
    pitch = int(np.ceil(size * rng.uniform(1.1, 1.35)))
    letters = [letter for letter in body.letters(script) if letter in head.letters(script)]
    return Typography(body, head, size, pitch, "".join(letters), int(rng.integers(8, 16)))


def words_for(
    sheet: PageSheet, style: Typography, count: int, *, capitals: bool = False
) -> list[str]:
    """Words in the style's script."""
    words = draw_words(sheet.rng, style.letters, count)
    return [word.upper() for word in words] if capitals else words
