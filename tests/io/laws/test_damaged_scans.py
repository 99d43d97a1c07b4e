"""Damage of any kind to a scan is an `InputError`, found before much memory is taken."""

from __future__ import annotations

import io
import re
import tracemalloc
import warnings
import zipfile
from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write

KINDS = ("a.las", "a.laz", "a.ply", "a.pcd", "a.npz", "a.csv", "a.bin")
NUMBERS = (b"-1", b"0", b"3", b"999999999", b"99999999999999999999", b"1e400", b"nan")
TIMES, ROOM = 40, 2_000_000  # bytes of memory, for files of 3 to 8 kB


def cloud() -> PointCloud:
    random = np.random.default_rng(0)
    attributes = {"intensity": random.integers(0, 999, 100).astype(np.uint16)}
    return PointCloud(random.random((100, 3)) * 50, attributes, random.integers(0, 7, 100))


def damaged(data: bytes, random: np.random.Generator) -> bytes:
    """A file cut, with other bytes or other numbers, or with some bytes taken out."""
    made, head = bytearray(data), min(len(data), 400)
    match random.integers(5):
        case 0:
            del made[random.integers(len(made)) :]
        case 1:
            for _ in range(random.integers(1, 20)):
                made[random.integers(random.choice((head, len(made))))] = random.integers(256)
        case 2:
            at, many = random.integers(head), random.choice((1, 2, 4, 8))
            made[at : at + many] = bytes([random.choice((0, 127, 255))] * many)
        case 3:
            spans = [one.span() for one in re.finditer(rb"[0-9]+", data[:head])]
            start, end = spans[random.integers(len(spans))] if spans else (0, 0)
            made[start:end] = NUMBERS[random.integers(len(NUMBERS))]
        case _:
            at = random.integers(len(made))
            del made[at : at + random.integers(1, 40)]
    return bytes(made)


def in_an_archive(data: bytes, random: np.random.Generator) -> bytes:
    """An archive whose own sums are right, of one damaged array."""
    made, source = io.BytesIO(), zipfile.ZipFile(io.BytesIO(data))
    chosen = random.choice(source.namelist())
    with zipfile.ZipFile(made, "w") as archive:
        for name in source.namelist():
            values = source.read(name)
            archive.writestr(name, damaged(values, random) if name == chosen else values)
    return made.getvalue()


@pytest.mark.parametrize("name", KINDS)
def test_only_input_errors_escape(tmp_path: Path, name: str) -> None:
    path, random, refused = tmp_path / name, np.random.default_rng(1), 0
    write(path, cloud())
    data = path.read_bytes()
    read(path)
    tracemalloc.start()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for number in range(TIMES):
            hurt = in_an_archive if name == "a.npz" and number % 2 else damaged
            path.write_bytes(hurt(data, random))
            try:
                found = read(path)
                _ = {one: found.attributes[one] for one in found.attributes}
            except InputError:
                refused += 1
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert refused > 0
    assert peak < ROOM


@pytest.mark.parametrize(
    "header", [b"{'a': (1,", b"{'descr': '<f4', 'fortran_order': 0", b"((" * 60]
)
def test_headers_of_arrays_that_do_not_end(tmp_path: Path, header: bytes) -> None:
    array = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        archive.writestr("xyz.npy", array)
    with pytest.raises(InputError, match="cannot be read"):
        read(tmp_path / "a.npz")
