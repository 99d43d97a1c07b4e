"""Files: one module a format, and the verbs that choose it by suffix."""

from volseg.io.scans.codec import ScanCodec
from volseg.io.scans.convert import convert
from volseg.io.scans.describe import ScanInfo, describe
from volseg.io.scans.files import read, read_labels, write
from volseg.io.scans.formats import (
    ScanFormat,
    is_scan,
    output_name,
    register_scan_format,
    scan_stem,
    scan_suffixes,
)
from volseg.io.scans.grids import read_grid, write_grid
from volseg.io.volumes.codec import VolumeCodec, VolumeHeader
from volseg.io.volumes.describe import VolumeInfo, describe_volume
from volseg.io.volumes.files import (
    read_label_volume,
    read_volume,
    read_volume_header,
    write_label_volume,
)
from volseg.io.volumes.formats import (
    VolumeFormat,
    is_volume,
    label_suffix,
    register_volume_format,
    volume_stem,
    volume_suffixes,
)
from volseg.io.volumes.probabilities import open_probabilities, probability_suffix

__all__ = [
    "ScanCodec", "ScanFormat", "ScanInfo", "VolumeCodec", "VolumeFormat", "VolumeHeader",
    "VolumeInfo", "convert", "describe", "describe_volume", "is_scan", "is_volume",
    "label_suffix", "open_probabilities", "output_name", "probability_suffix", "read",
    "read_grid", "read_label_volume", "read_labels", "read_volume", "read_volume_header",
    "register_scan_format", "register_volume_format", "scan_stem", "scan_suffixes", "volume_stem",
    "volume_suffixes", "write", "write_grid", "write_label_volume",
]  # fmt: skip
