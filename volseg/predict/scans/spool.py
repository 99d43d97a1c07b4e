"""A scan on disk, sorted so that any part of it can be read.

A scan is spooled a piece at a time, in its own order. Within a piece points are sorted by the
column they lie in; the points of one column are a run. Votes lie in the order of the points, so
that a tile, which is a set of runs, and a piece, which is a span, are both found without a map.
Files are read and written, not mapped to memory: a full disk is an error then and no crash, and
no pages of a large scan stay behind.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from volseg.data.scans.columns import spans
from volseg.data.scans.context import ContextBuilder, ScanContext
from volseg.data.scans.features import HEIGHT, Feature, attributes_of
from volseg.errors import InputError
from volseg.geometry.assumed import require_metres
from volseg.geometry.points import PointCloud
from volseg.geometry.voxelgrid import require_extent, voxelize_metres
from volseg.io.atomic import read_json, write_json
from volseg.predict.scans.records import BEFORE, records_of
from volseg.predict.scans.tile_input import VOTE

LAYOUT = 3
"""Raised when scans are spooled differently, so that what was spooled before is not taken."""

POINTS, ROWS, VOTES, OBJECTS, FACTS = "points", "rows", "votes", "objects", "facts.json"
RUNS, LAYERS, VOXELS, COLUMNS = "runs.npy", "layers.npy", "voxels.npy", "columns.npy"
ROW = np.dtype("<u4")
OBJECT = np.dtype("<u4")
RUN = np.dtype([("column", "<i8", 2), ("start", "<i8"), ("points", "<i8"), ("voxels", "<i8")])


@dataclass(frozen=True)
class Lattice:
    """Square columns of voxels, on one lattice all over the world.

    Attributes:
        size: edge of a voxel in metres.
        edge: voxels along a column's side.
    """

    size: float
    edge: int


@dataclass(frozen=True, eq=False)
class Spool:
    """A spooled scan.

    Attributes:
        folder: where it lies.
        pieces: points of every piece.
        lower: least x, y and z in metres.
        upper: largest.
        crs: coordinate reference system as WKT, or None.
        metres_per_unit: of x, y and z.
        context: what features of a part need to know.
        runs: the runs in the order of their points, (R,) of `RUN`.
        record: a point as it is stored, ``xyz`` and attributes.
        vote_type: a vote as it is stored.
    """

    folder: Path
    pieces: tuple[int, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    crs: str | None
    metres_per_unit: tuple[float, float, float]
    context: ScanContext
    runs: NDArray[Any]
    record: np.dtype[Any]
    vote_type: np.dtype[Any] = VOTE

    def __len__(self) -> int:
        return sum(self.pieces)

    def read(self, runs: NDArray[Any]) -> PointCloud:
        """The points of some runs, one run after another."""
        points = self._of_runs(POINTS, self.record, runs)
        names = [name for name in self.record.names or () if name not in ("xyz", BEFORE)]
        return PointCloud(
            points["xyz"],
            {name: np.ascontiguousarray(points[name]) for name in names},
            metres_per_unit=self.metres_per_unit,
        )

    def vote(self, runs: NDArray[Any], votes: NDArray[Any]) -> None:
        """Keep the votes, (N,) of `vote_type`, of the points of some runs."""
        path, done = self.folder / VOTES, 0
        with path.open("r+b" if path.exists() else "w+b") as stream:
            for start, count in spans(runs["start"], runs["points"]):
                stream.seek(start * self.vote_type.itemsize)
                stream.write(votes[done : done + count].data)
                done += count
            stream.flush()
            os.fsync(stream.fileno())  # before the tile is noted as done

    def points(self, rows: slice) -> PointCloud:
        """Consecutive points without attributes, in the scan's own order.

        Their labels are those of the file, 0 where it has none; None where they were not spooled.
        """
        points = self._ordered(POINTS, self.record, rows)
        before = points[BEFORE] if BEFORE in (self.record.names or ()) else None
        return PointCloud(points["xyz"], labels=before, metres_per_unit=self.metres_per_unit)

    def votes(self, rows: slice) -> NDArray[Any]:
        """The votes of consecutive points, (n,) of `vote_type`, in the scan's own order."""
        return self._ordered(VOTES, self.vote_type, rows)

    def objects(self, rows: slice) -> NDArray[np.int64]:
        """The objects of consecutive points, int64 (n,), in the scan's own order."""
        return self._ordered(OBJECTS, OBJECT, rows).astype(np.int64)

    def votes_of(self, runs: NDArray[Any]) -> NDArray[Any]:
        """The votes of the points of some runs, (n,) of `vote_type`, as `read` gives the points."""
        return self._of_runs(VOTES, self.vote_type, runs)

    def _of_runs(self, name: str, kind: np.dtype[Any], runs: NDArray[Any]) -> NDArray[Any]:
        values, done = np.empty(int(runs["points"].sum()), dtype=kind), 0
        with (self.folder / name).open("rb", buffering=0) as stream:
            for start, count in spans(runs["start"], runs["points"]):
                _read(stream, start, values[done : done + count])
                done += count
        return values

    def _ordered(self, name: str, kind: np.dtype[Any], rows: slice) -> NDArray[Any]:
        found, start = [], 0
        for count in self.pieces:
            first, last = max(rows.start, start), min(rows.stop, start + count)
            if first < last:
                found.append(self._piece(name, kind, start, count)[first - start : last - start])
            start += count
        return np.concatenate(found) if found else np.empty(0, dtype=kind)

    def _piece(self, name: str, kind: np.dtype[Any], start: int, count: int) -> NDArray[Any]:
        order, values = np.empty(count, dtype=ROW), np.empty(count, dtype=kind)
        for file, into in ((ROWS, order), (name, values)):
            with (self.folder / file).open("rb", buffering=0) as stream:
                _read(stream, start, into)
        ordered = np.empty_like(values)
        ordered[order] = values
        return ordered

    def classes(self) -> NDArray[np.int64]:
        """The classes that votes name, ascending."""
        ends = np.cumsum(self.pieces)
        rows = [slice(end - count, end) for end, count in zip(ends, self.pieces, strict=True)]
        found = [np.unique(self.votes(piece)["label"]) for piece in rows]
        return np.unique(np.concatenate(found)).astype(np.int64)

    def drop_points(self) -> None:
        """Forget the points, which nobody needs any more."""
        for name in (POINTS, ROWS, VOTES, OBJECTS):
            (self.folder / name).unlink(missing_ok=True)


