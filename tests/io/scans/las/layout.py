"""What laspy and the bytes of a LAS file tell of it, beside volseg."""

from __future__ import annotations

import struct
from pathlib import Path

import laspy
import numpy as np

from volseg.io import read, write

CLASS_BYTE = {True: 15, False: 16}


# Header fields that say where things stand: they may differ between a scan and its copy.
POSITIONS = [(96, 100), (100, 104), (104, 105), (105, 107), (227, 235), (235, 243)]


def raw_records(path: Path) -> np.ndarray:
    """Point records as bytes, read by laspy."""
    array = laspy.read(path).points.array
    return np.frombuffer(array.tobytes(), np.uint8).reshape(len(array), array.dtype.itemsize)


def header_without_positions(data: bytes, *, also: tuple[tuple[int, int], ...] = ()) -> bytes:
    header = bytearray(data[: struct.unpack_from("<H", data, 94)[0]])
    for start, end in (*POSITIONS, *also):
        if end <= len(header) and (start < 227 or header[25] >= 3):
            header[start:end] = bytes(end - start)
    return bytes(header)


def vlrs(data: bytes) -> list[tuple[bytes, bytes]]:
    (start,), (count,) = struct.unpack_from("<H", data, 94), struct.unpack_from("<I", data, 100)
    found = []
    for _ in range(count):
        end = start + 54 + struct.unpack_from("<H", data, start + 20)[0]
        if not data[start + 2 :].startswith((b"laszip encoded", b"copc")):
            found.append((data[start : start + 54], data[start + 54 : end]))
        start = end
    found.append((b"gap", data[start : struct.unpack_from("<I", data, 96)[0]]))
    return found


def tail(data: bytes) -> bytes:
    start = struct.unpack_from("<Q", data, 235)[0] if data[25] >= 4 else 0
    return data[start:] if start else b""


def labels_for(path: Path, seed: int = 0) -> np.ndarray:
    with laspy.open(path) as file:
        highest = 32 if file.header.point_format.id < 6 else 256
        return np.random.default_rng(seed).integers(0, highest, file.header.point_count)


def assert_only_labels_changed(source: Path, copy: Path, labels: np.ndarray) -> None:
    before, after = source.read_bytes(), copy.read_bytes()
    copc = b"copc" in before[375:400]
    dropped = ((243, 247),) if copc else ()
    assert header_without_positions(before, also=dropped) == header_without_positions(
        after, also=dropped
    )
    assert vlrs(before) == vlrs(after)
    assert copc or tail(before) == tail(after)
    old, new = raw_records(source), raw_records(copy)
    legacy = (before[104] & 0x3F) < 6
    place = CLASS_BYTE[legacy]
    expected = old.copy()
    expected[:, place] = (old[:, place] & 0xE0 if legacy else 0) | labels.astype(np.uint8)
    assert np.array_equal(new, expected)


def lidar_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("lidar/*/*.la[sz]"))


def damaged(data: bytes, position: int, layout: str, value: int) -> bytes:
    return data[:position] + struct.pack(layout, value) + data[position + struct.calcsize(layout) :]


def compressed(make_las, folder: Path, count: int) -> bytes:
    source = folder / "source.las"
    source.write_bytes(make_las(6, count=count).to_bytes())
    write(folder / "scan.laz", read(source), like=source)
    return (folder / "scan.laz").read_bytes()
