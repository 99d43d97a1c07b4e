"""Probabilities of a whole volume, written as they come: only what is touched is in memory."""

from __future__ import annotations

import gzip
import io
import math
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.atomic import check_target, disk_errors, replacing
from volseg.io.volumes.codec import VolumeHeader
from volseg.io.volumes.files import read_volume_header
from volseg.io.volumes.formats import NIFTI, find_volume_format
from volseg.io.volumes.voxel_file import LEVEL

STEPS = 255
"""Steps from 0 to 1 of probabilities that are compressed; what is read is at most 0.002 off."""

SUFFIXES = (".nii", ".npy", ".nii.gz", ".npy.gz")


def probability_suffix(image: Path | str, *, compressed: bool = False) -> str:
    """The suffix that probabilities for an image are written with."""
    suffix = ".nii" if find_volume_format(Path(image)).placed else ".npy"
    return suffix + ".gz" if compressed else suffix


@contextmanager
def open_probabilities(
    path: Path | str, classes: int, *, like: Path | str, overwrite: bool = False
) -> Iterator[NDArray[np.floating[Any]]]:
    """An array on the disk to fill with probabilities, in place under its name when all is well.

    Args:
        path: where to write: a `.nii`, 4-D with the classes last and the place of ``like``, or a
            `.npy` of shape (K, X, Y, Z). With `.gz` behind they are whole 255ths, compressed; in
            an array these are uint8, in NIfTI they are scaled to 0 to 1 as it is read.
        classes: K.
        like: the image whose grid the probabilities lie on.
        overwrite: replace an existing file.

    Yields:
        float32 (K, X, Y, Z), zeros at first, mapped from a file, float16 where it is compressed.
        It is not to be used after the block. Fastest along X in a `.nii`, along Z in a `.npy`.

    Raises:
        InputError: if the suffix is another, the target exists, or the disk has no room.
    """
    path, like = Path(path), Path(like)
    header = read_volume_header(like)
    packed = path.suffix.lower() == ".gz"
    suffix = Path(path.stem if packed else path.name).suffix.lower()
    if suffix not in (".nii", ".npy"):
        raise InputError(
            f"{suffix!r} is no suffix for probabilities; name a {probability_suffix(like)}",
            path=path,
        )
    if packed:
        with _packed(path, (classes, *header.grid), like, header, overwrite) as values:
            yield values
        return
    with replacing(path, overwrite=overwrite) as stream:
        if suffix == ".nii":
            order: Literal["C", "F"] = "F"
            shape = (*header.grid, classes)
            head, dtype = _nifti_head(like, header, classes)
            stream.write(head)
        else:
            dtype, order = np.dtype("<f4"), "C"
            shape = (classes, *header.grid)
            described = {"descr": dtype.str, "fortran_order": False, "shape": shape}
            np.lib.format.write_array_header_1_0(stream, described)
        stream.flush()
        start = stream.tell()
        _claim(stream, path, start + math.prod(shape) * dtype.itemsize)
        mapped = np.memmap(stream, dtype, "r+", start, shape, order)
        yield mapped if order == "C" else np.moveaxis(mapped, 3, 0)
        mapped.flush()


def read_confidence(path: Path) -> Volume:
    """The probability of the most probable class of every voxel, float32 (1, X, Y, Z), in place.

    Args:
        path: what `open_probabilities` wrote; one class at a time is in memory.

    Raises:
        InputError: if it is another file, or not whole.
    """
    try:
        if path.name.lower().endswith((".npy", ".npy.gz")):
            array = _array(path)
            if array.ndim != 4:
                raise ValueError(f"shape {array.shape}; wanted (K, X, Y, Z)")
            most = array.max(axis=0)[None].astype(np.float32)
            return Volume(most / STEPS if array.dtype == np.uint8 else most, np.eye(4))
        import nibabel

        header = read_volume_header(path)
        stored: Any = nibabel.load(path).dataobj  # type: ignore[attr-defined]
        best = np.zeros(header.grid, dtype=np.float32)
        for number in range(header.channels):
            values = stored[..., number] if stored.ndim == 4 else stored
            np.maximum(best, values.reshape(header.grid), out=best, casting="same_kind")
        return Volume(best[None], header.affine)
    except (OSError, EOFError, ValueError) as error:
        raise InputError(f"holds no probabilities ({error})", path=path) from None


@contextmanager
def _packed(
    path: Path, shape: tuple[int, ...], like: Path, header: VolumeHeader, overwrite: bool
) -> Iterator[NDArray[np.float16]]:
    """An array beside ``path`` that goes with the block, and is packed into ``path`` at its end."""
    check_target(path, overwrite=overwrite)
    with disk_errors(path), tempfile.TemporaryFile(dir=path.parent) as scratch:
        half = np.dtype(np.float16)
        _claim(scratch, path, math.prod(shape) * half.itemsize)
        values = np.memmap(scratch, half, "r+", 0, shape)
        yield values
        order: Literal["C", "F"] = "F" if path.stem.lower().endswith(".nii") else "C"
        with (
            replacing(path, overwrite=overwrite) as stream,
            gzip.GzipFile(
                fileobj=stream, mode="wb", compresslevel=LEVEL, mtime=0, filename=""
            ) as file,
        ):
            if order == "F":
                file.write(_nifti_head(like, header, shape[0], np.uint8, 1 / STEPS)[0])
            else:
                described = {"descr": "|u1", "fortran_order": False, "shape": shape}
                np.lib.format.write_array_header_1_0(file, described)
            for channel in values:
                whole = np.rint(channel.astype(np.float32) * STEPS).astype(np.uint8)
                file.write(whole.tobytes(order))


def _array(path: Path) -> NDArray[Any]:
    """What a `.npy` holds, mapped where it is not compressed."""
    if path.suffix.lower() == ".npy":
        return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))
    with gzip.open(path, "rb") as stream:
        return np.asarray(np.load(io.BytesIO(stream.read()), allow_pickle=False))


def _nifti_head(
    like: Path, header: VolumeHeader, classes: int, dtype: type = np.float32, slope: float = 1.0
) -> tuple[bytes, np.dtype[Any]]:
    from volseg.io.volumes.nifti import output_head

    source = like if find_volume_format(like).codec is NIFTI else None
    shape = (*header.grid, classes)
    return output_head(source, header.affine, shape, np.dtype(dtype), slope=slope)


def _claim(stream: BinaryIO, path: Path, size: int) -> None:
    """Make a file so long, on disk and not in name only: a mapped file cannot say it is full."""
    free = shutil.disk_usage(path.parent).free
    if size > free:
        raise InputError(
            f"needs {size / 2**20:,.0f} MiB and the disk has {free / 2**20:,.0f} MiB free; free "
            "some space, or leave the probabilities out",
            path=path,
        )
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(stream.fileno(), 0, size)
    else:
        stream.truncate(size)
