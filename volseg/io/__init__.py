"""Files: one module a format, and the verbs that choose it by suffix."""

from volseg.io.convert import convert
from volseg.io.describe import ScanInfo, VolumeInfo, describe, describe_volume
from volseg.io.formats import (
    is_scan,
    output_name,
    read,
    read_labels,
    scan_stem,
    scan_suffixes,
    write,
)
from volseg.io.grids import read_grid, write_grid
from volseg.io.probabilities import open_probabilities, probability_suffix
from volseg.io.volume_formats import (
    VolumeHeader,
    is_volume,
    label_suffix,
    volume_stem,
    volume_suffixes,
)
from volseg.io.volumes import read_label_volume, read_volume, read_volume_header, write_label_volume

__all__ = [
    "ScanInfo",
    "VolumeHeader",
    "VolumeInfo",
    "convert",
    "describe",
    "describe_volume",
    "is_scan",
    "is_volume",
    "label_suffix",
    "open_probabilities",
    "output_name",
    "probability_suffix",
    "read",
    "read_grid",
    "read_label_volume",
    "read_labels",
    "read_volume",
    "read_volume_header",
    "scan_stem",
    "scan_suffixes",
    "volume_stem",
    "volume_suffixes",
    "write",
    "write_grid",
    "write_label_volume",
]
