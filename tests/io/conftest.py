"""LAS files made byte by byte from the specification, without the library that reads them."""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pytest

HEADER_SIZES = {0: 227, 1: 227, 2: 227, 3: 235, 4: 375}
RECORD_SIZES = (20, 28, 26, 34, 57, 63, 30, 36, 38, 59, 67)


@dataclass
class LasFile:
    """A LAS file to be; `to_bytes` lays it out."""

    format_id: int
    minor: int
    records: np.ndarray
    vlrs: list[tuple[bytes, int, bytes]] = field(default_factory=list)
    evlrs: list[tuple[bytes, int, bytes]] = field(default_factory=list)
    gap: bytes = b""
    header_extra: bytes = b""
    waveforms: bool = False
    scales: tuple[float, float, float] = (0.01, 0.01, 0.001)

    def to_bytes(self) -> bytes:
        size = HEADER_SIZES[self.minor] + len(self.header_extra)
        vlrs = b"".join(
            struct.pack("<H16sHH32s", 0xAABB, user, number, len(body), b"made by a test") + body
            for user, number, body in self.vlrs
        )
        offset = size + len(vlrs) + len(self.gap)
        count, length = self.records.shape
        legacy = count if self.format_id < 6 else 0
        # Returns, minimum and maximum are deliberate nonsense: nobody may "repair" them.
        header = struct.pack(
            "<4sHH16sBB32s32sHHHIIBHI5I12d",
            b"LASF", 4711, 0x11 if self.minor == 4 else 1, bytes(range(16)), 1, self.minor,
            b"SYSTEM\0with a tail", b"a generator\0xyz", 366, 1999, size, offset, len(self.vlrs),
            self.format_id, length, legacy, 1, 2, 3, 4, 5, *self.scales, 1e5, 2e6, -3.0,
            *map(float, range(6)),
        )  # fmt: skip
        end = offset + count * length
        if self.minor >= 3:
            header += struct.pack("<Q", end if self.waveforms else 0)
        if self.minor >= 4:
            start = end if self.evlrs else 0
            header += struct.pack("<QIQ15Q", start, len(self.evlrs), count, *range(15))
        evlrs = b"".join(
            struct.pack("<H16sHQ32s", 0, user, number, len(body), b"extended") + body
            for user, number, body in self.evlrs
        )
        assert len(header) == HEADER_SIZES[self.minor]
        head = header + self.header_extra + vlrs + self.gap
        return head + self.records.tobytes() + evlrs


@pytest.fixture(scope="session")
def make_las() -> Callable[..., LasFile]:
    def make(
        format_id: int,
        *,
        minor: int | None = None,
        count: int = 57,
        extra: int = 0,
        **parts: object,
    ) -> LasFile:
        generator = np.random.default_rng(format_id)
        length = RECORD_SIZES[format_id] + extra
        records = generator.integers(0, 256, (count, length), dtype=np.uint8)
        if format_id >= 9:
            records[:, 15] &= 0xCF  # one scanner channel: LAZ keeps no more of them apart
        lowest = (0, 0, 2, 2, 3, 3)[format_id] if format_id < 6 else 4
        return LasFile(format_id, lowest if minor is None else minor, records, **parts)

    return make
