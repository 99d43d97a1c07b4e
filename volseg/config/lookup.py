"""Tables of ids and names as text: AAL, FreeSurfer, Slicer's colour tables, ITK-SNAP's labels."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from volseg.errors import InputError
from volseg.geometry.class_colours import class_colours
from volseg.geometry.labels import LabelClass, LabelMap

SUFFIXES = (".txt", ".ctbl", ".lut", ".label", ".tsv", ".csv")

COMMENT = re.compile(r"\s*(#.*|//.*)?")
QUOTED = re.compile(r'([^"]*)"([^"]*)"\s*')
NUMBER = re.compile(r"\d{1,9}")
CHANNELS = 3
"""Numbers of a colour: red, green, blue."""


@dataclass(frozen=True)
class Row:
    """An id, what it is called, and its colour where the table has one."""

    raw: int
    name: str
    colour: str | None = None


def read_lookup(path: Path) -> LabelMap:
    """The classes that a table of ids and names describes; 0 is background where it is not named.

    A line has an id and a name, in either order, and a colour at will: ``1 Precentral_L 2001``,
    ``17 Left-Hippocampus 220 216 20 0``, ``1 255 0 0 1 1 1 "tumour core"``, ``liver, 6``.

    Raises:
        InputError: if a line is none of these, or an id or a name stands twice.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot be read as text ({error}); save it as UTF-8", path=path) from None
    rows: list[Row] = []
    for number, line in enumerate(lines, start=1):
        if COMMENT.fullmatch(line):
            continue
        row = _row(line)
        if row is not None:
            rows.append(row)
        elif rows or any(map(NUMBER.fullmatch, _fields(line))):
            raise InputError(
                f"line {number}: {line.strip()[:60]!r}; wanted an id and a name, and a colour as "
                "red, green, blue at will",
                path=path,
            )
    if not rows:
        raise InputError("names no class; wanted lines of an id and a name", path=path)
    return _label_map(rows, path)


def _label_map(rows: list[Row], path: Path) -> LabelMap:
    if all(row.raw for row in rows):
        rows = [Row(0, "background"), *rows]
    rows = sorted(rows, key=lambda row: row.raw != 0)  # means leave the first class out
    colours = class_colours([(row.name, row.colour) for row in rows])
    try:
        return LabelMap(
            tuple(
                LabelClass(row.name, (row.raw,), colour)
                for row, colour in zip(rows, colours, strict=True)
            )
        )
    except InputError as error:
        raise error.at(path) from None


def _row(line: str) -> Row | None:
    """What a line says; None where it is a heading, or nothing of the kind."""
    quoted = QUOTED.fullmatch(line)
    if quoted:
        numbers = _fields(quoted[1])
        if not numbers or not all(map(NUMBER.fullmatch, numbers[:4])) or not quoted[2].strip():
            return None
        return Row(int(numbers[0]), quoted[2].strip(), _colour(numbers[1:4]))
    fields = _fields(line)
    while fields and not fields[-1]:
        fields.pop()
    numeric = [bool(NUMBER.fullmatch(field)) for field in fields]
    if len(fields) < 2 or all(numeric):
        return None
    if numeric[0]:
        end = len(fields)
        while numeric[end - 1]:
            end -= 1
        return Row(int(fields[0]), " ".join(fields[1:end]), _colour(fields[end : end + CHANNELS]))
    if not numeric[-1]:
        return None
    several = fields[-2:-1] if _separated(line) else fields[:-1]
    return Row(int(fields[-1]), " ".join(several))


def _separated(line: str) -> bool:
    return re.search(r"[\t,;=]", line.strip()) is not None


def _fields(line: str) -> list[str]:
    """What stands between tabs, commas, semicolons or equals signs; else between blanks."""
    split = re.split(r"[\t,;=]", line.strip()) if _separated(line) else line.split()
    return [field.strip() for field in split]


def _colour(numbers: list[str]) -> str | None:
    """``#RRGGBB`` of three numbers up to 255; None of anything else."""
    values = [int(number) for number in numbers if NUMBER.fullmatch(number)]
    if len(values) < CHANNELS or max(values) > 255:
        return None
    return "#" + bytes(values).hex()
