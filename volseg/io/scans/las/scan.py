"""A LAS file in memory: its header, records, coordinate system, and the cloud of its points."""

from __future__ import annotations

import os
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, BinaryIO

import numpy as np
from laspy.point.record import ScaleAwarePointRecord
from numpy.typing import NDArray

from volseg.errors import InputError, InputWarning
from volseg.geometry.points import NOISE, LazyAttributes, PointCloud
from volseg.io.scans import crs
from volseg.io.scans.fields import RGB
from volseg.io.scans.labels import class_ids, label_name
from volseg.io.scans.las import file as las_file
from volseg.io.scans.las.file import EVLR_HEAD, HEADER_SIZES, Evlr, Prefix
from volseg.io.scans.las.header import COORDINATES, odd_names, parse_header

CLASSIFICATION = "classification"

WKT, GEOKEYS = (b"LASF_Projection", 2112), (b"LASF_Projection", 34735)
COPC = b"copc"


@dataclass(frozen=True)
class LasFile:
    """The parts of a file in memory.

    Attributes:
        prefix: all that stands before the points.
        records: point records, uint8 (N, length).
        evlrs: the extended records after the points.
        projection: bodies of the records that name the CRS, by user and record id.
        stamp: what tells the file, as it was when read, from others.
    """

    prefix: Prefix
    records: NDArray[np.uint8]
    evlrs: tuple[Evlr, ...]
    projection: dict[tuple[bytes, int], bytes]
    stamp: tuple[int, ...]

    @property
    def points(self) -> ScaleAwarePointRecord:
        """The records by dimension, through laspy; assigning changes `records`."""
        header = parse_header(self.prefix)
        array = self.records.reshape(-1).view(header.point_format.dtype())
        return ScaleAwarePointRecord(array, header.point_format, header.scales, header.offsets)


class Dimensions(LazyAttributes):
    """Dimensions of a scan but for coordinates and labels, unpacked from its records."""

    def __init__(self, scan: LasFile, field: str) -> None:
        """Name the dimensions; those of colour are one attribute, ``field`` holds the labels."""
        self.scan = scan
        names = [name for name in names_of(scan.points) if name != field]
        merged = RGB if set(RGB) <= set(names) else ()
        names = [name for name in names if name not in merged]
        # Not a method: records that knew themselves would outlive their last user.
        super().__init__([*names, "colour"] if merged else names, partial(_unpack, scan, merged))


def _unpack(scan: LasFile, merged: Sequence[str], name: str) -> NDArray[Any]:
    """A dimension of a scan; ``colour`` is those that are merged, where there are any."""
    points = scan.points
    if name == "colour" and merged:
        return np.stack([points.array[part] for part in merged], axis=1)
    values = np.asarray(points[name])
    return values.astype(values.dtype.newbyteorder("="), order="C")  # never the records


def load(stream: BinaryIO) -> LasFile:
    """All points of a file.

    Raises:
        InputError: if the file is damaged.
    """
    scan = load_header(stream)
    size = stream.seek(0, 2)
    return replace(scan, records=las_file.read_records(stream, scan.prefix, size))


def load_header(stream: BinaryIO) -> LasFile:
    """All of a file but its points.

    Raises:
        InputError: if the file is damaged.
    """
    at_first = stamp(stream)
    size = stream.seek(0, 2)
    stream.seek(0)
    prefix = las_file.read_prefix(stream, size)
    _warn(stream, prefix, odd_names(prefix, parse_header(prefix)))
    evlrs = las_file.find_evlrs(stream, prefix, size)
    projection = {vlr.key: vlr.body for vlr in prefix.vlrs if vlr.key in (WKT, GEOKEYS)}
    for evlr in evlrs:
        if evlr.key in (WKT, GEOKEYS):
            stream.seek(evlr.start + EVLR_HEAD)
            projection[evlr.key] = stream.read(evlr.end - evlr.start - EVLR_HEAD)
    records = np.empty((0, prefix.record_length), dtype=np.uint8)
    return LasFile(prefix, records, evlrs, projection, at_first)


def _warn(stream: BinaryIO, prefix: Prefix, remarks: list[str]) -> None:
    """Tell what is odd about a header."""
    size, due = len(prefix.header), HEADER_SIZES[prefix.minor]
    if size < due:
        remarks = [f"LAS 1.{prefix.minor} has a header of {due} bytes, this one {size}", *remarks]
    if remarks:
        text = f"{'; '.join(remarks)}: read all the same"
        warnings.warn(InputWarning(text, path=stream.name), stacklevel=2)


def stamp(stream: BinaryIO) -> tuple[int, ...]:
    """What tells a file from every other, and from itself once it has changed."""
    facts = os.fstat(stream.fileno())
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def build_cloud(scan: LasFile, label_field: str | None) -> PointCloud:
    """The points of a scan's records.

    Raises:
        InputError: if there is no such field, or a coordinate is not finite.
    """
    points = scan.points
    field = label_field or CLASSIFICATION
    label_name(names_of(points), field)
    scales, offsets = points.scales, points.offsets
    wkt, units, problem = system(scan)
    xyz = np.empty((len(points), 3))
    with np.errstate(over="ignore", invalid="ignore"):  # refused below
        for i, axis in enumerate(COORDINATES):
            xyz[:, i] = points.array[axis] * scales[i] + offsets[i]
    if not np.isfinite(xyz).all():
        raise InputError(
            f"has NaN or infinite coordinates: its header has scales {scales} and offsets {offsets}"
        )
    return PointCloud(
        xyz=xyz,
        attributes=Dimensions(scan, field),
        labels=class_ids(np.asarray(points[field]), field),
        label_field=field,
        crs=wkt,
        metres_per_unit=units,
        crs_problem=problem,
        steps=(float(scales[0]), float(scales[1]), float(scales[2])),
        noise=np.isin(np.asarray(points[CLASSIFICATION]), NOISE)
        | (np.asarray(points["withheld"]) != 0),
    )


def names_of(points: ScaleAwarePointRecord) -> list[str]:
    """The dimensions of records but for their coordinates."""
    return [name for name in points.point_format.dimension_names if name not in COORDINATES]


def system(scan: LasFile) -> tuple[str | None, crs.Units | None, str | None]:
    """WKT, metres per unit, and what is wrong with them, or None.

    WKT is believed before GeoTIFF keys, which stand in where it cannot be understood.
    """
    wkt = scan.projection.get(WKT, b"").split(b"\0")[0].decode("utf-8", "replace").strip()
    keys = scan.projection.get(GEOKEYS, b"")
    units, problem = crs.understood(wkt) if wkt else (None, None)
    if wkt and (problem is None or not keys):
        return wkt, units, problem
    try:
        return *crs.from_geokeys(keys), None
    except InputError as error:
        return None, None, problem or error.message
