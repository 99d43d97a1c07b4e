"""A folder of masks, one file a structure, as TotalSegmentator gives them: one label map."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.naming import naming
from volseg.io.volumes.codec import Stored, VolumeCodec, VolumeHeader
from volseg.io.volumes.formats import find_volume_format, is_listed_volume, volume_stem
from volseg.io.volumes.layers import lay_over


def structures(folder: Path) -> dict[str, Path]:
    """The masks in a folder by the names of their structures, sorted.

    Raises:
        InputError: if there is none, or a name stands twice.
    """
    files = sorted(file for file in folder.iterdir() if is_listed_volume(file))
    named = {volume_stem(file): file for file in files}
    if not named:
        raise InputError("is a folder without masks or DICOM files; name a file in it", path=folder)
    if len(named) < len(files):
        raise InputError("holds two masks of one name; remove one", path=folder)
    return dict(sorted(named.items()))


class StructuresCodec(VolumeCodec):
    """Folders of masks."""

    def read_header(self, path: Path) -> VolumeHeader:
        """See `volseg.io.volumes.files.read_volume_header`."""
        masks = structures(path)
        first = next(iter(masks.values()))
        header = find_volume_format(first).codec().read_header(first)
        return replace(header, channels=1, dtype=np.min_scalar_type(len(masks)))

    def read(self, path: Path, labels: bool) -> Stored:
        """The masks as ids, that of the first name 1; where they overlap the smaller is on top.

        Raises:
            InputError: if a file holds another value than 0 and one more, or lies on another grid.
        """
        return Stored(paint(list(structures(path).values())))


def paint(masks: list[Path | None]) -> Volume:
    """One label map of masks, of which the n-th has the id n, from 1 on; some may be missing.

    Raises:
        InputError: as `read`, or if all are missing.
    """
    painted: Volume | None = None
    sizes = np.zeros(len(masks) + 1, np.int64)
    for number, path in enumerate(masks, start=1):
        if path is None:
            continue
        with naming(path):
            mask = find_volume_format(path).codec().read(path, True).volume
            inside = mask.array[0] != 0
            if len(mask.array) > 1 or len(np.unique(mask.array[0][inside])) > 1:
                raise InputError("is no mask of one structure; wanted 0 and one other value")
            if painted is None:
                ids = np.zeros((1, *mask.grid), np.min_scalar_type(len(masks)))
                painted = Volume(ids, mask.affine)
            if mask.grid != painted.grid:
                raise InputError(f"has grid {mask.grid}, other masks {painted.grid}; wanted one")
            lay_over(painted.array[0], inside, number, sizes)
    if painted is None:
        raise InputError("no mask is there; wanted one file a structure")
    return painted
