"""Scans and volumes apart, by the names of their files."""

from __future__ import annotations

from pathlib import Path

from volseg.errors import InputError
from volseg.io.scans.formats import is_scan, scan_suffixes
from volseg.io.volumes.formats import is_dicom, is_volume, volume_suffixes


def holds_scan(path: Path) -> bool:
    """Whether a path is to be read as a scan; else as a volume.

    Raises:
        InputError: if its suffix is of neither.
    """
    known = (*scan_suffixes(), *volume_suffixes())
    sliced = is_dicom(path)
    if not (path.is_dir() or sliced or path.name.lower().endswith(known)):
        raise InputError(
            f"{path.suffix!r} is no format volseg knows; it knows {' '.join(known)}", path=path
        )
    return is_scan(path) or not (is_volume(path) or path.is_dir() or sliced)
