"""The header of PCD files, version 0.7 and before: fields, their types, counts and number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from volseg.errors import InputError

KINDS = ("ascii", "binary", "binary_compressed")
KEYS = (
    "VERSION", "FIELDS", "COLUMNS", "SIZE", "TYPE", "COUNT", "WIDTH", "HEIGHT", "VIEWPOINT",
    "POINTS", "DATA",
)  # fmt: skip
TYPES = {
    (kind, size): np.dtype(f"<{kind.lower()}{size}")
    for kind, sizes in (("I", "1248"), ("U", "1248"), ("F", "48"))
    for size in sizes
}
CODES = {dtype: code for code, dtype in TYPES.items()}
# Bytes of a field of this name mean nothing.
PADDING = "_"
LONGEST = 1 << 20


@dataclass(frozen=True)
class Field:
    """A field of every point: ``count`` values of one type; none, as drivers pad points, at 0."""

    name: str
    dtype: np.dtype[Any]
    count: int = 1

    @property
    def itemsize(self) -> int:
        """Bytes of a point it takes."""
        return self.dtype.itemsize * self.count


@dataclass(frozen=True)
class Header:
    """What a header says.

    Attributes:
        lines: lines of the header, with their ends.
        fields: fields of a point, in order.
        points: number of points.
        kind: how points are stored, one of `KINDS`.
    """

    lines: tuple[bytes, ...]
    fields: tuple[Field, ...]
    points: int
    kind: str

    @property
    def itemsize(self) -> int:
        """Bytes of a point."""
        return sum(field.itemsize for field in self.fields)

    def dtype(self) -> np.dtype[Any]:
        """A point as a structured type; padding goes by ``_0``, ``_1`` and so on."""
        names = [
            f"{PADDING}{i}" if field.name == PADDING else field.name
            for i, field in enumerate(self.fields)
        ]
        shapes = [() if field.count == 1 else (field.count,) for field in self.fields]
        kinds = [field.dtype for field in self.fields]
        try:
            return np.dtype(list(zip(names, kinds, shapes, strict=True)))
        except ValueError:
            raise InputError("has two fields of one name; rename one") from None

    def extended(self, added: Sequence[Field]) -> tuple[bytes, ...]:
        """The lines with more fields at the end of the points."""
        tails = {
            "FIELDS": [field.name for field in added],
            "SIZE": [CODES[field.dtype][1] for field in added],
            "TYPE": [CODES[field.dtype][0] for field in added],
            "COUNT": [str(field.count) for field in added],
        }
        tails["COLUMNS"] = tails["FIELDS"]
        return tuple(_append(line, tails.get(_key(line), [])) for line in self.lines)


def write_header(fields: Sequence[Field], points: int) -> bytes:
    """The header of a new binary file."""
    head = Header((b"FIELDS\n", b"SIZE\n", b"TYPE\n", b"COUNT\n"), (), points, "binary")
    ends = f"WIDTH {points}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\nPOINTS {points}\nDATA binary\n"
    start = b"# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\n"
    return b"".join((start, *head.extended(fields), ends.encode()))


def _key(line: bytes) -> str:
    return next(iter(line.decode("latin-1").split()), "")


def _append(line: bytes, words: list[str]) -> bytes:
    body = line.rstrip()
    return b" ".join((body, *(word.encode() for word in words))) + line[len(body) :]


def parse_header(data: bytes) -> Header:
    """Read a header, every number checked but for what the file holds.

    Raises:
        InputError: if there is none, or it contradicts itself.
    """
    lines, values = _split(data)
    names = values.get("FIELDS") or values.get("COLUMNS") or []
    sizes, kinds = values.get("SIZE", []), values.get("TYPE", [])
    counts = values.get("COUNT", ["1"] * len(names))
    if not names or not len(names) == len(sizes) == len(kinds) == len(counts):
        raise InputError(
            f"has a damaged header: {len(names)} FIELDS, {len(sizes)} SIZE, {len(kinds)} TYPE and "
            f"{len(counts)} COUNT; wanted as many of each"
        )
    fields = []
    for name, size, kind, count in zip(names, sizes, kinds, counts, strict=True):
        if (kind, size) not in TYPES:
            raise InputError(f"field {name!r} is of TYPE {kind} and SIZE {size}, which PCD lacks")
        fields.append(Field(name, TYPES[kind, size], _number("COUNT", count)))
    long = next((field for field in fields if field.count >= LONGEST), None)
    if long is not None:
        raise InputError(f"has a damaged header: field {long.name!r} is of COUNT {long.count:,}")
    return Header(lines, tuple(fields), _points(values), _kind(values))


def _split(data: bytes) -> tuple[tuple[bytes, ...], dict[str, list[str]]]:
    """The lines up to DATA, and the words after the key of each."""
    lines: list[bytes] = []
    values: dict[str, list[str]] = {}
    start = 0
    while "DATA" not in values:
        end = data.find(b"\n", start, start + LONGEST) + 1
        if end == 0:
            raise InputError("is no PCD file, or cut off: its header has no DATA line")
        lines.append(data[start:end])
        start = end
        words = lines[-1].decode("latin-1").split()
        if words and not words[0].startswith("#"):
            if words[0] not in KEYS:
                raise InputError(f"is no PCD file: its header has a line {words[0][:40]!r}")
            values[words[0]] = words[1:]
    return tuple(lines), values


def _points(values: dict[str, list[str]]) -> int:
    width, height = (_number(key, *values.get(key, ["1"])) for key in ("WIDTH", "HEIGHT"))
    if "WIDTH" not in values and "POINTS" not in values:
        raise InputError("has a damaged header: neither WIDTH nor POINTS")
    points = _number("POINTS", *values["POINTS"]) if "POINTS" in values else width * height
    if "WIDTH" in values and points != width * height:
        raise InputError(
            f"has a damaged header: {points:,} POINTS are not WIDTH {width:,} x HEIGHT {height:,}"
        )
    return points


def _number(key: str, *words: str) -> int:
    if len(words) != 1 or not words[0].isdecimal() or len(words[0]) > 18:
        raise InputError(f"has a damaged header: {key} is {' '.join(words)[:40]!r}, no number")
    return int(words[0])


def _kind(values: dict[str, list[str]]) -> str:
    kind = " ".join(values["DATA"]).lower()
    if kind not in KINDS:
        raise InputError(f"has DATA {kind[:40]!r}; volseg reads {', '.join(KINDS)}")
    return kind
