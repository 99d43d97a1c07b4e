"""A plot of a report, as plotly draws it: plain values, coloured by the page's script."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Values = dict[str, Any]
LINE = "#2B6CB0"


@dataclass(frozen=True)
class Chart:
    """A plot.

    Attributes:
        anchor: id of its element.
        text: what it shows, in words, for those who do not see it.
        figure: plotly's ``data`` and ``layout``; texts in it are HTML, escaped.
        height: in pixels.
    """

    anchor: str
    text: str
    figure: Values
    height: int


def percent(share: float) -> str:
    """A share with a decimal; a dash where there is none."""
    return "-" if math.isnan(share) else f"{share:.1%}"


def number(value: float) -> float | None:
    """A number JSON can hold, in as many digits as a plot shows; None for NaN and infinity."""
    return round(value, 6) if math.isfinite(value) else None
