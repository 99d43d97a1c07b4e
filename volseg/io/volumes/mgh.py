"""FreeSurfer's MGH and MGZ: headers by nibabel, voxels by us."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from nibabel.freesurfer.mghformat import MGHHeader
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.volumes.codec import Stored, VolumeCodec, VolumeHeader, label_dtype
from volseg.io.volumes.voxel_file import VoxelFile, write_voxels

HEADER = 90  # bytes that mean something
START = 284  # of the voxels
TYPES = (0, 1, 3, 4, 10)  # codes of numbers
FOOTER = 20  # bytes after the voxels: repetition time, flip angle, echo time, ...


class MghCodec(VolumeCodec):
    """FreeSurfer's volumes."""

    def read_header(self, path: Path) -> VolumeHeader:
        """See `volseg.io.volumes.files.read_volume_header`."""
        with VoxelFile(path) as file:
            header = _parse(file)
        x, y, z, channels = _shape(header)
        dtype = header.get_data_dtype().newbyteorder("=")
        return VolumeHeader((x, y, z), channels, _affine(header), dtype)

    def read(self, path: Path, labels: bool) -> Stored:
        """The volume as stored; frames are channels."""
        with VoxelFile(path) as file:
            header = _parse(file)
            shape = _shape(header)
            values = file.array(START, header.get_data_dtype(), math.prod(shape))
        array = np.moveaxis(values.reshape(shape, order="F"), 3, 0)
        return Stored(Volume(array, _affine(header)))

    def write_labels(
        self, path: Path, labels: Volume, like: Path | None, overwrite: bool, by: str | None = None
    ) -> None:
        """Write labels with the header of ``like``, or with a new one for the affine."""
        ids, affine = labels.array[0], labels.affine
        if like is None:
            header = MGHHeader()
            header["delta"] = labels.spacing
            header["Mdc"] = (affine[:3, :3] / labels.spacing).T
            header["Pxyz_c"] = affine[:3] @ [*(np.array(ids.shape) / 2), 1]
        else:
            header = _with_footer(like)
        header["dims"] = (*ids.shape, 1)
        header.set_data_dtype(label_dtype(ids, np.uint8, np.int16, np.int32))
        block, dtype = header.binaryblock, header.get_data_dtype()
        head = block[:HEADER].ljust(START, b"\0")
        write_voxels(path, head, ids, dtype, tail=block[HEADER:], overwrite=overwrite)


def _parse(file: VoxelFile) -> MGHHeader:
    block = file.read(HEADER)
    header = MGHHeader(block, check=False)
    shape = _shape(header)
    if header["version"] != 1 or int(header["type"]) not in TYPES:
        raise InputError(
            f"is no MGH file of numbers: it has version {header['version']} and type "
            f"{header['type']}, wanted 1 and one of {TYPES}; export it again"
        )
    if min(shape) < 1:
        raise InputError(f"its header gives the shape {shape}, wanted 1 or more a side; rewrite it")
    file.check(_end(header))
    return header


def _with_footer(path: Path) -> MGHHeader:
    """The header with what stands behind the voxels, if anything does."""
    with VoxelFile(path) as file:
        header = _parse(file)
        try:
            footer = file.array(_end(header), np.dtype(np.uint8), FOOTER).tobytes()
        except InputError:
            return header
    return MGHHeader(header.binaryblock[:HEADER] + footer, check=False)


def _affine(header: MGHHeader) -> NDArray[np.float64]:
    with np.errstate(over="ignore", invalid="ignore"):  # a damaged one is refused by Volume
        return np.asarray(header.get_affine(), np.float64)


def _end(header: MGHHeader) -> int:
    size: int = header.get_data_dtype().itemsize
    return START + math.prod(_shape(header)) * size


def _shape(header: MGHHeader) -> tuple[int, int, int, int]:
    x, y, z, frames = (int(side) for side in header["dims"])
    return x, y, z, frames
