"""Pairs of a header and its voxels, ``a.hdr`` and ``a.img``: NIfTI's, and Analyze 7.5."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.spatialimages import HeaderDataError
from nibabel.spm99analyze import Spm99AnalyzeHeader

from volseg.errors import InputError
from volseg.io.volumes import nifti
from volseg.io.volumes.codec import Stored, VolumeCodec, VolumeHeader
from volseg.io.volumes.formats import volume_stem
from volseg.io.volumes.voxel_file import VoxelFile

ANALYZE = 348  # bytes of its header, which lacks NIfTI's magic at the end
MAGIC = b"ni", b"n+"


class PairCodec(VolumeCodec):
    """Headers and voxels in files of their own."""

    def read_header(self, path: Path) -> VolumeHeader:
        """See `volseg.io.volumes.files.read_volume_header`."""
        header = _header(path)
        facts = nifti.summary(header)
        with VoxelFile(part(path, "img")) as file:
            file.check(math.prod((*facts.grid, facts.channels)) * header.get_data_dtype().itemsize)
        return facts

    def read(self, path: Path, labels: bool) -> Stored:
        """The volume as stored, whichever of the two files is named."""
        header = _header(path)
        with VoxelFile(part(path, "img")) as file:
            return nifti.stored(header, file, int(header.get_data_offset()))


def part(path: Path, kind: str) -> Path:
    """The ``hdr`` or the ``img`` of a pair.

    Raises:
        InputError: if it is missing.
    """
    stem = volume_stem(path)
    wanted = stem + path.name[len(stem) :].lower().replace("hdr", kind).replace("img", kind)
    names = wanted, wanted.removesuffix(".gz"), f"{wanted}.gz", f"{stem}.{kind.upper()}"
    for name in names:
        if path.with_name(name).is_file():
            return path.with_name(name)
    path.stat()  # where neither is there
    raise InputError(f"lacks {wanted}, which belongs to it; copy it beside", path=path)


def _header(path: Path) -> nifti.Header:
    file = part(path, "hdr")
    with VoxelFile(file) as opened:
        block = opened.read(ANALYZE)
    with VoxelFile(file) as opened:
        if block[4:6] in MAGIC or block[344:346] in MAGIC:  # of NIfTI-2 and 1
            return nifti.parse(opened)
    return _from_analyze(block)


def _from_analyze(block: bytes) -> nifti.Header:
    """Analyze 7.5 as NIfTI: sides, type, and SPM's origin and scale, if set."""
    order = "<" if int.from_bytes(block[:4], "little") == ANALYZE else ">"
    old = Spm99AnalyzeHeader(block, order, check=False)
    if int(old["sizeof_hdr"]) != ANALYZE or not 1 <= old["dim"][0] <= 7:
        raise InputError(
            "is no header of NIfTI or Analyze, and its voxels cannot be read without one; "
            "copy the right one beside"
        )
    try:
        header = Nifti1Header(endianness=order)
        header.set_data_dtype(old.get_data_dtype())
        header.set_data_shape(old.get_data_shape())
        header.set_zooms(np.abs(old.get_zooms()))
        slope, _ = old.get_slope_inter()
        header["vox_offset"] = max(int(old.get_data_offset()), 0)
    except (HeaderDataError, ValueError, OverflowError) as error:
        raise InputError(f"its header is damaged: {error}; rewrite it") from None
    header.set_slope_inter(slope or 1.0, 0.0)
    header["magic"] = b"ni1"
    if old["origin"][:3].any():
        header.set_sform(old.get_origin_affine(), 2)
    return header
