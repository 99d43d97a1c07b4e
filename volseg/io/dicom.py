"""Folders that hold one DICOM series."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

LOOKED_AT = 16  # files of a folder; a series may lie beside a few notes


def is_series(folder: Path) -> bool:
    """Whether a folder holds DICOM files, as its first few files show."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file())
    return any(_is_dicom(path) for path in islice(files, LOOKED_AT))


def _is_dicom(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            return stream.read(132)[128:] == b"DICM"
    except OSError:
        return False
