"""Colours of numbers and of ids that nobody gave a colour."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.colours import IGNORED_COLOUR, default_colour, rgb
from volseg.geometry.labels import LabelClass

RGB = tuple[int, int, int]

# Dark violet to yellow: equal steps of lightness (0.30 to 0.90) and of hue in OKLCH
# (https://bottosson.github.io/posts/oklab), as much chroma as sRGB holds, at most 0.17.
RAMP = (
    "#3D006F", "#2E2C98", "#035798", "#067595", "#009298", "#0AAF92", "#4BCB71", "#ADD84F",
    "#F9E03F",
)  # fmt: skip

# Names of the LAS 1.4 R15 specification, table 17; colours ours, those of `class_colours` where
# that knows the name. All are told apart by readers with any colour vision.
ASPRS: dict[int, tuple[str, str]] = {
    0: ("never classified", "#CAD4CB"),
    1: ("unclassified", "#999999"),
    2: ("ground", "#C9B28E"),
    3: ("low vegetation", "#ACF990"),
    4: ("medium vegetation", "#4E9A51"),
    5: ("high vegetation", "#15692E"),
    6: ("building", "#D55E00"),
    7: ("low noise", "#FF3AF9"),
    8: ("model key point", "#0000E5"),
    9: ("water", "#3D7DD8"),
    10: ("rail", "#400000"),
    11: ("road surface", "#6C7481"),
    12: ("overlap", "#ACA1D0"),
    13: ("wire guard", "#C1B55D"),
    14: ("wire conductor", "#F7F51C"),
    15: ("transmission tower", "#F2C14E"),
    16: ("wire connector", "#752800"),
    17: ("bridge deck", "#5B3A8C"),
    18: ("high noise", "#660042"),
    19: ("overhead structure", "#7D6CA7"),
    20: ("ignored ground", "#FFF6CE"),
    21: ("snow", "#CDE0FF"),
    22: ("temporal exclusion", "#010096"),
}


def is_asprs(label_field: str | None) -> bool:
    """Whether a field of that name, be it CloudCompare's, holds the classification of LAS."""
    return (label_field or "").lower().removeprefix("scalar_") == "classification"


def ramp(values: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """Numbers from 0 to 1, any shape, as colours, uint8 (..., 3); others are clipped."""
    anchors = np.array([rgb(colour) for colour in RAMP], dtype=np.float64)
    places = np.linspace(0.0, 1.0, len(anchors))
    clipped = np.clip(values, 0.0, 1.0)
    channels = [np.interp(clipped, places, anchors[:, channel]) for channel in range(3)]
    colours: NDArray[np.uint8] = np.rint(np.stack(channels, axis=-1)).astype(np.uint8)
    return colours


def to_hex(colour: Iterable[int]) -> str:
    """Three numbers from 0 to 255 as ``#RRGGBB``, which `rgb` reads."""
    return "#" + bytes(colour).hex().upper()


def id_class(value: int, *, asprs: bool) -> LabelClass:
    """A raw id as a class of its own, named by number and, of LAS's classification, by meaning."""
    name, colour = ASPRS.get(value, ("", "")) if asprs else ("", "")
    return LabelClass(f"{value}  {name}".rstrip(), (value,), colour or to_hex(id_colour(value)))


def id_colour(value: int) -> RGB:
    """A colour for a raw id, the same in every picture; grey for negative ids."""
    return rgb(IGNORED_COLOUR if value < 0 else default_colour(value))
