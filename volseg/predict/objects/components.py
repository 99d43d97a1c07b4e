"""Objects of points by components: cells of the world's lattice that hold points, and touch.

Points are sorted into cubes of the radius's size on one lattice all over the world. Cubes that
touch by a face, an edge or a corner are one object: points nearer to each other than the radius
always are of one, points more than twice as far apart along an axis are only by others between.
So objects depend on the points alone: on no order, no tile and no thread.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.predict.objects.union_find import joined

Int64s = NDArray[np.int64]

RADIUS = 1.0
"""Metres, where a class says nothing else."""
MIN_POINTS = 10
"""Points of the smallest object, where a class says nothing else."""
AXIS_BITS = 21
"""Bits of a cube's place along an axis: a million cubes either way from the first point."""
AHEAD = [step for step in itertools.product((-1, 0, 1), repeat=3) if step > (0, 0, 0)]
"""Half the neighbours of a cube: the others have it as theirs."""


class PointComponents:
    """The objects of one class, from points given in any pieces and order.

    First every piece is added, then the objects are grouped, then every piece is numbered. What
    is kept meanwhile grows with the cubes that hold points of the class.

    Args:
        entry: the class.
    """

    def __init__(self, entry: LabelClass) -> None:
        self.name, self.radius = entry.name, entry.radius or RADIUS
        self.min_points = entry.min_points or MIN_POINTS
        self._base: Int64s | None = None
        self._cubes = self._points = np.zeros(0, np.int64)
        self._more: list[Int64s] = []
        self._numbers = np.zeros(0, np.int64)

    def add(self, metres: NDArray[np.float64]) -> None:
        """Take points, float64 (N, 3)."""
        if len(metres):
            self._more.append(self._keys(metres))
            if sum(map(len, self._more)) > 4 * len(self._cubes):
                self._gather()

    def group(self) -> int:
        """Group what was added; how many objects that are."""
        self._gather()
        component = self._components()
        sizes = np.bincount(component, self._points)
        kept = sizes >= self.min_points
        self._numbers = np.where(kept, kept.cumsum(), 0)[component]
        return int(kept.sum())

    def numbers(self, metres: NDArray[np.float64]) -> Int64s:
        """The objects of points that were added, int64 (N,): 1, 2 ... by place, 0 of none."""
        if not len(metres):
            return np.zeros(0, np.int64)
        return self._numbers[np.searchsorted(self._cubes, self._keys(metres))]

    def _keys(self, metres: NDArray[np.float64]) -> Int64s:
        """The cubes of points as integers that rise with x, then y, then z."""
        cubes = np.floor(metres / self.radius)
        if self._base is None:
            self._base = cubes[0].astype(np.int64)
        cubes -= self._base
        half = 1 << (AXIS_BITS - 1)
        if np.abs(cubes).max() > half - 2:  # a cube's neighbours have keys too
            raise InputError(
                f"points of {self.name} lie more than {(half - 2) * self.radius / 1000:,.0f} km "
                f"apart, too far for a radius of {self.radius:g} m; cut the scan"
            )
        x, y, z = cubes.T.astype(np.int64) + half
        keys: Int64s = ((x << AXIS_BITS) | y) << AXIS_BITS | z
        return keys

    def _gather(self) -> None:
        """Count the points of every cube anew."""
        keys, place = np.unique(np.concatenate([self._cubes, *self._more]), return_inverse=True)
        ones = np.ones(len(place) - len(self._points), np.int64)
        # Sums in float64 are exact: there are fewer than 2**53 points.
        counts = np.bincount(place, np.concatenate([self._points, ones]), len(keys))
        self._cubes, self._points, self._more = keys, counts.astype(np.int64), []

    def _components(self) -> Int64s:
        pairs: list[tuple[Int64s, Int64s]] = []
        for x, y, z in AHEAD:
            wanted = self._cubes + (((x << AXIS_BITS) + y) << AXIS_BITS) + z
            place = np.searchsorted(self._cubes, wanted)
            there = np.flatnonzero(place < len(self._cubes))
            there = there[self._cubes[place[there]] == wanted[there]]
            pairs.append((there, place[there]))
        first, second = (np.concatenate(side) for side in zip(*pairs, strict=True))
        return joined(len(self._cubes), first, second)


def require_things(labels: LabelMap) -> None:
    """Refuse objects where no class has any.

    Raises:
        InputError: if there is no thing.
    """
    if not labels.things:
        raise InputError(
            f"the model knows no things, of its classes {', '.join(labels.names)}; say which have "
            "objects by 'thing: true' in the label map, and train with it"
        )
