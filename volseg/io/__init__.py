"""Files: one module a format, and four verbs that choose it by suffix."""

from volseg.io.describe import ScanInfo, describe
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

__all__ = [
    "ScanInfo",
    "describe",
    "is_scan",
    "output_name",
    "read",
    "read_grid",
    "read_labels",
    "scan_stem",
    "scan_suffixes",
    "write",
    "write_grid",
]
