"""Semantic3D's layout: ``.txt`` with x y z intensity r g b and no header, ``.labels`` beside it.

Hackel et al. 2017 publish scans so, with one class id a line in the order of the points.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.io.naming import naming
from volseg.io.scans.fields import RGB
from volseg.io.scans.labels import labels_beside

NAMES = ("x", "y", "z", "intensity", *RGB)
FIELD = "labels"
# Rows, from all over a file, that tell colours from other numbers.
SAMPLE = 100


def label_path(scan: Path) -> Path:
    """Where the labels of a scan are."""
    return scan.with_suffix(".labels")


def holds_colours(rows: Sequence[Sequence[str]]) -> bool:
    """Whether columns without names are Semantic3D's: seven, the last three colours of 8 bits.

    Args:
        rows: the fields of a few rows.
    """
    if any(len(row) != len(NAMES) for row in rows):
        return False
    last = [field for row in rows for field in row[4:]]
    # Whole numbers up to 1 may be normals or flags.
    return all(field.isdecimal() and len(field) < 4 for field in last) and (
        1 < max(map(int, last), default=0) < 256
    )


def read_label_file(path: Path) -> NDArray[np.int64]:
    """Class ids, int64 (N,), one a line.

    Raises:
        InputError: at a line that is no whole number.
    """
    with naming(path):
        words = path.read_bytes().split()
        try:
            return np.array(words, dtype="S").astype(np.int64) if words else np.empty(0, np.int64)
        except (ValueError, OverflowError):
            raise InputError("holds lines that are not one class id each") from None


def read_labels(
    scan: Path, count: int, label_field: str | None
) -> tuple[NDArray[np.int64] | None, str | None]:
    """Labels beside a scan of ``count`` points, or None and what is wrong with them, if anything.

    Raises:
        InputError: if they are wanted and missing, or of another number.
    """
    source = label_path(scan)
    if not source.exists():
        if label_field is not None:
            raise InputError(f"has no field {label_field!r}: {source} does not exist")
        return None, None
    labels, problem = labels_beside(source, read_label_file, count)
    if labels is None and label_field is not None:
        raise InputError(problem or "")
    return labels, problem
