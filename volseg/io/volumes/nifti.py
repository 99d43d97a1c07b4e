"""NIfTI-1 and NIfTI-2, plain and gzipped: headers by nibabel, voxels by us."""

from __future__ import annotations

import gzip
import logging
import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume, leaning
from volseg.io.atomic import replacing
from volseg.io.volumes.codec import Stored, VolumeCodec, VolumeHeader, label_dtype
from volseg.io.volumes.nifti_place import Place, millimetres, read_place
from volseg.io.volumes.voxel_file import LEVEL, VoxelFile, write_voxels

Header = Nifti1Header  # NIfTI-2's is a subclass
HEADERS: dict[int, Any] = {348: Nifti1Header, 540: Nifti2Header}
UPRIGHT = 0.1  # degrees by which a qform may differ from a sform that leans
DESCRIPTION = 79  # bytes, and a zero after them
_SILENT = logging.Logger("volseg.io.volumes.nifti")
_SILENT.addHandler(logging.NullHandler())


class NiftiCodec(VolumeCodec):
    """NIfTI-1 and NIfTI-2."""

    def read_header(self, path: Path) -> VolumeHeader:
        """See `volseg.io.volumes.files.read_volume_header`."""
        with VoxelFile(path) as file:
            return summary(_parse(file))

    def read(self, path: Path, labels: bool) -> Stored:
        """The volume as stored; 4-D files give channels, RGB gives three."""
        with VoxelFile(path) as file:
            header = _parse(file)
            return stored(header, file, header.get_data_offset())

    def write_labels(
        self, path: Path, labels: Volume, like: Path | None, overwrite: bool, by: str | None = None
    ) -> None:
        """Write labels (1, X, Y, Z) with the header of ``like``, or with a new one for the affine.

        ``by`` says what gave the labels, and becomes the header's description.
        """
        dtype = label_dtype(labels.array, np.uint8, np.uint16, np.int16, np.int32)
        head, dtype = output_head(like, labels.affine, labels.grid, dtype, by)
        write_voxels(path, head, labels.array[0], dtype, overwrite=overwrite)

    def set_place(self, path: Path, affine: NDArray[np.float64]) -> None:
        """Make ``affine``, in millimetres, both sform and qform of a file; all else stays.

        Raises:
            InputError: if it is no NIfTI file, or cannot be written.
        """
        packed = path.name.lower().endswith(".gz")
        with VoxelFile(path) as file:
            header = _parse(file)
        with (gzip.open if packed else open)(path, "rb") as stream:
            rest = stream.read()[header.template_dtype.itemsize :]
        scaled = np.diag((*(1 / millimetres(header),) * 3, 1.0)) @ affine
        header.set_sform(scaled, int(header["sform_code"]) or 1)
        upright = leaning(scaled) <= UPRIGHT
        header.set_qform(scaled, (int(header["qform_code"]) or 1) if upright else 0)
        content = header.binaryblock + rest
        with replacing(path, overwrite=True) as made:
            made.write(gzip.compress(content, LEVEL, mtime=0) if packed else content)


def summary(header: Header) -> VolumeHeader:
    """What a header says of its volume."""
    dtype, channels = header.get_data_dtype(), _shape(header)[3]
    if dtype.fields:
        dtype, channels = np.dtype(np.uint8), 3
    place = _place(header)
    return VolumeHeader(
        _shape(header)[:3], channels, place.affine, dtype.newbyteorder("="), place.doubt
    )


def stored(header: Header, file: VoxelFile, offset: int) -> Stored:
    """The voxels that a header describes, which begin at a byte of a file."""
    shape = _shape(header)
    values = file.array(offset, header.get_data_dtype(), math.prod(shape))
    place = _place(header)
    if values.dtype.fields:
        colours = [values[name].reshape(shape[:3], order="F") for name in "RGB"]
        return Stored(Volume(np.stack(colours), place.affine, place.others))
    array = np.moveaxis(values.reshape(shape, order="F"), 3, 0)
    try:
        slope, inter = header.get_slope_inter()
    except HeaderDataError as error:
        raise InputError(f"its header is damaged: {error}; rewrite it") from None
    volume = Volume(array, place.affine, place.others)
    return Stored(volume, 1.0 if slope is None else slope, inter or 0.0)


