"""What the features of a part of a scan need to know of the whole scan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.tally import Tally
from volseg.geometry.ground import CELL, ground_of, lowest_points

BRIGHT = 95
"""The percentile of intensity that becomes 1."""

Cells = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Whole:
    """Facts about a whole scan: gathered piece by piece, and the same for any pieces.

    Attributes:
        cells: the columns of the ground that hold points, int64 (K, 2), sorted.
        lowest: the lowest point in each, float64 (K,), in metres.
        scales: what attributes are divided by, by name.
    """

    cells: Cells
    lowest: Floats
    scales: Mapping[str, float]

    def ground_under(self, metres: Floats) -> Floats:
        """Height of the ground under points of the scan, float64 (N,), for points (N, 3)."""
        cells = np.floor(metres[:, :2] / CELL).astype(np.int64)
        place = np.searchsorted(self._keys, _keys(cells, self.cells))
        return np.asarray(self._ground[place])

    def beside(self, others: Sequence[Whole]) -> Whole:
        """The same scan on the ground it shares with adjoining ones."""
        every = (self, *others)
        cells, lowest = merge(
            np.concatenate([one.cells for one in every]),
            np.concatenate([one.lowest for one in every]),
        )
        return Whole(cells, lowest, self.scales)

    @cached_property
    def _keys(self) -> Cells:
        return _keys(self.cells, self.cells)

    @cached_property
    def _ground(self) -> Floats:
        return ground_of(self.cells, self.lowest)


class Gatherer:
    """Gathers the facts about a scan.

    Args:
        ground: whether any feature needs it.
    """

    def __init__(self, *, ground: bool) -> None:
        self.ground = ground
        self._cells: list[Cells] = []
        self._lowest: list[Floats] = []
        self._tallies: dict[str, Tally] = {}

    def add(self, metres: Floats, attributes: Mapping[str, NDArray[Any]]) -> None:
        """Take a piece: points in metres, float64 (N, 3), and the attributes features ask for."""
        if self.ground and len(metres):
            cells, lowest = lowest_points(metres)
            self._cells.append(cells)
            self._lowest.append(lowest)
        for name in SCALES.keys() & attributes.keys():
            self._tallies.setdefault(name, Tally()).add(attributes[name])

    def whole(self) -> Whole:
        """All that was gathered."""
        cells, lowest = merge(
            np.concatenate((np.empty((0, 2), np.int64), *self._cells)),
            np.concatenate((np.empty(0), *self._lowest)),
        )
        return Whole(cells, lowest, {name: scale(name, one) for name, one in self._tallies.items()})


def merge(cells: Cells, lowest: Floats) -> tuple[Cells, Floats]:
    """Columns, each once and sorted, and the lowest of what each was given with."""
    if not len(cells):
        return cells, lowest
    order = np.lexsort((lowest, cells[:, 1], cells[:, 0]))
    cells, lowest = cells[order], lowest[order]
    first = np.append(True, (cells[1:] != cells[:-1]).any(axis=1))
    return cells[first], lowest[first]


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


def _keys(cells: Cells, among: Cells) -> Cells:
    """One integer a column, in order of the columns ``among`` which it is."""
    low, high = among[:, 1].min(), among[:, 1].max()
    return np.asarray((cells[:, 0] - among[0, 0]) * (high - low + 1) + (cells[:, 1] - low))
