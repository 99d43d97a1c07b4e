"""LAS and LAZ a piece at a time: memory for one piece, whatever the size of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.points import PointCloud
from volseg.io import las, las_file
from volseg.io.atomic import replacing
from volseg.io.crs import is_local, understood
from volseg.io.frame import Frame
from volseg.io.las_header import parse_header
from volseg.io.naming import naming

Votes = Callable[[slice], tuple[NDArray[np.int64], NDArray[np.float32] | None]]
"""Gives class ids, int64 (n,), and confidences, float32 (n,) or none, of some rows of a scan."""


def count(path: Path) -> int:
    """Points a file has, as its header says."""
    with path.open("rb") as stream:
        return las.load_header(stream).prefix.count


def frame(path: Path, system: str | None = None) -> Frame | None:
    """Where a file lies, as its header says; None where it names no projected CRS.

    ``system`` is a CRS in place of the file's own, as WKT.
    """
    with path.open("rb") as stream:
        scan = las.load_header(stream)
    wkt, units, _ = las.system(scan) if system is None else (system, *understood(system))
    if wkt is None or units is None or is_local(wkt):
        return None
    header = parse_header(scan.prefix)
    lower, upper = (np.multiply(ends[:2], units[:2]) for ends in (header.mins, header.maxs))
    return Frame(wkt, tuple(lower.tolist()), tuple(upper.tolist()))


def check_ids(path: Path, ids: NDArray[np.int64]) -> None:
    """Refuse class ids that a file's records cannot hold."""
    with path.open("rb") as stream:
        scan = las.load_header(stream)
    scan = replace(scan, records=np.zeros((len(ids), scan.prefix.record_length), np.uint8))
    las.relabel(scan, las.build_cloud(scan, None).with_labels(ids))


def read(path: Path, rows: int, label_field: str | None = None) -> Iterator[PointCloud]:
    """A file's points, some rows at a time; see `volseg.io.pieces`."""
    with path.open("rb") as stream:
        scan = las.load_header(stream)
        size = stream.seek(0, 2)
        for records in las_file.read_blocks(stream, scan.prefix, size, rows):
            yield las.build_cloud(replace(scan, records=records), label_field)


def relabel(target: Path, like: Path, votes: Votes, rows: int, *, overwrite: bool) -> list[Path]:
    """Write a copy of ``like`` with other labels, some rows at a time."""
    with naming(like), like.open("rb") as stream:
        scan = las.load_header(stream)
        size = stream.seek(0, 2)
        tail = las_file.read_tail(stream, scan.prefix, size)
        nobody = las.build_cloud(scan, None).with_labels(*votes(slice(0, 0)))
        prefix, tail = las.without_octree(las.relabel(scan, nobody)[0], scan, tail)

    def blocks() -> Iterator[NDArray[np.uint8]]:
        start = 0
        with naming(like), like.open("rb") as stream:
            for records in las_file.read_blocks(stream, scan.prefix, size, rows):
                part = replace(scan, records=records)
                labels, confidence = votes(slice(start, start + len(records)))
                cloud = las.build_cloud(part, None).with_labels(labels, confidence)
                yield las.relabel(part, cloud)[1]
                start += len(records)

    with replacing(target, overwrite=overwrite) as output:
        compress = target.suffix.lower() == ".laz"
        las_file.save(output, prefix, blocks, compress=compress, tail=tail)
    return [target]
