"""Compressed point records of LAZ files, through lazrs."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

import lazrs
import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError

# Points decompressed at once: a lying header is found out before its memory is taken.
BATCH = 1_000_000
# The compressor of point formats 6 to 10, and the layers of its items: points, colours, colours
# with near infrared, waveforms. An item of extra bytes has one a byte.
LAYERED = 3
LAYERS = {10: 9, 11: 1, 12: 2, 13: 1}


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
def open_points(
    stream: BinaryIO, body: bytes, *, offset: int, count: int, length: int, size: int
) -> Callable[[NDArray[np.uint8]], None]:
    """A function that fills an array, uint8 (n, length), with the next n records of a LAZ file.

    Nothing else may move in the stream between its calls.

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
    chunks = _read_chunks(stream, laszip, offset, count, length, size)
    layers = _layers(body)
    if layers:
        _check_layers(stream, [chunk[1] for chunk in chunks], offset + 8, length, layers)
    stream.seek(offset)
    # A chunk larger than a batch cannot be shared among threads without being held whole.
    kind = (
        lazrs.LasZipDecompressor
        if max(chunk[0] for chunk in chunks) > BATCH
        else lazrs.ParLasZipDecompressor
    )
    decompressor = kind(stream, body)

    @_lazrs_errors()
    def fill(records: NDArray[np.uint8]) -> None:
        for start in range(0, len(records), BATCH):
            decompressor.decompress_many(records[start : start + BATCH].reshape(-1))

    return fill


def _read_chunks(
    stream: BinaryIO, laszip: lazrs.LazVlr, offset: int, count: int, length: int, size: int
) -> list[tuple[int, int]]:
    """Points and bytes of every LAZ chunk, compared with what the file claims and holds."""
    stream.seek(offset)
    table = int.from_bytes(stream.read(8), "little", signed=True)
    if table == -1:  # written to a stream: the position stands at the very end
        stream.seek(size - 8)
        table = int.from_bytes(stream.read(8), "little", signed=True)
    data = table - offset - 8
    if data < 0 or table + 8 > size:
        raise InputError("is cut off: its LAZ chunk table is missing; copy or download it again")
    stream.seek(table + 4)
    number = int.from_bytes(stream.read(4), "little")
    stream.seek(offset)
    # Every chunk begins with one whole record, so there cannot be too many to read their table.
    chunks: list[tuple[int, int]] = (
        lazrs.read_chunk_table(stream, laszip) if (number - 1) * length <= data else []
    )
    if sum(chunk[1] for chunk in chunks) > data or sum(chunk[0] for chunk in chunks) < count:
        raise InputError(
            f"is damaged: {number:,} LAZ chunks in {data:,} bytes cannot hold {count:,} points"
        )
    return chunks


def _layers(body: bytes) -> int:
    """Separately compressed parts of a chunk, by its laszip record; 0 where it is in one piece."""
    if int.from_bytes(body[:2], "little") != LAYERED:
        return 0
    items = struct.iter_unpack("<3H", body[34 : 34 + 6 * int.from_bytes(body[32:34], "little")])
    return sum(LAYERS.get(kind, size) for kind, size, _ in items)


def _check_layers(
    stream: BinaryIO, chunks: list[int], start: int, length: int, layers: int
) -> None:
    """Compare the sizes of layers with the chunks they are in: lazrs takes the memory they name."""
    for number, chunk in enumerate(chunks):
        stream.seek(start + length + 4)  # after the first point and the number of points
        sizes = np.frombuffer(stream.read(4 * layers), dtype="<u4")
        if length + 4 + 4 * layers + int(sizes.sum(dtype=np.int64)) > chunk:
            raise InputError(f"is damaged: LAZ chunk {number + 1} of {len(chunks)} is cut off")
        start += chunk


@_lazrs_errors()
def new_record(format_id: int, extra: int) -> bytes:
    """The laszip record of a point format with ``extra`` bytes of extra dimensions."""
    return bytes(lazrs.LazVlr.new_for_compression(format_id, extra).record_data())


def compress(stream: BinaryIO, body: bytes, blocks: Iterable[NDArray[np.uint8]]) -> None:
    """Write records, arrays uint8 (n, length), compressed as the laszip record ``body`` says."""
    with _lazrs_errors():
        compressor = lazrs.ParLasZipCompressor(stream, lazrs.LazVlr(body))
    for records in blocks:
        with _writing(stream):
            compressor.compress_many(np.ascontiguousarray(records).reshape(-1))
    with _writing(stream):
        compressor.done()


@contextmanager
def _writing(stream: BinaryIO) -> Iterator[None]:
    """Say why lazrs could not write: it hides that, and a full disk says so again."""
    try:
        with _lazrs_errors():
            yield
    except InputError:
        stream.write(bytes(2**16))
        stream.flush()
        raise
