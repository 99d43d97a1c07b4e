"""What the features of a part of a scan need to know of the whole scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.tally import Tally
from volseg.geometry.ground import Ground, ground_of
from volseg.geometry.layers import Layers, layers_of, merge

BRIGHT = 95
"""The percentile of intensity that becomes 1."""

MERGED = 200_000
"""Layers kept in parts at least before they are merged."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Whole:
    """Facts about a whole scan: gathered piece by piece, and the same for any pieces.

    Attributes:
        layers: the lowest layers of its columns, see `volseg.geometry.layers`; none where no
            feature asks for the ground.
        scales: what attributes are divided by, by name.
    """

    layers: Layers
    scales: Mapping[str, float]

    @cached_property
    def ground(self) -> Ground:
        """The ground under its points."""
        return ground_of(self.layers)

    def beside(self, others: Sequence[Whole]) -> Whole:
        """The same scan on the ground it shares with adjoining ones."""
        return Whole(merge([one.layers for one in (self, *others)]), self.scales)


class Gatherer:
    """Gathers the facts about a scan.

    Args:
        ground: whether any feature needs it.
    """

    def __init__(self, *, ground: bool) -> None:
        self.ground = ground
        self._layers: list[Layers] = []
        self._merged = 0
        self._tallies: dict[str, Tally] = {}

    def add(self, metres: Floats, attributes: Mapping[str, NDArray[Any]]) -> None:
        """Take a piece: points in metres, float64 (N, 3), and the attributes features ask for."""
        if self.ground and len(metres):
            self._layers.append(layers_of(metres))
            if sum(map(len, self._layers)) > 2 * self._merged:
                self._layers = [merge(self._layers)]
                self._merged = max(MERGED, len(self._layers[0]))
        for name in SCALES.keys() & attributes.keys():
            self._tallies.setdefault(name, Tally()).add(attributes[name])

    def whole(self) -> Whole:
        """All that was gathered."""
        scales = {name: scale(name, one) for name, one in self._tallies.items()}
        return Whole(merge(self._layers), scales)


def scale(name: str, tally: Tally) -> float:
    """What an attribute is divided by, from all the values it has in a scan."""
    found = SCALES[name](tally)
    return found if found > 0 else 1.0


def _full_colour(tally: Tally) -> float:
    """The value of full brightness: 1, or that of 8 or 16 bits; text holds those as floats too."""
    if tally.values.dtype.kind == "f" and tally.largest <= 1.0:
        return 1.0
    return 255.0 if tally.largest < 256.0 else 65535.0


SCALES = {"intensity": lambda tally: tally.percentile(BRIGHT), "colour": _full_colour}
"""Attributes that are divided by a number found in the whole scan, and that number."""
