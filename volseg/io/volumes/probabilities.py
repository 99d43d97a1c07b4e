"""Probabilities of a whole volume, written as they come: only what is touched is in memory."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.atomic import replacing
from volseg.io.volumes.codec import VolumeHeader
from volseg.io.volumes.files import read_volume_header
from volseg.io.volumes.formats import NIFTI, find_volume_format


def probability_suffix(image: Path | str) -> str:
    """The suffix that probabilities for an image are written with: they are never compressed."""
    return ".nii" if find_volume_format(Path(image)).placed else ".npy"


@contextmanager
def open_probabilities(
    path: Path | str, classes: int, *, like: Path | str, overwrite: bool = False
) -> Iterator[NDArray[np.float32]]:
    """An array on the disk to fill with probabilities, in place under its name when all is well.

    Args:
        path: where to write: a `.nii`, 4-D with the classes last and the place of ``like``, or a
            `.npy` of shape (K, X, Y, Z).
        classes: K.
        like: the image whose grid the probabilities lie on.
        overwrite: replace an existing file.

    Yields:
        float32 (K, X, Y, Z), zeros at first, mapped from a file. It is not to be used after the
        block. Fastest along X in a `.nii`, along Z in a `.npy`.

    Raises:
        InputError: if the suffix is another, the target exists, or the disk has no room.
    """
    path, like = Path(path), Path(like)
    header = read_volume_header(like)
    suffix = path.suffix.lower()
    if suffix not in (".nii", ".npy"):
        raise InputError(
            f"{suffix!r} is no suffix for probabilities; name a {probability_suffix(like)}",
            path=path,
        )
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
        if path.suffix.lower() == ".npy":
            array = np.load(path, mmap_mode="r", allow_pickle=False)
            if array.ndim != 4:
                raise ValueError(f"shape {array.shape}; wanted (K, X, Y, Z)")
            return Volume(array.max(axis=0)[None].astype(np.float32), np.eye(4))
        import nibabel

        header = read_volume_header(path)
        stored: Any = nibabel.load(path).dataobj  # type: ignore[attr-defined]
        best = np.zeros(header.grid, dtype=np.float32)
        for number in range(header.channels):
            values = stored[..., number] if stored.ndim == 4 else stored
            np.maximum(best, values.reshape(header.grid), out=best, casting="same_kind")
        return Volume(best[None], header.affine)
    except (OSError, ValueError) as error:
        raise InputError(f"holds no probabilities ({error})", path=path) from None


def _nifti_head(like: Path, header: VolumeHeader, classes: int) -> tuple[bytes, np.dtype[Any]]:
    from volseg.io.volumes.nifti import output_head

    source = like if find_volume_format(like).codec is NIFTI else None
    return output_head(source, header.affine, (*header.grid, classes), np.dtype(np.float32))


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
