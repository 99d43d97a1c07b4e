"""A scan prepared once and kept on disk as memory-mapped arrays, sorted by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from volseg.data.scans.columns import Columns, spans
from volseg.data.scans.features import CHANNELS, FeatureName
from volseg.data.scans.objects import ObjectCentres, ObjectCounter, Objects
from volseg.data.scans.range import Range
from volseg.data.scans.samples import LabelledScan, Scan

METRES, LABELS, KEYS, UPTO, OBJECTS = "metres", "labels", "keys", "upto", "objects"
TABLE = ("object_keys", "object_counts", "object_centres", "object_spread")
BLOCK = 500_000
"""Points read at a time where all are gone through."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class CachedScan:
    """A scan on disk, or one end of it.

    Arrays are mapped anew at each access, so that a dataset of thousands of scans keeps no file
    open; the system's page cache holds what is in use.

    Attributes:
        name: what progress and logs call it.
        folder: where its arrays are: ``metres``, ``labels``, every feature, ``keys``, ``upto``.
        edge: of its columns in metres.
        axis: its longer side, see `Columns`.
        features: Names of those its points have, see `point_attributes`.
        first: of its columns.
        last: one after the last of them; None for the end.
        range: what the whole scan is like; None if not known.
        objects: whether the object of every point is kept too.
    """

    name: str
    folder: Path
    edge: float
    axis: int
    features: tuple[FeatureName, ...]
    first: int = 0
    last: int | None = None
    range: Range | None = None
    objects: bool = False

    @property
    def columns(self) -> Columns:
        """How its points are sorted."""
        every = Columns(self.edge, self.axis, self._map(KEYS), self._map(UPTO))
        return every[self.first : self.last]

    def __len__(self) -> int:
        return len(self.columns)

    def within(self, lower: Floats, upper: Floats) -> LabelledScan:
        """The points of a rectangle, borders included, its corners (2,) in metres."""
        metres = self._map(METRES)
        found = [np.empty(0, dtype=np.int64)]
        for rows in self.columns.within(lower, upper):
            flat = metres[rows, :2].astype(np.float64, copy=False)
            inside = ((flat >= lower) & (flat <= upper)).all(axis=1)
            found.append(rows.start + np.flatnonzero(inside))
        return self._take(np.concatenate(found))

    def place(self, label: int, rank: int) -> Floats:
        """Where the ``rank``-th point of a label is, float64 (3,), in metres."""
        rows, rank = self.columns.holding(label, rank)
        among = np.flatnonzero(self._map(LABELS)[rows] == label)
        return np.array(self._map(METRES)[rows.start + among[rank]], dtype=np.float64)

    def blocks(self) -> Iterator[tuple[slice, LabelledScan]]:
        """All its points, some columns at a time, and which those are."""
        columns = self.columns
        ends = columns.upto[-1]
        first, last = 0, len(columns.keys)
        while first < last:
            stop = int(np.searchsorted(ends, ends[first] + BLOCK, side="right")) - 1
            stop = max(stop, first + 1)
            yield slice(first, stop), self._take(slice(int(ends[first]), int(ends[stop])))
            first = stop

    def cut(self, share: float) -> tuple[CachedScan, CachedScan]:
        """Two ends, see `Columns.cut`; of a scan that is whole."""
        near, _ = self.columns.cut(share)
        return replace(self, last=len(near.keys)), replace(self, first=len(near.keys))

    def object_table(self) -> ObjectCentres:
        """All objects of the scan, in the order of their numbers; none where none are kept."""
        if not self.objects:
            return ObjectCounter(()).table()
        return ObjectCentres(*(self._map(name) for name in TABLE))

    def _take(self, index: NDArray[np.int64] | slice) -> LabelledScan:
        return LabelledScan(
            self.name,
            np.array(self._map(METRES)[index], dtype=np.float64),
            {name: np.array(self._map(name)[index]) for name in self.features},
            self._map(LABELS)[index].astype(np.int64),
            objects=self._objects(index) if self.objects else None,
        )

    def _objects(self, index: NDArray[np.int64] | slice) -> Objects:
        numbers = np.array(self._map(OBJECTS)[index])
        return self.object_table().objects(numbers).only_present()

    def _map(self, part: str) -> NDArray[Any]:
        return np.asarray(np.load(array_file(self.folder, part), mmap_mode="r"))


def array_file(folder: Path, part: str) -> Path:
    """The file of an array of a scan."""
    return folder / f"{part}.npy"


def fields(
    features: Iterable[FeatureName], *, single: bool = False, objects: bool = False
) -> dict[str, np.dtype[Any]]:
    """What is kept of every point, by name; coordinates in single precision if that holds them."""
    kept = {METRES: np.dtype(("<f4" if single else "<f8", (3,))), LABELS: np.dtype("<i2")}
    kept |= {OBJECTS: np.dtype("<i4")} if objects else {}
    return kept | {name: np.dtype(("<f4", (CHANNELS[name],))) for name in features}


def write_scan(
    folder: Path,
    columns: Columns,
    parts: Iterable[Scan],
    features: Iterable[FeatureName],
    *,
    single: bool = False,
    table: ObjectCentres | None = None,
) -> None:
    """Write the arrays of a scan that is given in parts of consecutive points.

    Every column is filled from its first row on, so that the arrays are the same for any parts,
    and memory holds one part. Files are written, not mapped: a full disk is an error then.
    """
    np.save(array_file(folder, KEYS), columns.keys)
    np.save(array_file(folder, UPTO), columns.upto)
    if table is not None:
        for name, values in zip(TABLE, (table.keys, *table.values), strict=True):
            np.save(array_file(folder, name), values)
    free, many = columns.upto[-1, :-1].copy(), len(columns)
    with ExitStack() as stack:
        arrays = {
            name: _Array(stack.enter_context(array_file(folder, name).open("xb")), many, kind)
            for name, kind in fields(features, single=single, objects=table is not None).items()
        }
        for part in parts:
            place = columns.columns_of(part.metres)
            order = np.argsort(place, kind="stable")
            touched, counts = np.unique(place, return_counts=True)
            runs = list(spans(free[touched], counts))
            free[touched] += counts
            own = {str(name): values for name, values in part.attributes.items()}
            content: dict[str, Any] = {METRES: part.metres, LABELS: part.labels} | own
            if part.objects is not None:
                content[OBJECTS] = part.objects.numbers
            for name, array in arrays.items():
                array.fill(runs, content[name][order])


class _Array:
    """An array on disk that is filled in any order.

    Args:
        stream: a new file.
        rows: it will have.
        kind: of a row.
    """

    def __init__(self, stream: BinaryIO, rows: int, kind: np.dtype[Any]) -> None:
        self.stream, self.kind = stream, kind
        header = {"descr": kind.base.str, "fortran_order": False, "shape": (rows, *kind.shape)}
        npy.write_array_header_1_0(stream, header)
        self.first = stream.tell()

    def fill(self, runs: Iterable[tuple[int, int]], values: NDArray[Any]) -> None:
        """Write rows into runs, one after another."""
        values = np.ascontiguousarray(values, dtype=self.kind.base)
        done = 0
        for start, count in runs:
            self.stream.seek(self.first + start * self.kind.itemsize)
            self.stream.write(values[done : done + count].data)
            done += count
