"""Colours of numbers and of ids that nobody gave a colour."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.labels import IGNORED_COLOUR, default_colour, rgb

RGB = tuple[int, int, int]

# Dark violet to yellow: equal steps of lightness (0.30 to 0.90) and of hue in OKLCH
# (https://bottosson.github.io/posts/oklab), as much chroma as sRGB holds, at most 0.17.
RAMP = (
    "#3D006F", "#2E2C98", "#035798", "#067595", "#009298", "#0AAF92", "#4BCB71", "#ADD84F",
    "#F9E03F",
)  # fmt: skip

# Names of the LAS 1.4 R15 specification, table 17; colours ours.
ASPRS: dict[int, tuple[str, str]] = {
    0: ("never classified", "#B0B0B0"),
    1: ("unclassified", "#8C8C8C"),
    2: ("ground", "#B58A5A"),
    3: ("low vegetation", "#B7D968"),
    4: ("medium vegetation", "#63B64B"),
    5: ("high vegetation", "#1C7A3A"),
    6: ("building", "#D9483B"),
    7: ("low noise", "#E83E9B"),
    8: ("model key point", "#7B5EA7"),
    9: ("water", "#2E7FD0"),
    10: ("rail", "#7A4B2A"),
    11: ("road surface", "#5A6270"),
    12: ("overlap", "#C9B6E4"),
    13: ("wire guard", "#F2C230"),
    14: ("wire conductor", "#F08A1D"),
    15: ("transmission tower", "#8E2C7E"),
    16: ("wire connector", "#C77F12"),
    17: ("bridge deck", "#16A6A6"),
    18: ("high noise", "#A0185F"),
    19: ("overhead structure", "#9AA5C9"),
    20: ("ignored ground", "#D8C3A5"),
    21: ("snow", "#A9D8F0"),
    22: ("temporal exclusion", "#3F3F5F"),
}


def ramp(values: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Numbers from 0 to 1, any shape, as colours, uint8 (..., 3); others are clipped."""
    anchors = np.array([rgb(colour) for colour in RAMP], dtype=np.float64)
    places = np.linspace(0.0, 1.0, len(anchors))
    clipped = np.clip(values, 0.0, 1.0)
    channels = [np.interp(clipped, places, anchors[:, channel]) for channel in range(3)]
    colours: NDArray[np.uint8] = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return colours


def id_colour(value: int) -> RGB:
    """A colour for a raw id, the same in every picture; grey for negative ids."""
    return rgb(IGNORED_COLOUR if value < 0 else default_colour(value))
