"""LAS and LAZ, COPC too: points to clouds, labels back into the records they came from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from volseg.geometry.points import PointCloud
from volseg.io.atomic import replacing
from volseg.io.naming import naming
from volseg.io.scans.codec import ScanCodec, ScanStream
from volseg.io.scans.header_words import NAME_BYTES
from volseg.io.scans.las import file as las_file
from volseg.io.scans.las.header import SIGNATURE
from volseg.io.scans.las.new import new_file
from volseg.io.scans.las.relabel import change_of, relabel, without_octree
from volseg.io.scans.las.save import save
from volseg.io.scans.las.scan import Dimensions, LasFile, build_cloud, load, stamp


class LasCodec(ScanCodec):
    """LAS, LAZ and COPC."""

    names_systems = True
    longest_name = NAME_BYTES
    tells_outdated = True
    asprs_labels = True

    def read(self, path: Path, label_field: str | None) -> PointCloud:
        """Read every point with every dimension; see `volseg.io.read`."""
        with path.open("rb") as stream:
            return build_cloud(load(stream), label_field)

    def write(
        self, path: Path, cloud: PointCloud, like: Path | None, overwrite: bool
    ) -> list[Path]:
        """Write a labelled copy of ``like``, or a new file; see `volseg.io.write`."""
        if like is None:
            prefix, records, tail = *new_file(cloud), (0, b"")
        else:
            with naming(like), like.open("rb") as stream:
                scan = _records_of(cloud, stream)
                size = stream.seek(0, 2)
                tail = las_file.read_tail(stream, scan.prefix, size)
                change = change_of(scan, cloud)
                prefix, records = relabel(scan, cloud, change)
                change.tell(path, scan.prefix, renewed=cloud.confidence is not None)
                prefix, tail = without_octree(prefix, scan, tail)
        with replacing(path, overwrite=overwrite) as stream:
            compress = path.suffix.lower() == ".laz"
            save(stream, prefix, lambda: [records], compress=compress, tail=tail)
        return [path]

    def stream(self) -> ScanStream:
        """What reads and relabels a file in pieces."""
        from volseg.io.scans.las import pieces

        return pieces

    def labelled_by(self, path: Path) -> str | None:
        """What a record says gave the classes; see `volseg.io.scans.files.labelled_by`."""
        with path.open("rb") as stream:
            prefix = las_file.read_prefix(stream, path.stat().st_size)
        bodies = (vlr.body for vlr in prefix.vlrs if vlr.key == SIGNATURE)
        return next((body.decode("utf-8", "replace") for body in bodies), None)

    def header_facts(self, path: Path) -> dict[str, str]:
        """Version, point format, steps, dates and records."""
        from volseg.io.scans.las.facts import header_facts

        with path.open("rb") as stream:
            return header_facts(las_file.read_prefix(stream, path.stat().st_size))


def _records_of(cloud: PointCloud, stream: BinaryIO) -> LasFile:
    """A file's records, to be changed; not read again where the cloud holds them."""
    if isinstance(cloud.attributes, Dimensions) and cloud.attributes.scan.stamp == stamp(stream):
        return replace(cloud.attributes.scan, records=cloud.attributes.scan.records.copy())
    return load(stream)
