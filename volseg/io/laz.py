"""Compressed point records of LAZ files, through lazrs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import lazrs
import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError

# Points decompressed at once: a lying header is found out before its memory is taken.
BATCH = 1_000_000


@contextmanager
def _lazrs_errors() -> Iterator[None]:
    """Turn what lazrs raises, its panics too, into `InputError`."""
    try:
        yield
    except lazrs.LazrsError as error:
        raise InputError(f"its LAZ data cannot be read or written ({error})") from None
    except BaseException as error:
        # A panic of the Rust library derives from BaseException and has no public name.
        if type(error).__name__ != "PanicException":
            raise
        raise InputError("its LAZ data is damaged; copy or download it again") from None


@_lazrs_errors()
def decompress(
    stream: BinaryIO, body: bytes, *, offset: int, count: int, length: int, size: int
) -> NDArray[np.uint8]:
    """Point records of a LAZ file, uint8 (count, length).

    Args:
        stream: the file.
        body: its laszip record.
        offset: position of the compressed points.
        count: number of points its header claims.
        length: bytes of a point record.
        size: bytes of the file.

    Raises:
        InputError: if the compressed data are damaged, or cannot hold so many points.
    """
    laszip = lazrs.LazVlr(body)
    if laszip.item_size() != length:
        raise InputError(
            f"is damaged: its header says {length} bytes a point, its laszip record "
            f"{laszip.item_size()}"
        )
    chunk = 0 if laszip.uses_variable_size_chunks() else laszip.chunk_size()
    _check_chunks(stream, offset, count, length, size, chunk)
    stream.seek(offset)
    # A chunk larger than a batch cannot be shared among threads without being held whole.
    kind = lazrs.LasZipDecompressor if chunk > BATCH else lazrs.ParLasZipDecompressor
    decompressor = kind(stream, body)
    try:
        records = np.empty((count, length), dtype=np.uint8)
    except (MemoryError, ValueError):
        raise InputError(f"its header says {count:,} points, more than memory") from None
    for start in range(0, len(records), BATCH):
        decompressor.decompress_many(records[start : start + BATCH].reshape(-1))
    return records


def _check_chunks(
    stream: BinaryIO, offset: int, count: int, length: int, size: int, chunk: int
) -> None:
    """Compare the number of points with the LAZ chunk table; ``chunk`` 0: chunks differ."""
    stream.seek(offset)
    table = int.from_bytes(stream.read(8), "little", signed=True)
    if table == -1:  # written to a stream: the position stands at the very end
        stream.seek(size - 8)
        table = int.from_bytes(stream.read(8), "little", signed=True)
    data = table - offset - 8
    if data < 0 or table + 8 > size:
        raise InputError("is cut off: its LAZ chunk table is missing; copy or download it again")
    stream.seek(table + 4)
    chunks = int.from_bytes(stream.read(4), "little")
    # Every chunk begins with one whole record.
    if (chunks - 1) * length > data or (chunk and count > chunks * chunk):
        raise InputError(
            f"is damaged: {chunks:,} LAZ chunks in {data:,} bytes cannot hold {count:,} points"
        )


@_lazrs_errors()
def new_record(format_id: int, extra: int) -> bytes:
    """The laszip record of a point format with ``extra`` bytes of extra dimensions."""
    return bytes(lazrs.LazVlr.new_for_compression(format_id, extra).record_data())


@_lazrs_errors()
def compress(stream: BinaryIO, body: bytes, records: NDArray[np.uint8]) -> None:
    """Write records, uint8 (N, length), compressed as the laszip record ``body`` says."""
    compressor = lazrs.ParLasZipCompressor(stream, lazrs.LazVlr(body))
    compressor.compress_many(records.reshape(-1))
    compressor.done()
