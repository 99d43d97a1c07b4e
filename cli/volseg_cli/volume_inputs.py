"""Which volumes in folders are images to segment, and which of them are DICOM series."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from volseg_cli import console

if TYPE_CHECKING:
    from volseg.predict.volumes.run import VolumeJob


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


def beside_series(job: VolumeJob, option: str, word: str, *, overwrite: bool) -> Path:
    """Where another file of a DICOM series goes, called as its label map and a word more.

    Raises:
        InputError: if the image is no such series, or the file may not be written.
    """
    from volseg.errors import InputError
    from volseg.io import volume_stem
    from volseg.io.atomic import check_target
    from volseg.io.volumes.dicom_seg import high_dicom
    from volseg.io.volumes.formats import DICOM, find_volume_format

    image = job.images[0]
    if find_volume_format(image) is not DICOM:
        raise InputError(f"is no DICOM series, as {option} wants; leave that out", path=image)
    high_dicom()
    place = job.target.with_name(f"{volume_stem(job.target)}_{word}.dcm")
    check_target(place, overwrite=overwrite)
    return place
