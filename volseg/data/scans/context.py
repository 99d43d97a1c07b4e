"""What the features of a part of a scan need to know of the whole scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.data.scans import range as ranges
from volseg.data.scans.histogram import RunningHistogram
from volseg.data.scans.range import Columns, Range
from volseg.geometry.ground import high_noise, layers
from volseg.geometry.ground.ground import Ground, ground_of
from volseg.geometry.ground.high_noise import High, Voxels, high_of, voxels_of
from volseg.geometry.ground.layers import Layers, layers_of
from volseg.geometry.points import NOISE

BRIGHT = 95
"""The percentile of intensity that becomes 1."""

MERGED = 200_000
"""Layers, voxels or columns kept in parts at least before they are merged."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ScanContext:
    """What the features of a part of a scan need to know of all of it.

    Attributes:
        layers: the lowest layers of its columns, see `volseg.geometry.ground.layers`; none where
            no feature asks for the ground.
        voxels: the voxels that hold points, see `geometry.ground.high_noise`; none where there are
            no layers.
        scales: number that an attribute is divided by, by name.
        columns: all columns that hold points, see `volseg.data.scans.range`.
        attributes: whether any point has a value other than 0 of an attribute, by name.
    """

    layers: Layers
    voxels: Voxels
    scales: Mapping[str, float]
    columns: Columns
    attributes: Mapping[str, bool]

    @cached_property
    def ground(self) -> Ground:
        """The ground under its points."""
        return ground_of(self.layers)

    @cached_property
    def high(self) -> High:
        """The noise high above its points."""
        return high_of(self.voxels)

    def noise_of(self, metres: Floats) -> NDArray[np.int8]:
        """The class in LAS of points, (N, 3), that are noise: one of `NOISE`; 0 of others."""
        below, above = self.ground.is_noise(metres), self.high.is_noise(metres)
        return np.select((below, above), NOISE).astype(np.int8)

    def beside(self, others: Sequence[ScanContext]) -> ScanContext:
        """The same scan on the ground it shares with adjoining ones, and below the same air."""
        every = (self, *others)
        return replace(
            self,
            layers=layers.merge([one.layers for one in every]),
            voxels=high_noise.merge([one.voxels for one in every]),
        )

    @cached_property
    def range(self) -> Range:
        """What it is like."""
        ground = self.ground if len(self.layers) else None
        return ranges.measure(self.columns, ground, self.attributes)


class ContextBuilder:
    """Gathers the context of a scan, piece by piece; the same for any pieces.

    Args:
        ground: whether any feature needs the ground.
    """

    def __init__(self, *, ground: bool) -> None:
        self.ground = ground
        self._layers, self._voxels = _Merged(layers.merge), _Merged(high_noise.merge)
        self._columns = _Merged(ranges.merge)
        self._attributes: dict[str, bool] = {}
        self._histograms: dict[str, RunningHistogram] = {}

    def add(self, metres: Floats, attributes: Mapping[str, NDArray[Any]]) -> None:
        """Take a piece: points in metres, float64 (N, 3), and the attributes features ask for."""
        if self.ground and len(metres):
            self._layers.add(layers_of(metres))
            self._voxels.add(voxels_of(metres))
        self._columns.add(ranges.columns_of(metres))
        for name, values in attributes.items():
            self._attributes[name] = self._attributes.get(name, False) or bool(values.any())
        for name in SCALES.keys() & attributes.keys():
            self._histograms.setdefault(name, RunningHistogram()).add(attributes[name])

    def context(self) -> ScanContext:
        """The context of all pieces taken."""
        scales = {name: scale(name, values) for name, values in self._histograms.items()}
        return ScanContext(
            self._layers.all(), self._voxels.all(), scales, self._columns.all(), self._attributes
        )


@dataclass
class _Merged:
    """What parts of a scan have, merged now and then so that it stays small."""

    merge: Callable[[list[NDArray[np.void]]], NDArray[np.void]]
    _parts: list[NDArray[np.void]] = field(default_factory=list)
    _merged: int = 0

    def add(self, part: NDArray[np.void]) -> None:
        self._parts.append(part)
        if sum(map(len, self._parts)) > 2 * self._merged:
            self._parts = [self.all()]
            self._merged = max(MERGED, len(self._parts[0]))

    def all(self) -> NDArray[np.void]:
        return self.merge(self._parts)


def scale(name: str, histogram: RunningHistogram) -> float:
    """What an attribute is divided by, from all the values it has in a scan."""
    found = SCALES[name](histogram)
    return found if found > 0 else 1.0


def _full_colour(histogram: RunningHistogram) -> float:
    """The value of full brightness: 1, or that of 8 or 16 bits; text holds those as floats too."""
    if histogram.values.dtype.kind == "f" and histogram.largest <= 1.0:
        return 1.0
    return 255.0 if histogram.largest < 256.0 else 65535.0


SCALES = {"intensity": lambda histogram: histogram.percentile(BRIGHT), "colour": _full_colour}
"""Attributes that are divided by a number found in the whole scan, and that number."""
