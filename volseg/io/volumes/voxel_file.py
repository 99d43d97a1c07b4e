"""Voxels of a file, plain or gzipped: never taken to be longer than it is, and written anew."""

from __future__ import annotations

import gzip
import zlib
from contextlib import nullcontext
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.io.atomic import replacing

# One byte of DEFLATE gives 1032 at most (zlib's technical details).
EXPANSION = 1032
CHUNK = 1 << 22
LEVEL = 4
"""Of gzip: label maps take 100 MB a second; higher levels save little for their time."""


class VoxelFile:
    """A file read from its start to its end; gzip is told by its first two bytes."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._size = path.stat().st_size
        self._packed = self._file.read(2) == b"\x1f\x8b"
        self._file.seek(0)
        self._stream: BinaryIO | gzip.GzipFile = self._file
        if self._packed:
            self._stream = gzip.GzipFile(fileobj=self._file)
        self._position = 0

    def __enter__(self) -> VoxelFile:
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def check(self, end: int) -> None:
        """Refuse a header that promises more bytes than the file can hold; reads nothing.

        Raises:
            InputError: if ``end`` bytes are more than that.
        """
        most = self._size * EXPANSION if self._packed else self._size
        if end > most:
            raise InputError(
                f"is cut short, or its header is damaged: the header promises {end:,} bytes and "
                f"the file has {self._size:,}; copy the file again"
            )

    def read(self, count: int) -> bytes:
        """The next ``count`` bytes.

        Raises:
            InputError: if the file ends before, or its compressed data is damaged.
        """
        self.check(self._position + count)
        values = np.empty(count, np.uint8)
        self._fill(values)
        return values.tobytes()

    def array(self, offset: int, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
        """The ``count`` values from byte ``offset`` on, and the rest of the file checked.

        Raises:
            InputError: as `read`.
        """
        self.check(offset + count * dtype.itemsize)
        while self._position < offset:
            self._fill(np.empty(min(CHUNK, offset - self._position), np.uint8))
        values = np.empty(count, dtype)
        self._fill(values.view(np.uint8))
        if self._packed:
            while self._next(CHUNK):  # the checksum stands at the end
                pass
        return values

    def _fill(self, values: NDArray[np.uint8]) -> None:
        done = 0
        while done < len(values):
            part = self._next(min(CHUNK, len(values) - done))
            if not part:
                raise InputError(
                    f"is cut short: it ends after {self._position:,} of the "
                    f"{self._position + len(values) - done:,} bytes that its header promises or "
                    "more; copy the file again"
                )
            values[done : done + len(part)] = np.frombuffer(part, np.uint8)
            done += len(part)
            self._position += len(part)

    def _next(self, count: int) -> bytes:
        try:
            return self._stream.read(count)
        except EOFError:
            raise InputError(
                "is cut short: its compressed data ends before its end; copy the file again"
            ) from None
        except (gzip.BadGzipFile, zlib.error) as error:
            raise InputError(
                f"its compressed data is damaged ({error}); copy the file again"
            ) from None


def write_voxels(
    path: Path,
    head: bytes,
    voxels: NDArray[Any],
    dtype: np.dtype[Any],
    *,
    tail: bytes = b"",
    overwrite: bool,
) -> None:
    """Write voxels (X, Y, Z), fastest along X, between other bytes; gzipped where a name ends so.

    Raises:
        InputError: as `replacing`.
    """
    with replacing(path, overwrite=overwrite) as file:
        stream: BinaryIO | gzip.GzipFile = file
        if path.suffix.lower() in (".gz", ".mgz"):
            # No name and no time in it: two runs give the same bytes.
            stream = gzip.GzipFile("", "wb", LEVEL, file, mtime=0)
        with stream if stream is not file else nullcontext():
            stream.write(head)
            for z in range(voxels.shape[2]):  # a slice at a time: another type takes memory
                stream.write(voxels[:, :, z].astype(dtype).tobytes(order="F"))
            stream.write(tail)
