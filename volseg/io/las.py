"""LAS and LAZ, COPC too: points to clouds, labels back into the records they came from."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import laspy
import numpy as np
from laspy.point.record import ScaleAwarePointRecord
from numpy.typing import NDArray

from volseg.errors import InputError, InputWarning
from volseg.geometry.points import LazyAttributes, PointCloud
from volseg.io import crs, las_file
from volseg.io.atomic import replacing
from volseg.io.fields import additions, check_count, flatten, known, label_name, whole
from volseg.io.las_extra import extend
from volseg.io.las_file import EVLR_HEAD, HEADER_SIZES, Evlr, Prefix
from volseg.io.las_header import COORDINATES, odd_names, parse_header
from volseg.io.las_scaling import choose_steps
from volseg.io.naming import naming

CLASSIFICATION = "classification"
COLOUR = ("red", "green", "blue")

WKT, GEOKEYS = (b"LASF_Projection", 2112), (b"LASF_Projection", 34735)
COPC = b"copc"


@dataclass(frozen=True)
class Scan:
    """The parts of a file.

    Attributes:
        prefix: all before the points.
        records: point records, uint8 (N, length).
        evlrs: the extended records after the points.
        projection: bodies of the records that name the CRS, by user and record id.
        stamp: of the file, as it was when read.
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

    def __init__(self, scan: Scan, field: str) -> None:
        """Name the dimensions; those of colour are one attribute, ``field`` holds the labels."""
        self.scan = scan
        names = [name for name in _names(scan.points) if name != field]
        merged = COLOUR if set(COLOUR) <= set(names) else ()
        names = [name for name in names if name not in merged]
        # Not a method: records that knew themselves would outlive their last user.
        super().__init__([*names, "colour"] if merged else names, partial(_unpack, scan, merged))


def _unpack(scan: Scan, merged: Sequence[str], name: str) -> NDArray[Any]:
    """A dimension of a scan; ``colour`` is those that are merged, where there are any."""
    points = scan.points
    if name == "colour" and merged:
        return np.stack([points.array[part] for part in merged], axis=1)
    values = np.asarray(points[name])
    return values.astype(values.dtype.newbyteorder("="), order="C")  # never the records


def load(stream: BinaryIO) -> Scan:
    """All points of a file.

    Raises:
        InputError: if the file is damaged.
    """
    scan = load_header(stream)
    size = stream.seek(0, 2)
    return replace(scan, records=las_file.read_records(stream, scan.prefix, size))


def load_header(stream: BinaryIO) -> Scan:
    """All of a file but its points.

    Raises:
        InputError: if the file is damaged.
    """
    stamp = _stamp(stream)
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
    return Scan(prefix, records, evlrs, projection, stamp)


def _warn(stream: BinaryIO, prefix: Prefix, remarks: list[str]) -> None:
    """Tell what is odd about a header."""
    size, due = len(prefix.header), HEADER_SIZES[prefix.minor]
    if size < due:
        remarks = [f"LAS 1.{prefix.minor} has a header of {due} bytes, this one {size}", *remarks]
    if remarks:
        text = f"{'; '.join(remarks)}: read all the same"
        warnings.warn(InputWarning(text, path=stream.name), stacklevel=2)


def _stamp(stream: BinaryIO) -> tuple[int, ...]:
    """What tells a file from every other, and from itself once it has changed."""
    facts = os.fstat(stream.fileno())
    return facts.st_dev, facts.st_ino, facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns


def read(path: Path, label_field: str | None) -> PointCloud:
    """Read every point with every dimension; see `volseg.io.read`."""
    with path.open("rb") as stream:
        return build_cloud(load(stream), label_field)


def build_cloud(scan: Scan, label_field: str | None) -> PointCloud:
    """The points of a scan's records.

    Raises:
        InputError: if there is no such field, or a coordinate is not finite.
    """
    points = scan.points
    field = label_field or CLASSIFICATION
    label_name(_names(points), field)
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
        labels=whole(np.asarray(points[field]), field),
        label_field=field,
        crs=wkt,
        metres_per_unit=units,
        crs_problem=problem,
    )


def _names(points: ScaleAwarePointRecord) -> list[str]:
    return [name for name in points.point_format.dimension_names if name not in COORDINATES]


def system(scan: Scan) -> tuple[str | None, crs.Units | None, str | None]:
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


def write(path: Path, cloud: PointCloud, like: Path | None, overwrite: bool) -> list[Path]:
    """Write a labelled copy of ``like``, or a new file; see `volseg.io.write`."""
    if like is None:
        prefix, records, tail = *_new(cloud), (0, b"")
    else:
        with naming(like), like.open("rb") as stream:
            scan = _records_of(cloud, stream)
            size = stream.seek(0, 2)
            tail = las_file.read_tail(stream, scan.prefix, size)
            prefix, records = relabel(scan, cloud)
            prefix, tail = without_octree(prefix, scan, tail)
    with replacing(path, overwrite=overwrite) as stream:
        compress = path.suffix.lower() == ".laz"
        las_file.save(stream, prefix, lambda: [records], compress=compress, tail=tail)
    return [path]


def _records_of(cloud: PointCloud, stream: BinaryIO) -> Scan:
    """A file's records, to be changed; not read again where the cloud holds them."""
    if isinstance(cloud.attributes, Dimensions) and cloud.attributes.scan.stamp == _stamp(stream):
        return replace(cloud.attributes.scan, records=cloud.attributes.scan.records.copy())
    return load(stream)


