"""An index of scans as GeoJSON: where each lies, and what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.io.atomic import check_target, replacing
from volseg.io.scans.crs import to_lonlat
from volseg.io.scans.describe import describe_cloud
from volseg.io.scans.files import read
from volseg.io.scans.geojson import to_geojson
from volseg.progress import SILENT, Progress, counted

EDGE = 8
"""Corners along an edge of a footprint: straight lines of a projection are bent on the Earth."""


def index_scans(
    scans: Sequence[Path | str],
    target: Path | str,
    *,
    crs: str | None = None,
    overwrite: bool = False,
    progress: Progress = SILENT,
) -> list[InputError]:
    """Write the footprints of scans, a feature each, with what each holds as properties.

    Properties are the file, its format and version, points, points per square metre of its
    bounding box, lowest and highest z, coordinate system, and points a class.

    Args:
        scans: the files.
        target: a ``.geojson`` file.
        crs: their coordinate system as WKT, in place of what the files say.
        overwrite: replace an existing file.
        progress: told how many scans are read.

    Returns:
        What is wrong with those that are left out.

    Raises:
        InputError: if the target cannot be written, or no scan can be indexed.
    """
    target = Path(target)
    if target.suffix.lower() not in (".geojson", ".json"):
        raise InputError(f"{target.suffix!r} is no index; wanted a name that ends in .geojson",
                         path=target)  # fmt: skip
    check_target(target, overwrite=overwrite)
    outlines, rows, wrong = list[NDArray[np.float64]](), list[dict[str, Any]](), list[InputError]()
    for path in counted(map(Path, scans), "reading", len(scans), progress):
        try:
            outline, row = _entry(path, crs)
        except InputError as error:
            wrong.append(error.at(path))
            continue
        outlines.append(outline)
        rows.append(row)
    if not rows:
        raise wrong[0] if wrong else InputError("there are no scans to index", path=target)
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    with replacing(target, overwrite=overwrite) as stream:
        stream.write(to_geojson(outlines, columns, None))
    return wrong


def _entry(path: Path, crs: str | None) -> tuple[NDArray[np.float64], dict[str, Any]]:
    """The outline of a scan in longitude and latitude, (k, 2), and its properties."""
    cloud = read(path, crs=crs)
    if cloud.crs is None:
        raise InputError("names no coordinate system; name it with --crs EPSG:NUMBER")
    xyz = cloud.only_placed().xyz
    if not len(xyz):
        raise InputError("has no points that have a place")
    (x0, y0, low), (x1, y1, high) = xyz.min(axis=0), xyz.max(axis=0)
    units = cloud.metres_per_unit or (np.nan, np.nan, np.nan)
    area = (x1 - x0) * units[0] * (y1 - y0) * units[1]
    facts = describe_cloud(cloud, path)
    return to_lonlat(_box(x0, y0, x1, y1), cloud.crs), {
        "file": str(path),
        "format": facts.format,
        "version": facts.header.get("version"),
        "points": facts.points,
        "per_square_metre": round(len(xyz) / area, 3) if area > 0 else None,
        "lowest": float(low),
        "highest": float(high),
        "crs": facts.crs,
        "classes": " ".join(f"{k}:{n}" for k, n in facts.classes.items()),
    }


def _box(x0: float, y0: float, x1: float, y1: float) -> NDArray[np.float64]:
    """The corners of a box and places between them, counterclockwise, float64 (k, 2)."""
    corners = np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    steps = np.arange(EDGE)[:, None] / EDGE
    edges = [a + steps * (b - a) for a, b in zip(corners, np.roll(corners, -1, 0), strict=True)]
    return np.concatenate(edges)
