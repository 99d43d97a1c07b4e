"""What a scan holds, in a few facts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from volseg.errors import InputError
from volseg.geometry.assumed import is_assumed, like_degrees
from volseg.geometry.points import PointCloud
from volseg.io.naming import naming
from volseg.io.scans.crs import UNITS, crs_name
from volseg.io.scans.files import read
from volseg.io.scans.formats import find_scan_format, scan_file
from volseg.io.scans.labels import true_labels

DEGREES_BY_LOOK = "degrees, by the look of x and y (the file names no CRS)"


@dataclass(frozen=True)
class ScanInfo:
    """Facts about a scan.

    Attributes:
        format: name of the file format.
        points: number of points.
        unplaced: number of points whose coordinates are NaN or infinite.
        minimum: lowest x, y, z, or None without points.
        maximum: highest x, y, z, or None without points.
        crs: name of the coordinate reference system, what is wrong with it, or None.
        unit: the unit of the coordinates in words.
        attributes: name and type of every attribute.
        label_field: the field of the labels, or None.
        no_labels: what is wrong with the field that is called as labels are, or None.
        classes: points of every class id, in order of id; `UNKNOWN` where the file says NaN.
        header: what the header says of the file itself, by name; empty where it says nothing.
    """

    format: str
    points: int
    unplaced: int
    minimum: tuple[float, float, float] | None
    maximum: tuple[float, float, float] | None
    crs: str | None
    unit: str
    attributes: tuple[tuple[str, str], ...]
    label_field: str | None
    no_labels: str | None
    classes: dict[int, int]
    header: dict[str, str] = field(default_factory=dict)


def describe(
    path: Path | str, *, label_field: str | None = None, columns: Sequence[str] | None = None
) -> ScanInfo:
    """Read a scan and sum it up.

    Raises:
        InputError: as `volseg.io.read`.
    """
    path = Path(path)
    return describe_cloud(read(path, label_field=label_field, columns=columns), path)


def describe_cloud(cloud: PointCloud, path: Path) -> ScanInfo:
    """Sum up the scan that a file holds."""
    xyz = cloud.only_placed().xyz
    lowest, highest = ([*xyz.min(axis=0)], [*xyz.max(axis=0)]) if len(xyz) else ([], [])
    is_degrees = is_assumed(cloud) and len(xyz) > 0 and like_degrees(xyz.min(0), xyz.max(0))
    kind = find_scan_format(path)
    with naming(path):
        header = kind.codec().header_facts(scan_file(path))
    no_labels = None
    try:
        true_labels(cloud)
    except InputError as error:
        no_labels = error.message
    ids, counts = np.unique(() if cloud.labels is None else cloud.labels, return_counts=True)
    return ScanInfo(
        format=kind.name,
        points=len(cloud),
        unplaced=len(cloud) - len(xyz),
        minimum=_triple(lowest),
        maximum=_triple(highest),
        crs=cloud.crs_problem or (None if cloud.crs is None else crs_name(cloud.crs)),
        unit=DEGREES_BY_LOOK if is_degrees else unit_text(cloud),
        attributes=tuple(
            (name, str(values.dtype) + "".join(f" x {side}" for side in values.shape[1:]))
            for name, values in cloud.attributes.items()
        ),
        label_field=None if cloud.labels is None else cloud.label_field,
        no_labels=no_labels,
        classes={int(name): int(count) for name, count in zip(ids, counts, strict=True)},
        header=header,
    )


def _triple(values: list[float]) -> tuple[float, float, float] | None:
    return (float(values[0]), float(values[1]), float(values[2])) if values else None


def unit_text(cloud: PointCloud) -> str:
    """The unit of a cloud's coordinates in words."""
    if cloud.metres_per_unit is None:
        return "degrees" if cloud.crs_problem is None else "unknown"
    x, y, z = (_unit_name(unit) for unit in cloud.metres_per_unit)
    text = x if x == y == z else f"{x}, heights in {z}" if x == y else f"{x}, {y}, {z}"
    known = cloud.crs is not None or cloud.metres_per_unit != (1.0, 1.0, 1.0)
    return text if known else f"{text} (assumed: the file names no CRS)"


def _unit_name(metres: float) -> str:
    names = (name for name, known in UNITS.values() if abs(metres - known) < 1e-9)
    return next(names, f"units of {metres:g} m")
