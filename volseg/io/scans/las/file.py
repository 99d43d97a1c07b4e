"""LAS and LAZ files as bytes: header, records of variable length, point records.

Field positions follow the LAS 1.4 R15 specification (ASPRS, 2019). What volseg does not mean
to change is carried as the bytes it was read as.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.io.scans.las import laz

HEADER_SIZES = {0: 227, 1: 227, 2: 227, 3: 235, 4: 375, 5: 393}
RECORD_SIZES = (20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67)
VLR_HEAD, EVLR_HEAD = 54, 60
LASZIP = (b"laszip encoded", 22204)


@dataclass(frozen=True)
class Vlr:
    """A variable length record: its head as it stands in the file, and its body."""

    head: bytes
    body: bytes

    @property
    def key(self) -> tuple[bytes, int]:
        """User id and record id."""
        return self.head[2:18].split(b"\0")[0], int.from_bytes(self.head[18:20], "little")

    def with_body(self, body: bytes) -> Vlr:
        """The same record with another body, at most 65,535 bytes."""
        if len(body) > 65535:
            raise InputError("has no room to describe more extra dimensions; write to .ply instead")
        return Vlr(self.head[:20] + struct.pack("<H", len(body)) + self.head[22:], body)

    @classmethod
    def new(cls, key: tuple[bytes, int], body: bytes) -> Vlr:
        """A record of its own."""
        return cls(struct.pack("<H16sHH32s", 0, *key, 0, b""), b"").with_body(body)


@dataclass(frozen=True)
class Prefix:
    """All that stands before the point records."""

    header: bytes
    vlrs: tuple[Vlr, ...]
    gap: bytes

    def field(self, layout: str, offset: int) -> int:
        """An integer field of the header."""
        return int(struct.unpack_from("<" + layout, self.header, offset)[0])

    def with_field(self, layout: str, offset: int, value: int) -> Prefix:
        """The same with another value in an integer field of the header."""
        header = bytearray(self.header)
        struct.pack_into("<" + layout, header, offset, value)
        return replace(self, header=bytes(header))

    def to_bytes(self) -> bytes:
        """The bytes of the file up to its first point record."""
        return self.header + b"".join(vlr.head + vlr.body for vlr in self.vlrs) + self.gap

    @property
    def minor(self) -> int:
        """Minor version: 4 for LAS 1.4."""
        return self.header[25]

    @property
    def format_id(self) -> int:
        """Point data record format, 0 to 10."""
        return self.header[104] & 0x3F

    @property
    def compressed(self) -> bool:
        """Whether the point records are LAZ."""
        return bool(self.header[104] & 0x80)

    @property
    def offset(self) -> int:
        """Bytes before the first point record."""
        return self.field("I", 96)

    @property
    def record_length(self) -> int:
        """Bytes of one point record."""
        return self.field("H", 105)

    @property
    def count(self) -> int:
        """Number of point records."""
        legacy = self.field("I", 107)
        return (self.field("Q", 247) or legacy) if self._holds(4, 255) else legacy

    @property
    def evlrs(self) -> tuple[int, int]:
        """Position and number of the extended records after the points; (0, 0) if none."""
        if not self._holds(4, 247) or self.field("I", 243) == 0:
            return 0, 0
        return self.field("Q", 235), self.field("I", 243)

    @property
    def waveforms(self) -> int:
        """Position of waveform packets kept in this file, or 0."""
        return self.field("Q", 227) if self._holds(3, 235) else 0

    def _holds(self, minor: int, end: int) -> bool:
        """Whether the header has the fields up to a byte, which a minor version brought.

        Some writers call a header by a later version than its size is of.
        """
        return self.minor >= minor and len(self.header) >= end


def read_prefix(stream: BinaryIO, size: int) -> Prefix:
    """Header and variable length records, every length checked against the file's ``size``.

    Raises:
        InputError: if the file is not LAS or its header contradicts itself or the file.
    """
    header = stream.read(min(size, max(HEADER_SIZES.values())))
    if header[:4] != b"LASF":
        raise InputError("is not a LAS or LAZ file (it does not begin with LASF)")
    if len(header) < HEADER_SIZES[0]:
        raise InputError(f"is cut off inside its header, at {size} bytes")
    prefix = Prefix(header, (), b"")
    wanted, header_size = HEADER_SIZES.get(prefix.minor), prefix.field("H", 94)
    if header[24] != 1 or wanted is None:
        raise InputError(f"is LAS {header[24]}.{header[25]}; volseg reads LAS 1.0 to 1.4")
    least = wanted if prefix.minor >= 4 and prefix.field("I", 107) == 0 else HEADER_SIZES[0]
    if header_size < least or prefix.offset < header_size:
        raise InputError(
            f"is damaged: its header says {header_size} bytes of header and points from byte "
            f"{prefix.offset}; LAS 1.{prefix.minor} has a header of {wanted}"
        )
    if prefix.offset > size:
        raise InputError(f"is cut off: points should begin at byte {prefix.offset:,} of {size:,}")
    stream.seek(0)
    head = stream.read(prefix.offset)
    vlrs, end = _vlrs(head, header_size, prefix.field("I", 100))
    prefix = Prefix(head[:header_size], vlrs, head[end:])
    if prefix.format_id >= len(RECORD_SIZES):
        raise InputError(f"has point format {prefix.format_id}; LAS defines 0 to 10")
    if prefix.record_length < RECORD_SIZES[prefix.format_id]:
        raise InputError(
            f"is damaged: {prefix.record_length} bytes a point; point format {prefix.format_id} "
            f"takes {RECORD_SIZES[prefix.format_id]}"
        )
    return prefix


def _vlrs(head: bytes, start: int, count: int) -> tuple[tuple[Vlr, ...], int]:
    """The records from ``start``, and the position after the last."""
    vlrs = []
    for _ in range(count):
        body = start + VLR_HEAD
        end = body + int.from_bytes(head[start + 20 : start + 22], "little")
        if end > len(head):
            raise InputError(f"is damaged: {count:,} variable length records do not fit its header")
        vlrs.append(Vlr(head[start:body], head[body:end]))
        start = end
    return tuple(vlrs), start


@dataclass(frozen=True)
class Evlr:
    """An extended record after the points: its key, and where it stands, its head included."""

    key: tuple[bytes, int]
    start: int
    end: int


def find_evlrs(stream: BinaryIO, prefix: Prefix, size: int) -> tuple[Evlr, ...]:
    """The extended records that follow the points.

    Raises:
        InputError: if they do not fit the file.
    """
    start, count = prefix.evlrs
    records = []
    for _ in range(count):
        stream.seek(min(start, size))
        head = stream.read(EVLR_HEAD)
        end = start + EVLR_HEAD + int.from_bytes(head[20:28], "little")
        if len(head) < EVLR_HEAD or end > size:
            raise InputError(f"is cut off: its {count:,} extended records end beyond the file")
        records.append(Evlr(Vlr(head, b"").key, start, end))
        start = end
    return tuple(records)


def read_records(stream: BinaryIO, prefix: Prefix, size: int) -> NDArray[np.uint8]:
    """All point records, uncompressed, uint8 (N, record length).

    Raises:
        InputError: if the file holds fewer than its header says, or its LAZ is damaged.
    """
    count, length = prefix.count, prefix.record_length
    if count == 0:
        return np.empty((0, length), dtype=np.uint8)
    fill = open_points(stream, prefix, size)
    try:
        records = np.empty((count, length), dtype=np.uint8)
    except (MemoryError, ValueError):
        raise InputError(f"its header says {count:,} points, more than memory") from None
    fill(records)
    return records


def read_blocks(
    stream: BinaryIO, prefix: Prefix, size: int, rows: int
) -> Iterator[NDArray[np.uint8]]:
    """`read_records` a number of rows at a time; nothing else may move in the stream meanwhile."""
    if prefix.count:
        fill = open_points(stream, prefix, size)
    for start in range(0, prefix.count, rows):
        records = np.empty((min(rows, prefix.count - start), prefix.record_length), dtype=np.uint8)
        fill(records)
        yield records


def open_points(stream: BinaryIO, prefix: Prefix, size: int) -> Callable[[NDArray[np.uint8]], None]:
    """A function that fills an array, uint8 (n, record length), with the next n records."""
    count, length, offset = prefix.count, prefix.record_length, prefix.offset
    if prefix.compressed:
        body = next((vlr.body for vlr in prefix.vlrs if vlr.key == LASZIP), None)
        if body is None:
            raise InputError("is compressed but has no laszip record; its header is damaged")
        return laz.open_points(stream, body, offset=offset, count=count, length=length, size=size)
    held = (size - offset) // length
    if held < count:
        raise InputError(f"is cut off: its header says {count:,} points, it holds {held:,}")
    stream.seek(offset)

    def fill(records: NDArray[np.uint8]) -> None:
        if stream.readinto(records.data) < records.nbytes:  # type: ignore[attr-defined]
            raise InputError("is cut off: it was changed while it was read")

    return fill


def read_tail(stream: BinaryIO, prefix: Prefix, size: int) -> tuple[int, bytes]:
    """What follows the points, waveforms and extended records, and where it begins."""
    starts = [start for start in (prefix.evlrs[0], prefix.waveforms) if start >= prefix.offset]
    start = min(starts, default=size)
    if not prefix.compressed:
        start = prefix.offset + prefix.count * prefix.record_length
    if start >= size:
        return size, b""
    stream.seek(start)
    return start, stream.read()
