"""Which predicted scan belongs to which truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from volseg.errors import InputError
from volseg.evaluate.pairing import Names, pair_paths
from volseg.io import is_scan, output_name, scan_stem
from volseg.io.folders import files_within
from volseg.io.scans.formats import LABELS_ALONE, is_text, scan_file

ScanPair = tuple[Path, Path]
"""A predicted scan and the true one."""


@dataclass(frozen=True)
class ScanPairs:
    """Predicted and true scans that belong together.

    Attributes:
        pairs: the files, predicted and true.
        alone: names of the true scans that nobody predicted.
        failed: what has no partner, or more than one.
    """

    pairs: tuple[ScanPair, ...]
    alone: tuple[str, ...] = ()
    failed: tuple[InputError, ...] = ()

    def check_columns(self, columns: Sequence[str] | None) -> None:
        """Refuse names of columns where no file is text.

        Raises:
            InputError: if they would be of no use.
        """
        files = [file for pair in self.pairs for file in pair]
        if columns is not None and files and not any(map(is_text, files)):
            problem = "is no text, nor is its truth; --columns goes with text"
            raise InputError(problem, path=files[0])


def pair_scans(predicted: Path, truth: Path) -> ScanPairs:
    """Pairs of predicted and true scans.

    Two files are a pair whatever their names; folders, with the folders in them, are matched by
    file name, then by name without suffixes (``000000.label`` and ``000000.bin``), then as
    `pair_files` says.

    Raises:
        InputError: if a folder holds no scan, or one true scan has no partner.
    """
    guesses = {path: _names(path, predicted, path.name) for path in _scans(predicted)}
    truths = {path: _names(path, truth, output_name(path)) for path in _scans(truth)}
    pairs, failed = pair_paths(predicted, guesses, truth, truths)
    used = {path for _, path in pairs}
    alone = tuple(path.name for path in truths if path not in used)
    return ScanPairs(tuple(pairs), alone, tuple(failed))


def _scans(folder: Path) -> list[Path]:
    if _is_one(folder):
        return [folder]
    found = files_within(folder, lambda path: is_scan(path) and scan_file(path).is_file())
    labels = files_within(folder, lambda path: path.suffix.lower() in LABELS_ALONE)
    stems = {(path.parent, scan_stem(path)) for path in found}
    found += [path for path in labels if (path.parent, scan_stem(path)) not in stems]
    if not found:
        raise InputError("this folder holds no scan", path=folder)
    return found


def _is_one(path: Path) -> bool:
    """Whether a path is a scan, not a folder of some."""
    return not path.is_dir() or scan_file(path) != path


def _names(path: Path, root: Path, name: str) -> Names:
    """What a scan goes by in a folder: the name of its labelled copy, its own, without suffix."""
    place = Path() if _is_one(root) else path.relative_to(root).parent
    return tuple((place / stem).as_posix() for stem in (name, path.name, scan_stem(path)))
