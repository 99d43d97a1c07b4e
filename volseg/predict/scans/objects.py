"""Objects of a scan: which point is of which, and the files that list them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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
from volseg.io.scans.geojson import to_geojson
from volseg.io.tables import csv_text
from volseg.predict.objects.footprints import Footprints
from volseg.predict.objects.points import PointObjects
from volseg.predict.objects.table import STEP, ObjectTable
from volseg.predict.scans.spool import OBJECT, OBJECTS, Spool

CHUNK = 500_000
"""Points at work, about: those of whole runs."""

GEOJSON = ".objects.geojson"
"""What the GeoJSON of a file's objects ends with, after the file's own name."""


@dataclass(frozen=True, eq=False)
class ScanObjects:
    """The objects of a scan, which may reach into others.

    Attributes:
        ids: those that the scan has points of, ascending.
        labels: the classes.
        table: what is known of each, of all its points.
        footprints: their outlines, in thousandths of the scan's unit.
        metres_per_unit: of x, y and z.
        crs: coordinate reference system as WKT, or None.
    """

    ids: NDArray[np.int64]
    labels: LabelMap
    table: ObjectTable
    footprints: Footprints
    metres_per_unit: tuple[float, float, float]
    crs: str | None

    def columns(self) -> dict[str, list[Any]]:
        """The table as it is written, one value an object of the scan."""
        rows = self.ids - 1
        classes = [self.labels.classes[k] for k in self.table.classes[rows].tolist()]
        x, y, z = self.metres_per_unit
        areas = self.footprints.areas()[rows] * (x * y / STEP**2)
        heights = (self.table.upper - self.table.lower)[rows, 2] * (z / STEP)
        return {
            "id": self.ids.tolist(),
            "class": [entry.name for entry in classes],
            "class_id": [entry.ids[0] for entry in classes],
            "points": self.table.sizes[rows].tolist(),
            "footprint_m2": areas.round(2).tolist(),
            "height_m": heights.round(2).tolist(),
            "confidence": self.table.confidence[rows].round(3).tolist(),
            **{name: [of[row] for row in rows] for name, of in self.table.columns().items()},
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


def group_spools(
    spools: Sequence[Spool], labels: LabelMap, on_points: Sequence[Callable[[int], None]]
) -> list[ScanObjects]:
    """Group the points of spooled scans that have all their votes; objects are kept with them.

    Votes are of points and not of tiles, so that objects depend on no tiling; and scans that
    adjoin are grouped as one, so that they depend on no cut into files either.

    Args:
        spools: the scans, in one coordinate system.
        labels: the classes.
        on_points: of every scan, told the number of points of every piece done, twice a point.
    """
    objects = PointObjects(labels)
    for spool, told in zip(spools, on_points, strict=True):
        for runs in _chunks(spool):
            cloud, votes = spool.read(runs), spool.votes_of(runs)
            objects.add(cloud.metres(), votes["label"], *_centres(votes))
            told(len(votes))
    count = objects.group()
    table, footprints, of = ObjectTable(count), Footprints(count), []
    for spool, told in zip(spools, on_points, strict=True):
        own = np.zeros(count + 1, np.bool_)
        with (spool.folder / OBJECTS).open("wb") as stream:
            for runs in _chunks(spool):
                cloud, votes = spool.read(runs), spool.votes_of(runs)
                numbers = objects.numbers(cloud.metres(), votes["label"], *_centres(votes)[:1])
                table.add(numbers, votes["label"], cloud.xyz, votes["confidence"])
                footprints.add(numbers, np.rint(cloud.xyz[:, :2] * STEP).astype(np.int64))
                stream.write(numbers.astype(OBJECT).data)
                own[numbers] = True
                told(len(votes))
        of.append(1 + np.flatnonzero(own[1:]))
    return [
        ScanObjects(ids, labels, table, footprints, spool.metres_per_unit, spool.crs)
        for ids, spool in zip(of, spools, strict=True)
    ]


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