def make_spool(
    folder: Path,
    pieces: Iterable[PointCloud],
    lattice: Lattice,
    features: Sequence[Feature],
    on_points: Callable[[int], None],
    *,
    ground: bool = False,
    before: bool = False,
) -> Spool:
    """Spool a scan.

    Args:
        folder: where to.
        pieces: the scan.
        lattice: the columns.
        features: whose attributes to keep.
        on_points: told the number of points of every piece done.
        ground: know the ground even if no feature is the height over it.
        before: keep the codes that points have, too.

    Raises:
        InputError: if the scan has no extent or too large a one, its coordinates are angles, or
            it lacks an attribute.
    """
    builder = ContextBuilder(ground=ground or HEIGHT in features)
    runs: list[NDArray[Any]] = []
    lengths: list[int] = []
    lower, upper = np.full(3, np.inf), np.full(3, -np.inf)
    with (folder / POINTS).open("wb") as points_file, (folder / ROWS).open("wb") as rows_file:
        for cloud in pieces:
            if not lengths:
                first = replace(cloud, attributes={})
            metres, attributes = cloud.metres(), attributes_of(cloud, features)
            builder.add(metres, attributes)
            table = records_of(cloud, attributes, before=before)
            if len(cloud):
                lower, upper = np.minimum(lower, metres.min(0)), np.maximum(upper, metres.max(0))
                found, order = _sorted(metres, lattice)
                found["start"] += sum(lengths)
                runs.append(found)
                points_file.write(table[order].data)
                rows_file.write(order.astype(ROW).data)
            lengths.append(len(cloud))
            on_points(len(cloud))
    if not (lower < upper).any():
        require_extent(first)
    require_metres(first, lower, upper, lattice.size)
    spool = Spool(
        folder=folder,
        pieces=tuple(lengths),
        lower=tuple(lower.tolist()),
        upper=tuple(upper.tolist()),
        crs=first.crs,
        metres_per_unit=first.metres_per_unit or (1.0, 1.0, 1.0),
        context=builder.context(),
        runs=np.concatenate(runs),
        record=table.dtype,
    )
    _save(spool)
    return spool


def _sorted(
    metres: NDArray[np.float64], lattice: Lattice
) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The runs of a piece, and the order that sorts its points into them."""
    grid = voxelize_metres(metres, lattice.size)
    places = (grid.coords[:, :2] + grid.origin[:2]) // lattice.edge
    low = places.min(axis=0)
    width = int(places[:, 1].max() - low[1]) + 1
    keys, column = np.unique((places - low) @ (width, 1), return_inverse=True)
    runs = np.zeros(len(keys), dtype=RUN)
    runs["column"] = np.stack((keys // width, keys % width), axis=1) + low
    runs["voxels"] = np.bincount(column)
    of_point = column[grid.inverse]
    runs["points"] = np.bincount(of_point)
    runs["start"] = runs["points"].cumsum() - runs["points"]
    return runs, np.argsort(of_point, kind="stable")


def _read(stream: BinaryIO, start: int, into: NDArray[Any]) -> None:
    stream.seek(start * into.itemsize)
    if stream.readinto(into.data) < into.nbytes:  # type: ignore[attr-defined]
        raise InputError("a temporary file was cut off; run again with --overwrite")


def _save(spool: Spool) -> None:
    """Describe a spool; what is described is whole."""
    np.save(spool.folder / RUNS, spool.runs)
    np.save(spool.folder / LAYERS, spool.context.layers)
    np.save(spool.folder / VOXELS, spool.context.voxels)
    np.save(spool.folder / COLUMNS, spool.context.columns)
    facts = {
        "pieces": spool.pieces,
        "lower": spool.lower,
        "upper": spool.upper,
        "crs": spool.crs,
        "metres_per_unit": spool.metres_per_unit,
        "scales": dict(spool.context.scales),
        "attributes": dict(spool.context.attributes),
        "record": [
            (name, spool.record[name].base.str, list(spool.record[name].shape))
            for name in spool.record.names or ()
        ],
    }
    write_json(spool.folder / FACTS, facts)


def load_spool(folder: Path) -> Spool | None:
    """A spool made before, or None where there is no whole one."""
    facts = read_json(folder / FACTS)
    if facts is None or not (folder / POINTS).exists():
        return None
    fields = [(name, kind, tuple(shape)) for name, kind, shape in facts["record"]]
    return Spool(
        folder,
        tuple(facts["pieces"]),
        tuple(facts["lower"]),
        tuple(facts["upper"]),
        facts["crs"],
        tuple(facts["metres_per_unit"]),
        ScanContext(
            np.load(folder / LAYERS),
            np.load(folder / VOXELS),
            facts["scales"],
            np.load(folder / COLUMNS),
            facts["attributes"],
        ),
        np.load(folder / RUNS),
        np.dtype(fields),
    )
