"""Objects of scans in training: which one each point is of, and where its centre is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.labels import LabelMap

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Objects:
    """Objects of the points of a scan or a crop.

    Attributes:
        numbers: int32 (N,), the object of every point, 0 where it is of none.
        centres: float64 (I + 1, 3), the mean of all points of an object, of those that a crop
            lacks too, in metres; row 0 is not used.
        classes: int64 (I + 1,), training ids of the objects; row 0 is -1.
    """

    numbers: NDArray[np.int32]
    centres: Floats
    classes: Int64s

    def take(self, index: NDArray[np.int64] | slice) -> Objects:
        """The points an index selects, of the same objects."""
        return replace(self, numbers=self.numbers[index])

    def only_present(self) -> Objects:
        """The same points with the centres of their own objects alone, numbered anew."""
        kept, numbers = np.unique(np.append(self.numbers, 0), return_inverse=True)
        return Objects(numbers[:-1].astype(np.int32), self.centres[kept], self.classes[kept])

    def beside(self, other: Objects) -> Objects:
        """These points and then those of another scan, whose objects are others."""
        more = len(self.centres) - 1
        numbers = np.where(other.numbers > 0, other.numbers + more, 0)
        return Objects(
            np.concatenate((self.numbers, numbers.astype(np.int32))),
            np.concatenate((self.centres, other.centres[1:])),
            np.concatenate((self.classes, other.classes[1:])),
        )


@dataclass
class ObjectCounter:
    """Finds the objects of a scan, piece by piece; the same numbers for any pieces.

    An object is all points of one thing that have one id: data sets count ids by class.

    Args:
        things: training ids of classes whose objects are told apart.
    """

    things: Sequence[int]
    _parts: list[tuple[Int64s, Floats]] = field(default_factory=list)
    _origin: Floats | None = None

    def add(self, metres: Floats, classes: Int64s, instances: Int64s) -> None:
        """Take points, float64 (N, 3), of training ids (N,), and their ids of objects (N,)."""
        inside = np.isin(classes, self.things) & (instances > 0)
        keys, rows = np.unique(keys_of(classes[inside], instances[inside]), return_inverse=True)
        if self._origin is None and len(metres):
            self._origin = metres[0]  # squares of world coordinates would lose their digits
        local = metres[inside] - (0.0 if self._origin is None else self._origin)
        values = np.column_stack((np.ones(len(rows)), local, local**2))
        sums = [np.bincount(rows, column, len(keys)) for column in values.T]
        self._parts.append((keys, np.stack(sums, axis=1)))

    def table(self) -> ObjectCentres:
        """All that were found."""
        keys = np.concatenate([np.empty(0, np.int64), *(keys for keys, _ in self._parts)])
        sums = np.concatenate([np.empty((0, 7)), *(sums for _, sums in self._parts)])
        keys, rows = np.unique(keys, return_inverse=True)
        total = np.stack([np.bincount(rows, column, len(keys)) for column in sums.T], axis=1)
        counts, means = total[:, :1], total[:, 1:4] / total[:, :1]
        spread = np.sqrt(np.maximum(total[:, 4:] / counts - means**2, 0.0))
        centres = means if self._origin is None else means + self._origin
        return ObjectCentres(keys, counts[:, 0].astype(np.int64), centres, spread)


@dataclass(frozen=True, eq=False)
class ObjectCentres:
    """The objects of a scan, in the order of their keys.

    Attributes:
        keys: int64 (I,), see `keys_of`.
        counts: int64 (I,), points of each.
        centres: float64 (I, 3), mean of its points in metres.
        spread: float64 (I, 3), standard deviation of its points along each axis in metres.
    """

    keys: Int64s
    counts: Int64s
    centres: Floats
    spread: Floats

    def numbers(self, classes: Int64s, instances: Int64s) -> NDArray[np.int32]:
        """The object of each point, int32 (N,), from 1 on; 0 where it is of none."""
        if not len(self.keys):
            return np.zeros(len(classes), np.int32)
        keys = keys_of(classes, instances)
        rows = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        return np.where(self.keys[rows] == keys, rows + 1, 0).astype(np.int32)

    def objects(self, numbers: NDArray[np.int32]) -> Objects:
        """Points with the numbers of their objects, (N,)."""
        centres = np.concatenate((np.zeros((1, 3)), self.centres))
        return Objects(numbers, centres, np.append(-1, self.classes))

    @property
    def values(self) -> tuple[Int64s, Floats, Floats]:
        """All but the keys."""
        return self.counts, self.centres, self.spread

    @property
    def classes(self) -> Int64s:
        """Training ids of the objects, int64 (I,)."""
        return self.keys >> 32


def pack_targets(
    classes: Int64s, numbers: Int64s, ways: Floats, labels: LabelMap
) -> NDArray[np.float32]:
    """All that a network learns of some voxels, as `volseg.train.losses.objects` takes it.

    Args:
        classes: training ids, (M,).
        numbers: of the objects, (M,), 0 where a voxel is of none.
        ways: from each voxel to the centre of its object in metres, (M, 3).
        labels: what the classes are, with the scales of things.

    Returns:
        float32 (M, 5): class, number, and the way in units of the scale of the class, 0 where
        there is no object, and along z for what stands upright.
    """
    unit = np.array([entry.scale or 1.0 for entry in labels.classes])
    flat = np.array([entry.axes == "xy" for entry in labels.classes])
    inside = numbers > 0
    known = np.where(inside, classes, 0)
    ways = np.where(inside[:, None], ways, 0.0) / unit[known][:, None]
    ways[flat[known], 2] = 0.0
    return np.column_stack((classes, numbers, ways)).astype(np.float32)


def voting_classes(labels: LabelMap) -> tuple[int, ...]:
    """Training ids of the things whose points vote for the centre of their object."""
    return tuple(k for k in labels.things if labels.classes[k].grouping == "centre")


def keys_of(classes: Int64s, instances: Int64s) -> Int64s:
    """One integer for a class and an id of an object."""
    return np.asarray((classes << 32) + instances)


def scale_of(tables: Iterable[ObjectCentres], label: int, *, upright: bool) -> float | None:
    """How large the objects of a class are: the median distance of their points from the centre.

    Args:
        tables: of all scans.
        label: training id.
        upright: whether distances are in plan.

    Returns:
        Metres, or None where there is no object.
    """
    axes = 2 if upright else 3
    spreads = [one.spread[one.classes == label, :axes] for one in tables]
    sizes = np.sqrt((np.concatenate(spreads) ** 2).sum(axis=1))
    sizes = sizes[sizes > 0]
    return float(np.median(sizes)) if len(sizes) else None
