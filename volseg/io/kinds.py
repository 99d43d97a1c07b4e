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
    if is_scan(path):
        return True
    if path.is_dir() or is_volume(path) or is_dicom(path):
        return False
    known = " ".join((*scan_suffixes(), *volume_suffixes()))
    raise InputError(f"{path.suffix!r} is no format volseg knows; it knows {known}", path=path)