def relabel(scan: Scan, cloud: PointCloud) -> tuple[Prefix, NDArray[np.uint8]]:
    """Header and records of a scan with a cloud's labels, confidence and new attributes.

    Raises:
        InputError: if the cloud has another number of points, or a field cannot hold its labels.
    """
    check_count(cloud, len(scan.records))
    points = scan.points
    names = _names(points)
    if cloud.labels is not None:
        field = cloud.label_field if cloud.label_field in names else CLASSIFICATION
        _put(points, field, cloud.labels)
    present = {*names, "colour"} if set(COLOUR) <= set(names) else set(names)
    new = flatten(additions(cloud, present))
    for name in [name for name in new if name in names]:
        points[name] = new.pop(name)
    return extend(scan.prefix, scan.records, new)


def _put(points: ScaleAwarePointRecord, field: str, labels: NDArray[np.int64]) -> None:
    """Write labels into a dimension, refusing those it cannot hold."""
    legacy = points.point_format.id < 6
    labels = known(labels)
    if field == CLASSIFICATION:
        highest = 31 if legacy else 255
        wrong = labels[(labels < 0) | (labels > highest)]
        if len(wrong):
            remedy = "convert the scan to point format 6 or higher, " if legacy else ""
            raise InputError(
                f"class id {wrong[0]} does not fit point format {points.point_format.id}, which "
                f"holds 0 to {highest}; {remedy}use ids it holds, or write to .ply"
            )
    with suppress(OverflowError, ValueError):  # what did not fit is found below
        points[field] = labels
    if not np.array_equal(np.asarray(points[field]), labels):
        raise InputError(
            f"dimension {field!r} of type {points.point_format.dimension_by_name(field).dtype} "
            f"cannot hold class ids {labels.min()} to {labels.max()}; use ids it holds"
        )


def without_octree(
    prefix: Prefix, scan: Scan, tail: tuple[int, bytes]
) -> tuple[Prefix, tuple[int, bytes]]:
    """Drop COPC's records: the file is written in one run, and an octree over it would lie."""
    if all(vlr.key[0] != COPC for vlr in prefix.vlrs):
        return prefix, tail
    start, after = tail
    kept = [evlr for evlr in scan.evlrs if evlr.key[0] != COPC]
    end = max(evlr.end for evlr in scan.evlrs) if scan.evlrs else start
    after = b"".join(after[e.start - start : e.end - start] for e in kept) + after[end - start :]
    vlrs = tuple(vlr for vlr in prefix.vlrs if vlr.key[0] != COPC)
    prefix = replace(prefix, vlrs=vlrs).with_field("I", 243, len(kept))
    return (prefix if kept else prefix.with_field("Q", 235, 0)), (start, after)


def _new(cloud: PointCloud) -> tuple[Prefix, NDArray[np.uint8]]:
    """A LAS 1.4 file of a cloud: point format 7 with colours, else 6."""
    if not cloud.placed.all():
        raise InputError(
            f"LAS cannot hold the {int((~cloud.placed).sum()):,} points whose coordinates are NaN "
            "or infinite; write to .ply, .pcd, .npz or .csv, which can"
        )
    columns = flatten(additions(cloud, ()))
    header = laspy.LasHeader(version="1.4", point_format=7 if set(COLOUR) <= columns.keys() else 6)
    header.generating_software = "volseg"
    if cloud.crs is not None and cloud.crs_problem is None:
        import pyproj

        header.add_crs(pyproj.CRS.from_wkt(cloud.crs))
    header.scales, header.offsets = _scaling(cloud)
    points = ScaleAwarePointRecord.zeros(len(cloud), header=header)
    for i, axis in enumerate(COORDINATES):
        points[axis] = np.rint((cloud.xyz[:, i] - header.offsets[i]) / header.scales[i])
    if cloud.labels is not None:
        _put(points, CLASSIFICATION, cloud.labels)
    standard = {*_names(points)} - ({CLASSIFICATION} if cloud.labels is not None else set())
    taken = {*_names(points), *COORDINATES, "x", "y", "z"}
    extra = {}
    for name, values in columns.items():
        if name not in standard or not _stored(points, name, values):
            extra[f"{name}_original" if name in taken else name] = values
    header.update(points)
    buffer = io.BytesIO()
    header.write_to(buffer)
    prefix = las_file.read_prefix(buffer, buffer.seek(0, 2) + buffer.seek(0))
    records = points.array.view(np.uint8).reshape(len(cloud), header.point_format.size)
    return extend(prefix, records, extra)


def _stored(points: ScaleAwarePointRecord, name: str, values: NDArray[Any]) -> bool:
    """Write a standard dimension if it holds the values exactly; else leave it zero."""
    try:
        points[name] = values
        if np.array_equal(np.asarray(points[name]), values):
            return True
    except (OverflowError, ValueError, TypeError):
        pass
    points[name] = np.zeros(len(values), dtype=np.uint8)
    return False


def _scaling(cloud: PointCloud) -> NDArray[np.float64]:
    """Scales and offsets by axis, (2, 3); where none is better, a millimetre, or 1e-7 degrees."""
    usual = (0.001,) * 3 if cloud.metres_per_unit is not None else (1e-7, 1e-7, 0.001)
    steps = [choose_steps(*one) for one in zip(cloud.xyz.T, usual, strict=True)]
    return np.array(steps).T
