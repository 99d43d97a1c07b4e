"""Colours of classes and ids, ``#RRGGBB``: a palette, and as many beyond it as are wanted."""

from __future__ import annotations

import colorsys

from volseg.errors import InputError

# Okabe & Ito's palette, told apart by colour-blind readers, for classes without a colour; a dark
# red stands in for their black, which pictures have other uses for.
PALETTE = (
    "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#661100",
)  # fmt: skip
IGNORED_COLOUR = "#4D4D4D"


def rgb(colour: str) -> tuple[int, int, int]:
    """``#RRGGBB`` as three numbers from 0 to 255."""
    text = colour.removeprefix("#")
    try:
        if len(text) != 6:
            raise ValueError
        red, green, blue = bytes.fromhex(text)
    except ValueError:
        raise InputError(f"colour {colour!r} is not of the form #RRGGBB") from None
    return red, green, blue


def default_colour(number: int) -> str:
    """The colour of a class or id that nobody gave one, ``#RRGGBB``; every number has its own."""
    if number < len(PALETTE):
        return PALETTE[number]
    # Start, step and tones were searched for: the first 24 colours beyond the palette are as far
    # apart, from each other and from the palette, as this formula can make them in OKLab.
    step = number - len(PALETTE)
    saturation, brightness = ((0.9, 0.45), (0.35, 0.95), (1.0, 0.85))[step % 3]
    channels = colorsys.hsv_to_rgb((0.44 + 0.41 * step) % 1.0, saturation, brightness)
    return "#" + "".join(f"{round(channel * 255):02X}" for channel in channels)
