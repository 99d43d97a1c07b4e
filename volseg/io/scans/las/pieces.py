"""LAS and LAZ a piece at a time: memory for one piece, whatever the size of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.points import PointCloud
from volseg.io.atomic import replacing
from volseg.io.naming import naming
from volseg.io.scans.codec import Votes
from volseg.io.scans.crs import is_local, understood
from volseg.io.scans.extent import ScanExtent
from volseg.io.scans.las import file as las_file
from volseg.io.scans.las import scan as las_scan
from volseg.io.scans.las.file import Prefix
from volseg.io.scans.las.header import parse_header
from volseg.io.scans.las.relabel import Change, change_of, without_octree
from volseg.io.scans.las.relabel import relabel as relabel_records
from volseg.io.scans.las.save import save


def count(path: Path) -> int:
    """Points a file has, as its header says."""
    with path.open("rb") as stream:
        return las_scan.load_header(stream).prefix.count


def extent_of(path: Path, system: str | None = None) -> ScanExtent | None:
    """Where a file lies, as its header says; None where it names no projected CRS.

    ``system`` is a CRS in place of the file's own, as WKT.
    """
    with path.open("rb") as stream:
        scan = las_scan.load_header(stream)
    wkt, units, _ = las_scan.system(scan) if system is None else (system, *understood(system))
    if wkt is None or units is None or is_local(wkt):
        return None
    header = parse_header(scan.prefix)
    lower, upper = (np.multiply(ends[:2], units[:2]) for ends in (header.mins, header.maxs))
    return ScanExtent(wkt, tuple(lower.tolist()), tuple(upper.tolist()))


def check_ids(path: Path, ids: NDArray[np.int64]) -> None:
    """Refuse class ids that a file's records cannot hold."""
    with path.open("rb") as stream:
        scan = las_scan.load_header(stream)
    scan = replace(scan, records=np.zeros((len(ids), scan.prefix.record_length), np.uint8))
    relabel_records(scan, las_scan.build_cloud(scan, None).with_labels(ids))


def read(path: Path, rows: int, label_field: str | None = None) -> Iterator[PointCloud]:
    """A file's points, some rows at a time; see `io.scans.pieces`."""
    with path.open("rb") as stream:
        scan = las_scan.load_header(stream)
        size = stream.seek(0, 2)
        for records in las_file.read_blocks(stream, scan.prefix, size, rows):
            yield las_scan.build_cloud(replace(scan, records=records), label_field)


def _change_by(first: las_scan.LasFile, has_objects: bool, highest: int) -> Change:
    """What labels change of a file: what the first points show is taken to be so of all."""
    cloud = las_scan.build_cloud(first, None)
    none = np.zeros(len(cloud), np.int64)
    cloud = cloud.with_labels(none, instances=none if has_objects else None)
    return change_of(first, cloud, highest)


def relabel(
    target: Path,
    like: Path,
    votes: Votes,
    rows: int,
    counted: Callable[[PointCloud], NDArray[np.bool_]],
    *,
    highest: int,
    by: str | None,
    overwrite: bool,
) -> list[Path]:
    """Write a copy of ``like`` with other labels, some rows at a time; see `io.scans.pieces`."""
    with naming(like), like.open("rb") as stream:
        scan = las_scan.load_header(stream)
        size = stream.seek(0, 2)
        tail = las_file.read_tail(stream, scan.prefix, size)
        records = next(las_file.read_blocks(stream, scan.prefix, size, rows), scan.records)
    _, confidence, objects = votes(slice(0, 0))
    change = _change_by(replace(scan, records=records), objects is not None, highest)

    def labelled(piece: las_scan.LasFile, start: int) -> tuple[int, Prefix, NDArray[np.uint8]]:
        cloud = las_scan.build_cloud(piece, None)
        chosen = counted(cloud)
        stop = start + int(chosen.sum())
        cloud = cloud.with_labels_of(chosen, *votes(slice(start, stop)), by=by)
        return stop, *relabel_records(piece, replace(cloud, outdated=change.dropped), change)

    def blocks() -> Iterator[NDArray[np.uint8]]:
        start = 0
        with naming(like), like.open("rb") as stream:
            for records in las_file.read_blocks(stream, scan.prefix, size, rows):
                start, _, relabelled = labelled(replace(scan, records=records), start)
                yield relabelled

    change.tell(target, scan.prefix, renewed=confidence is not None)
    prefix, tail = without_octree(labelled(scan, 0)[1], scan, tail)
    with replacing(target, overwrite=overwrite) as output:
        compress = target.suffix.lower() == ".laz"
        save(output, prefix, blocks, compress=compress, tail=tail)
    return [target]
