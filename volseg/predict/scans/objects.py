"""Objects of a scan: which point is of which, and the files that list them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.labels import LabelMap
from volseg.io.atomic import write_files
from volseg.io.folders import OBJECTS_TABLE
from volseg.io.scans.crs import is_local
from volseg.io.scans.formats import scan_stem
from volseg.io.tables import csv_text
from volseg.predict.objects.footprints import Footprints
from volseg.predict.objects.geojson import GEOJSON, to_geojson
from volseg.predict.objects.points import PointObjects
from volseg.predict.objects.table import STEP, ObjectTable
from volseg.predict.scans.spool import OBJECT, OBJECTS, Spool

CHUNK = 500_000
"""Points at work, about: those of whole runs."""


@dataclass(frozen=True, eq=False)
class ScanObjects:
    """The objects of a scan.

    Attributes:
        labels: the classes.
        table: what is known of each.
        footprints: their outlines, in thousandths of the scan's unit.
        metres_per_unit: of x, y and z.
        crs: coordinate reference system as WKT, or None.
    """

    labels: LabelMap
    table: ObjectTable
    footprints: Footprints
    metres_per_unit: tuple[float, float, float]
    crs: str | None

    def columns(self) -> dict[str, list[Any]]:
        """The table as it is written, one value an object."""
        classes = [self.labels.classes[k] for k in self.table.classes.tolist()]
        x, y, z = self.metres_per_unit
        areas = self.footprints.areas() * (x * y / STEP**2)
        heights = (self.table.upper - self.table.lower)[:, 2] * (z / STEP)
        return {
            "id": list(range(1, self.table.count + 1)),
            "class": [entry.name for entry in classes],
            "class_id": [entry.ids[0] for entry in classes],
            "points": self.table.sizes.tolist(),
            "footprint_m2": areas.round(2).tolist(),
            "height_m": heights.round(2).tolist(),
            "confidence": self.table.confidence.round(3).tolist(),
            **self.table.columns(),
        }

    def write(self, target: Path, *, overwrite: bool) -> list[Path]:
        """Write the tables of a labelled scan beside it; the files written.

        Raises:
            InputError: if one exists and may not be replaced, or cannot be written.
        """
        columns = self.columns()
        csv, geojson = tables_of(target)
        files = {csv: csv_text(columns, zip(*columns.values(), strict=True)).encode()}
        if self.crs is not None and not is_local(self.crs):
            outlines = (self.footprints.outline(k) / STEP for k in columns["id"])
            files[geojson] = to_geojson(outlines, columns, self.crs)
        return write_files(files, overwrite=overwrite)


def tables_of(target: Path) -> tuple[Path, Path]:
    """Where the tables of a labelled scan go, as CSV and as GeoJSON: beside it."""
    stem = scan_stem(target)
    return target.with_name(stem + OBJECTS_TABLE), target.with_name(stem + GEOJSON)


def group_spool(spool: Spool, labels: LabelMap, on_points: Callable[[int], None]) -> ScanObjects:
    """Group the points of a spooled scan that has all its votes, and keep their objects with it.

    Votes are of points and not of tiles, so that objects depend on no tiling.

    Args:
        spool: the scan.
        labels: the classes.
        on_points: told the number of points of every piece done, twice a point.
    """
    objects = PointObjects(labels)
    for runs in _chunks(spool):
        cloud, votes = spool.read(runs), spool.votes_of(runs)
        objects.add(cloud.metres(), votes["label"], *_centres(votes))
        on_points(len(votes))
    count = objects.group()
    table, footprints = ObjectTable(count), Footprints(count)
    with (spool.folder / OBJECTS).open("wb") as stream:
        for runs in _chunks(spool):
            cloud, votes = spool.read(runs), spool.votes_of(runs)
            numbers = objects.numbers(cloud.metres(), votes["label"], *_centres(votes)[:1])
            table.add(numbers, votes["label"], cloud.xyz, votes["confidence"])
            footprints.add(numbers, np.rint(cloud.xyz[:, :2] * STEP).astype(np.int64))
            stream.write(numbers.astype(OBJECT).data)
            on_points(len(votes))
    return ScanObjects(labels, table, footprints, spool.metres_per_unit, spool.crs)


def _centres(votes: NDArray[Any]) -> tuple[NDArray[Any], ...]:
    """Cells and weights of votes for centres; nothing where a model has not learnt to vote."""
    names = votes.dtype.names or ()
    return tuple(votes[name] for name in ("cell", "weight") if name in names)


def _chunks(spool: Spool) -> Iterator[NDArray[Any]]:
    """Runs in the order of their points, about `CHUNK` points at a time."""
    runs = spool.runs
    assert (runs["start"][1:] == runs["start"][:-1] + runs["points"][:-1]).all()
    number = (runs["start"] // CHUNK).astype(np.int64)
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    for first, last in zip(starts, [*starts[1:], len(runs)], strict=True):
        yield runs[first:last]
