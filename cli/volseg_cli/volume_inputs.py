"""Which volumes in the folders that a user names are images to segment."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from volseg_cli import console


def without_labels(files: dict[Path, Path]) -> dict[Path, Path]:
    """The files without those in folders of labels, as datasets have them beside their images."""
    from volseg.data.volumes.datasets.bids import DERIVATIVES
    from volseg.data.volumes.datasets.folders import LABELS

    names = {*LABELS, DERIVATIVES}
    kept = {
        one: where
        for one, where in files.items()
        if names.isdisjoint(part.lower() for part in where.parts)
    }
    if len(kept) < len(files):
        console.note(f"{len(files) - len(kept)} volumes in folders of labels are left out")
    return kept


def without_other_series(
    files: dict[Path, Path], named: Sequence[Path], series: str | None
) -> dict[Path, Path]:
    """The files without folders of DICOM nobody named that hold localizers, or other series."""
    from volseg.io.volumes.formats import DICOM, find_volume_format

    others = [one for one in files if one not in named and find_volume_format(one) is DICOM]
    if not others:
        return files
    from volseg.io.volumes.dicom import has_series

    left_out = {one for one in others if not has_series(one, series)}
    if left_out:
        what = f"series not called {series!r}" if series else "localizers"
        console.note(f"left out, {what}: {console.several([str(one) for one in left_out])}")
    return {one: where for one, where in files.items() if one not in left_out}
