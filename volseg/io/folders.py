"""The scans or volumes in a folder, and in the folders within it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from pathlib import Path

from volseg.io.scans.formats import scan_stem
from volseg.io.volumes.formats import volume_stem

PREVIEW = "_preview"
PROBABILITIES = "_probabilities"
"""What prediction leaves beside ``a`` is called ``a_preview.png`` and ``a_probabilities``."""
OBJECTS_FOLDER = "objects"
"""The folder beside label files that holds ids of objects, in files of the same names."""
OBJECTS_TABLE = ".objects.csv"
"""What the table of a file's objects ends with, after the file's own name."""
SCORES = "scores.png"
"""The plot that evaluation leaves in a folder."""


def files_within(
    folder: Path, wanted: Callable[[Path], bool], leave_out: Container[Path] = ()
) -> list[Path]:
    """Files of a kind, sorted by path: those in a folder, and those in the folders within it.

    Hidden ones are left out, and what volseg left beside predictions: pictures, probabilities,
    tables of objects.
    A folder that is itself of the kind (a DICOM series, a scene of Pointcept's) is one file.

    Args:
        folder: where to look.
        wanted: whether a path is of the kind.
        leave_out: resolved paths of folders not to look into.
    """
    files: list[Path] = []
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    for path in without_company(paths):
        if wanted(path):
            files.append(path)
        elif path.is_dir() and not path.is_symlink() and path.resolve() not in leave_out:
            files += files_within(path, wanted, leave_out)
    return files


def without_company(paths: Iterable[Path]) -> list[Path]:
    """Files of one folder without previews, probabilities, scores and tables of others in it."""
    paths = list(paths)
    stems = {stem(path) for path in paths for stem in (scan_stem, volume_stem)}
    company = {f"{stem}{PROBABILITIES}" for stem in stems}
    beside = {f"{stem}{end}" for stem in stems for end in (f"{PREVIEW}.png", OBJECTS_TABLE)}
    return [
        path
        for path in paths
        if path.name not in beside | {SCORES} and volume_stem(path) not in company
    ]
