"""Letters at the edges of slices: left or right, posterior or anterior, inferior or superior."""

from __future__ import annotations

from PIL import Image, ImageDraw

from volseg.view.legend import INK, PAPER, font

ENDS = (("L", "R"), ("P", "A"), ("I", "S"))
"""What lies at the low and at the high end of each axis: they run right, anterior, superior."""


def sides_of(across: int, up: int, *, radiological: bool = False) -> str:
    """What lies left, right, above and below in a slice with these axes.

    Args:
        across: the axis that runs from left to right.
        up: the axis that runs from below to above.
        radiological: whether the patient's left is on the right, if it is on a side.
    """
    left, right = ENDS[across]
    if radiological and across == 0:
        left, right = right, left
    below, above = ENDS[up]
    return left + right + above + below


def write_sides(image: Image.Image, sides: str, size: int) -> None:
    """Letters of a size in the middle of the left, right, upper and lower edge."""
    width, height = image.size
    places = ((4, height / 2, "lm"), (width - 4, height / 2, "rm"),
              (width / 2, 4, "mt"), (width / 2, height - 4, "mb"))  # fmt: skip
    pen = ImageDraw.Draw(image)
    for side, (x, y, anchor) in zip(sides, places, strict=True):
        pen.text((x, y), side, PAPER, font(size), anchor, stroke_width=2, stroke_fill=INK)
