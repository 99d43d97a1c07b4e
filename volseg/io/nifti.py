"""NIfTI-1 and NIfTI-2, plain and gzipped: headers by nibabel, voxels by us."""

from __future__ import annotations

import gzip
import io
import logging
import math
import struct
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from nibabel.nifti1 import Nifti1Header
from nibabel.nifti2 import Nifti2Header
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.atomic import replacing
from volseg.io.volumes import Stored, VolumeHeader, label_dtype
from volseg.io.voxel_file import VoxelFile

Header = Nifti1Header  # NIfTI-2's is a subclass
HEADERS: dict[int, Any] = {348: Nifti1Header, 540: Nifti2Header}
LEVEL = 2  # of gzip: label maps hardly get smaller above it
_SILENT = logging.Logger("volseg.io.nifti")
_SILENT.addHandler(logging.NullHandler())


def read_header(path: Path) -> VolumeHeader:
    """See `volseg.io.volumes.read_volume_header`."""
    with VoxelFile(path) as file:
        header = _parse(file)
    dtype, channels = header.get_data_dtype(), _shape(header)[3]
    if dtype.fields:
        dtype, channels = np.dtype(np.uint8), 3
    return VolumeHeader(_shape(header)[:3], channels, _affine(header), dtype.newbyteorder("="))


def read(path: Path, labels: bool) -> Stored:
    """The volume as stored; 4-D files give channels, RGB gives three."""
    with VoxelFile(path) as file:
        header = _parse(file)
        shape = _shape(header)
        values = file.array(header.get_data_offset(), header.get_data_dtype(), math.prod(shape))
    if values.dtype.fields:
        colours = [values[name].reshape(shape[:3], order="F") for name in "RGB"]
        return Stored(Volume(np.stack(colours), _affine(header)))
    array = np.moveaxis(values.reshape(shape, order="F"), 3, 0)
    try:
        slope, inter = header.get_slope_inter()
    except HeaderDataError as error:
        raise InputError(f"its header is damaged: {error}; rewrite it") from None
    return Stored(Volume(array, _affine(header)), 1.0 if slope is None else slope, inter or 0.0)


def write_labels(
    path: Path,
    labels: NDArray[Any],
    affine: NDArray[np.float64],
    like: Path | None,
    overwrite: bool,
) -> None:
    """Write labels (X, Y, Z) with the header of ``like``, or with a new one for the affine."""
    dtype = label_dtype(labels, np.uint8, np.uint16, np.int16, np.int32)
    header = output_header(like, affine, labels.shape, dtype)
    with replacing(path, overwrite=overwrite) as stream:
        if path.name.lower().endswith(".gz"):
            # No name and no time in it: two runs give the same bytes.
            with gzip.GzipFile("", "wb", LEVEL, stream, mtime=0) as packed:
                _write(packed, header, labels)
        else:
            _write(stream, header, labels)


def output_header(
    like: Path | None,
    affine: NDArray[np.float64],
    shape: tuple[int, ...],
    dtype: np.dtype[Any],
) -> Header:
    """A header for new values on the grid of ``like``: its own, else one of the affine.

    All that places the grid in the world is kept to the bit, with every text and extension;
    scaling, display range and intent, which belong to the values, are reset.
    """
    if like is None:
        header = Nifti1Header() if max(shape) < 2**15 else Nifti2Header()
        header.set_data_shape(shape)
        header.set_qform(affine, 1)
        header.set_sform(affine, 1)
        header.set_xyzt_units("mm")
    else:
        with VoxelFile(like) as file:
            header = _parse(file)
            _read_extensions(file, header)
        header.set_data_shape(shape)
    header.set_data_dtype(dtype)
    header.set_slope_inter(1, 0)
    header.set_intent("none")
    header["cal_min"] = header["cal_max"] = 0
    header["vox_offset"] = 0  # found anew when written
    return header


def _write(stream: BinaryIO | gzip.GzipFile, header: Header, labels: NDArray[Any]) -> None:
    header.write_to(stream)
    for z in range(labels.shape[2]):
        stream.write(labels[:, :, z].astype(header.get_data_dtype()).tobytes(order="F"))


def _parse(file: VoxelFile) -> Header:
    start = file.read(4)
    for order in "<>":
        kind = HEADERS.get(struct.unpack(f"{order}i", start)[0])
        if kind is None:
            continue
        block = start + file.read(kind.template_dtype.itemsize - 4)
        header: Header = kind(block, order, check=False)
        try:
            header.check_fix(logger=_SILENT, error_level=40)
            size = header.get_data_dtype().itemsize
            file.check(header.get_data_offset() + math.prod(_shape(header)) * size)
        except (HeaderDataError, ValueError, OverflowError) as error:
            raise InputError(f"its header is damaged: {error}; rewrite it") from None
        if header.get_data_dtype().kind not in "iufV":
            raise InputError(
                f"holds {header.get_data_dtype()} values; wanted real numbers: save the magnitude"
            )
        return header
    raise InputError("is no NIfTI file; it does not begin with a NIfTI header")


def _shape(header: Header) -> tuple[int, int, int, int]:
    """The grid and the channels, from one to seven dimensions."""
    shape = tuple(int(side) for side in header.get_data_shape())
    grid, others = (shape + (1, 1, 1))[:3], [side for side in shape[3:] if side != 1]
    if not shape or min(shape) < 1:
        raise InputError(f"its header gives the shape {shape}; every side should be 1 or more")
    if len(others) > 1:
        raise InputError(
            f"has shape {shape}; wanted three axes of space and one of channels: split the file"
        )
    x, y, z = grid
    return x, y, z, others[0] if others else 1


def _affine(header: Header) -> NDArray[np.float64]:
    """The sform, else the qform, else the bare voxel sizes: the first set that can be used."""
    places = []
    if header["sform_code"] > 0:
        places.append(header.get_sform())
    if header["qform_code"] > 0:
        try:
            places.append(header.get_qform())
        except (HeaderDataError, ValueError):
            places.append(np.full((4, 4), np.nan))
    if not places:
        return np.asarray(header.get_base_affine(), np.float64)
    for place in places:
        if np.isfinite(place).all() and np.linalg.cond(place[:3, :3]) < 1e6:
            return np.asarray(place, np.float64)
    return np.asarray(places[0], np.float64)


def _read_extensions(file: VoxelFile, header: Header) -> None:
    """Read what stands between the header and the voxels; what cannot be read is dropped."""
    start = header.template_dtype.itemsize + 4
    size = header.get_data_offset() - start
    if size <= 0 or not file.read(4)[0]:
        return
    swapped = header.endianness != Nifti1Header().endianness
    try:
        kind: Any = header.exts_klass
        header.extensions = kind.from_fileobj(io.BytesIO(file.read(size)), size, swapped)
    except (HeaderDataError, ValueError, struct.error):
        return