def output_head(
    like: Path | None,
    affine: NDArray[np.float64],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
    by: str | None = None,
    slope: float = 1.0,
) -> tuple[bytes, np.dtype[Any]]:
    """All that stands before new voxels on the grid of ``like``, and their type in its byte order.

    What places the grid in the world is kept to the bit, with every text and extension; scaling,
    display range and intent, which belong to the values, are reset, and ``by``, which says where
    they come from, takes the place of the description. Without ``like`` the affine
    is written as qform and sform. ``slope`` is what the values are to be multiplied by.
    """
    if like is None:
        header = Nifti1Header() if max(shape) < 2**15 else Nifti2Header()
        extensions = bytes(4)
        header.set_data_shape(shape)
        # A qform turns and scales; what leans is said by the sform alone.
        header.set_qform(affine, int(leaning(affine) <= UPRIGHT))
        header.set_sform(affine, 1)
        header.set_xyzt_units("mm")
    else:
        with VoxelFile(like) as file:
            header = _parse(file)
            extensions = file.read(_start(header) - header.template_dtype.itemsize)
        if not header["sform_code"] > 0 and not header["qform_code"] > 0:
            # Voxel sizes alone place the grid: those of axes it lacks are 1, whatever is noted.
            header["pixdim"][1 + header["dim"][0] : 4] = 1
        header.set_data_shape(shape)
    header.set_data_dtype(dtype)
    reset_values(header)
    header.set_slope_inter(slope, 0)
    if by is not None:
        header["descrip"] = by.encode("ascii", "replace")[:DESCRIPTION]
    header["vox_offset"] = header.template_dtype.itemsize + len(extensions)
    return header.binaryblock + extensions, header.get_data_dtype()


def reset_values(header: Header) -> None:
    """Have a header say nothing of values: no scaling, no display range, no intent."""
    header.set_slope_inter(1, 0)
    header.set_intent("none")
    header["cal_min"] = header["cal_max"] = 0


def _parse(file: VoxelFile) -> Header:
    """A header and a check that the voxels behind it are there."""
    header = parse(file)
    try:
        size = header.get_data_dtype().itemsize
        file.check(_start(header) + math.prod(_shape(header)) * size)
    except (ValueError, OverflowError) as error:
        raise InputError(f"its header is damaged: {error}; rewrite it") from None
    return header


def parse(file: VoxelFile) -> Header:
    """The header at the start of a file.

    Raises:
        InputError: if there is none, or it is damaged.
    """
    start = file.read(4)
    for order in "<>":
        kind = HEADERS.get(struct.unpack(f"{order}i", start)[0])
        if kind is None:
            continue
        block = start + file.read(kind.template_dtype.itemsize - 4)
        header: Header = kind(block, order, check=False)
        if not 1 <= header["dim"][0] <= 7:
            raise InputError(
                f"its header gives {header['dim'][0]} dimensions, wanted 1 to 7; rewrite it"
            )
        try:
            header.check_fix(logger=_SILENT, error_level=40)
            dtype = header.get_data_dtype()
            header.get_data_offset()
        except (HeaderDataError, ValueError, OverflowError) as error:
            raise InputError(f"its header is damaged: {error}; rewrite it") from None
        if dtype.kind not in "iufV":
            raise InputError(f"holds {dtype} values, wanted real numbers; save the magnitude")
        return header
    raise InputError("is no NIfTI file, as its first bytes show; export it again")


def _shape(header: Header) -> tuple[int, int, int, int]:
    """The grid and the channels, from one to seven dimensions."""
    shape = tuple(int(side) for side in header.get_data_shape())
    grid, others = (shape + (1, 1, 1))[:3], [side for side in shape[3:] if side != 1]
    if not shape or min(shape) < 1:
        raise InputError(f"its header gives the shape {shape}, wanted 1 or more a side; rewrite it")
    if len(others) > 1:
        raise InputError(
            f"has shape {shape}, wanted three axes of space and one of channels; split the file"
        )
    x, y, z = grid
    return x, y, z, others[0] if others else 1


def _place(header: Header) -> Place:
    return read_place(header, _shape(header)[:3])


def _start(header: Header) -> int:
    """Where the voxels begin; a header may leave it open."""
    return int(max(header.get_data_offset(), header.single_vox_offset))
