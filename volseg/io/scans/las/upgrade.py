"""Scans of point formats 0 to 5, which hold classes 0 to 31, as LAS 1.4, which holds 0 to 255.

Nothing is lost: fields go by their names, and what a format before LAS 1.4 does not have is 0.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pyproj
from laspy.point.format import PointFormat
from laspy.point.record import PackedPointRecord

from volseg.errors import InputError
from volseg.io.scans import crs
from volseg.io.scans.las.file import HEADER_SIZES, RECORD_SIZES, Prefix, Vlr
from volseg.io.scans.las.scan import GEOKEYS, WKT, LasFile

SUCCESSORS = {0: 6, 1: 6, 2: 7, 3: 7, 4: 9, 5: 10}
HIGHEST = 31
"""Largest class of the formats before."""

ANGLE = 0.006  # degrees in one step of a scan angle
OVERLAP = 12  # class of points that have a flag for it now
WKT_BIT = 16  # of the global encoding: the CRS is in words


def is_legacy(prefix: Prefix) -> bool:
    """Whether a scan is of a point format that has a successor."""
    return prefix.format_id in SUCCESSORS


def upgraded(scan: LasFile) -> LasFile:
    """The same scan in the point format that follows its own, LAS 1.4."""
    old, length = scan.prefix, RECORD_SIZES[scan.prefix.format_id]
    before, after = PointFormat(old.format_id), PointFormat(SUCCESSORS[old.format_id])
    standard = np.ascontiguousarray(scan.records[:, :length]).view(before.dtype()).reshape(-1)
    source = PackedPointRecord(standard, before)
    target = PackedPointRecord.zeros(len(standard), after)
    for name in set(before.dimension_names) & set(after.dimension_names):
        target[name] = np.asarray(source[name])
    target["scan_angle"] = np.rint(np.asarray(source["scan_angle_rank"]) / ANGLE)
    target["overlap"] = np.asarray(source["classification"]) == OVERLAP
    fields = target.array.view(np.uint8).reshape(len(standard), after.size)
    records = np.concatenate((fields, scan.records[:, length:]), axis=1)
    return replace(scan, prefix=_prefix(scan, after.id, records.shape[1]), records=records)


def _prefix(scan: LasFile, format_id: int, length: int) -> Prefix:
    """The header of LAS 1.4; positions are those of the old file."""
    old = scan.prefix
    header, (own, due) = bytearray(old.header), (HEADER_SIZES[old.minor], HEADER_SIZES[4])
    if len(header) < due or own < due:
        returns = struct.unpack_from("<5I", header, 111)
        header[227:own] = bytes(due - 227)
        counts = old.count, *returns, *(0,) * 10
        struct.pack_into("<QQIQ15Q", header, 227, old.waveforms, 0, 0, *counts)
    vlrs, in_words = _with_words(scan)
    # Before LAS 1.2 these bits were reserved.
    encoding = (old.field("H", 6) if old.minor >= 2 else 0) | (WKT_BIT if in_words else 0)
    struct.pack_into("<H", header, 6, encoding)
    header[25] = 4
    struct.pack_into("<HI", header, 94, len(header), old.offset)
    struct.pack_into("<BH6I", header, 104, format_id, length, *(0,) * 6)
    return Prefix(bytes(header), vlrs, old.gap)


def _with_words(scan: LasFile) -> tuple[tuple[Vlr, ...], bool]:
    """The records of a scan, with its CRS in words, as LAS 1.4 wants it, where it is known."""
    vlrs = scan.prefix.vlrs
    if WKT in scan.projection:
        return vlrs, True
    words = _words(scan.projection.get(GEOKEYS, b""))
    return (vlrs, False) if words is None else ((*vlrs, Vlr.new(WKT, words)), True)


@lru_cache(maxsize=8)
def _words(geokeys: bytes) -> bytes | None:
    try:
        wkt = crs.from_geokeys(geokeys)[0]
        words = None if wkt is None else str(pyproj.CRS.from_wkt(wkt).to_wkt("WKT1_GDAL"))
    except (InputError, pyproj.exceptions.CRSError):
        return None
    return None if words is None else words.encode() + b"\0"
