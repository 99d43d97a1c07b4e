"""Text scans: one point a line, any usual delimiter, a header or none; gzip too."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import PointCloud
from volseg.io import semantic3d
from volseg.io.atomic import check_target, replacing
from volseg.io.fields import additions, arrange, build_cloud, check_count, flatten, new_columns
from volseg.io.naming import naming

COMMENT = ("#", "//", ";")
DELIMITERS = (";", ",", "\t", "|")


@dataclass(frozen=True)
class Table:
    """A text file by line, and what its lines mean.

    Attributes:
        lines: every line, without its line feed.
        rows: which lines hold points, in order.
        delimiter: between the columns; None is any white space.
        names: names of the columns.
        numeric: which columns hold numbers.
        header: the line that names the columns, or None.
    """

    lines: list[str]
    rows: NDArray[np.int64]
    delimiter: str | None
    names: tuple[str, ...]
    numeric: tuple[int, ...]
    header: int | None

    def values(self) -> dict[str, NDArray[np.float64]]:
        """The numeric columns, float64 (N,) each.

        Raises:
            InputError: at a line that is not a row of numbers.
        """
        texts = [self.lines[row] for row in self.rows]
        try:
            numbers = np.loadtxt(
                texts, delimiter=self.delimiter, comments=None, usecols=self.numeric, ndmin=2
            )
        except (ValueError, IndexError, OverflowError):
            raise self._broken(texts) from None
        names = [self.names[column] for column in self.numeric]
        return dict(zip(names, numbers.T, strict=True))

    def _broken(self, texts: list[str]) -> InputError:
        for row, text in zip(self.rows, texts, strict=True):
            tokens = split(text, self.delimiter)
            short = len(tokens) <= max(self.numeric)
            if short or not all(is_number(tokens[column]) for column in self.numeric):
                return InputError(
                    f"line {row + 1} is {text.strip()[:60]!r}; wanted numbers in the columns "
                    f"{', '.join(self.names[column] for column in self.numeric)}"
                )
        return InputError("holds lines that are not rows of numbers")


def split(line: str, delimiter: str | None) -> list[str]:
    """The fields of a line, without white space and quotes around them."""
    return [field.strip().strip('"') for field in line.split(delimiter)]


def is_number(token: str) -> bool:
    """Whether a field is a number."""
    try:
        float(token)
    except ValueError:
        return False
    return "_" not in token


def parse(data: bytes, *, counted: bool = False) -> Table:
    """Find delimiter, header and rows of a text file.

    Args:
        data: the file; its lines are kept to the byte.
        counted: whether the first line may hold the number of points alone, as in ``.pts``.

    Raises:
        InputError: if it is no text, or its first row has fewer than three numbers.
    """
    if b"\0" in data[:4096]:
        raise InputError("is a binary file, not text")
    # utf-8 where it is, and any other byte kept as it is.
    lines = data.decode("utf-8", "surrogateescape").split("\n")
    bare = [line.lstrip("\ufeff \t\r") for line in lines]
    rows = [i for i, line in enumerate(bare) if line and not line.startswith(COMMENT)]
    if counted and len(rows) > 1 and bare[rows[0]].strip().isdecimal():
        rows = rows[1:]
    if not rows:
        raise InputError("holds no points")
    first = rows[0]
    delimiter = next((mark for mark in DELIMITERS if bare[first].strip().count(mark) > 1), None)
    header = None
    if not all(map(is_number, split(bare[first], delimiter)[:3])):
        header, rows = first, rows[1:]
        if not rows:
            raise InputError("holds a header and no points")
    sample = split(bare[rows[0]], delimiter)
    numeric = tuple(i for i, token in enumerate(sample) if is_number(token))
    if len(numeric) < 3:
        raise InputError(
            f"line {rows[0] + 1} is {bare[rows[0]].strip()[:60]!r}; wanted x y z and more columns"
        )
    header, names = _names(bare, header, rows[0], delimiter, len(sample))
    return Table(lines, np.array(rows), delimiter, names, numeric, header)


def _names(
    bare: Sequence[str], header: int | None, first: int, delimiter: str | None, count: int
) -> tuple[int | None, tuple[str, ...]]:
    """The line that names the columns, a comment it may be, and the names."""
    if header is not None:
        names = tuple(split(bare[header], delimiter))
        if len(names) != count:
            raise InputError(f"names {len(names)} columns in its header and has {count}")
        return header, names
    for i in range(first - 1, -1, -1):
        # A comment may introduce the names: "File format: x y z label".
        text = bare[i].strip().lstrip("#/; \t").rpartition(":")[2]
        for mark in (delimiter, None):
            names = tuple(split(text.strip(), mark))
            if len(names) == count and {"x", "y", "z"} <= {name.lower() for name in names}:
                return i, names
    return None, ("x", "y", "z", *(f"column{i}" for i in range(4, count + 1)))


def load(path: Path) -> Table:
    """A text file, unzipped and parsed.

    Raises:
        InputError: if it is damaged or no table of points.
    """
    data = path.read_bytes()
    if path.suffix.lower() == ".gz":
        try:
            data = gzip.decompress(data)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise InputError("is not gzip, or cut off; copy or download it again") from None
    table = parse(data, counted=".pts" in path.name.lower())
    if table.header is None and path.suffix.lower() == ".txt":
        step = max(1, len(table.rows) // semantic3d.SAMPLE)
        sample = [table.lines[row] for row in table.rows[::step]]
        if semantic3d.holds_colours([split(line, table.delimiter) for line in sample]):
            return replace(table, names=semantic3d.NAMES)
    return table


def read(path: Path, label_field: str | None) -> PointCloud:
    """Read every numeric column as float64; see `volseg.io.read`."""
    table = load(path)
    names = [table.names[i] for i in table.numeric]
    if not _labelled_beside(path, table) or label_field in names:
        return build_cloud(table.values(), arrange(names, label_field))
    cloud = build_cloud(table.values(), arrange(names, None))
    labels = semantic3d.read_labels(path, len(cloud), label_field)
    return replace(cloud, labels=labels, label_field=None if labels is None else semantic3d.FIELD)


def beside(path: Path) -> list[Path]:
    """Files a scan is read from besides its own."""
    return [semantic3d.label_path(path)]


def _labelled_beside(path: Path, table: Table) -> bool:
    """Whether the labels of a scan belong in a file of their own, as Semantic3D has them."""
    if path.suffix.lower() != ".txt" or table.header is not None:
        return False
    return table.names == semantic3d.NAMES or semantic3d.label_path(path).exists()


def write(path: Path, cloud: PointCloud, like: Path | None, overwrite: bool) -> list[Path]:
    """Write a labelled copy of ``like``, or a new table; see `volseg.io.write`."""
    if like is None:
        files = {path: "\n".join(_new(cloud, "," if ".csv" in path.name.lower() else " "))}
    else:
        with naming(like):
            table = load(like)
            check_count(cloud, len(table.rows))
            if path.suffix.lower() == ".txt" and _labelled_beside(like, table):
                files = {path: "\n".join(table.lines), **_beside(path, cloud)}
            else:
                files = {path: "\n".join(_labelled(table, cloud))}
    for target in files:
        check_target(target, overwrite=overwrite)
    for target, text in files.items():
        data = text.encode("utf-8", "surrogateescape")
        if path.suffix.lower() == ".gz":
            data = gzip.compress(data, compresslevel=6, mtime=0)
        with replacing(target, overwrite=overwrite) as stream:
            stream.write(data)
    return list(files)


def _beside(path: Path, cloud: PointCloud) -> dict[Path, str]:
    """Labels and confidence in files of their own, one a line."""
    columns = {".labels": cloud.labels, ".confidence": cloud.confidence}
    return {
        path.with_suffix(suffix): "".join(f"{value}\n" for value in as_text(values))
        for suffix, values in columns.items()
        if values is not None
    }


def _labelled(table: Table, cloud: PointCloud) -> list[str]:
    numeric = [table.names[i] for i in table.numeric]
    columns = arrange(numeric, cloud.label_field if cloud.label_field in numeric else None)
    new = flatten(additions(cloud, columns.attributes))
    if cloud.labels is not None:
        new[columns.label or cloud.label_field or "label"] = cloud.labels
    lines = list(table.lines)
    mark = " " if table.delimiter is None else table.delimiter
    added = [name for name in new if name not in table.names]
    if added and table.header is not None:
        lines[table.header] = append(lines[table.header], mark.join(added), mark)
    edited = edit_rows(
        [lines[row] for row in table.rows],
        {table.names.index(name): new[name] for name in new if name in table.names},
        [new[name] for name in added],
        table.delimiter,
    )
    for row, line in zip(table.rows, edited, strict=True):
        lines[row] = line
    if added and table.header is None:
        first = int(table.rows[0])
        ending = "\r" if lines[first].endswith("\r") else ""
        lines.insert(first, "# " + mark.join((*table.names, *added)) + ending)
    return lines


def edit_rows(
    rows: Sequence[str],
    replaced: dict[int, NDArray[Any]],
    added: Sequence[NDArray[Any]],
    delimiter: str | None,
) -> list[str]:
    """Lines with some fields replaced and some appended, all else to the character.

    Args:
        rows: the lines, which may end in a carriage return.
        replaced: new values, (N,), by position of the field.
        added: new fields, (N,) each.
        delimiter: between fields; None is any white space.
    """
    mark = " " if delimiter is None else delimiter
    lines = list(rows)
    for position, values in replaced.items():
        gap, field = (r"\s+", r"\S+") if delimiter is None else (re.escape(mark), f"[^{mark}\r]*")
        before = re.compile(rf"(\s*(?:{field}{gap}){{{position}}}){field}")
        lines = [
            _replace(line, before, text) for line, text in zip(lines, as_text(values), strict=True)
        ]
    if added:
        tails = map(mark.join, zip(*map(as_text, added), strict=True))
        lines = [append(line, tail, mark) for line, tail in zip(lines, tails, strict=True)]
    return lines


def _replace(line: str, before: re.Pattern[str], text: str) -> str:
    """A line with the field after what ``before`` captures replaced."""
    match = before.match(line)
    if match is None:
        raise InputError(f"has a line of too few columns: {line.strip()[:60]!r}")
    return line[: match.end(1)] + text + line[match.end() :]


def append(line: str, tail: str, mark: str) -> str:
    """A line with more fields at its end, before a carriage return."""
    body = line.rstrip("\r")
    between = "" if mark == " " and body[-1:].isspace() else mark
    return f"{body}{between}{tail}{line[len(body) :]}"


def as_text(values: NDArray[Any]) -> list[str]:
    """Numbers in the shortest decimals that read back the same."""
    if values.dtype.kind in "biu":
        return list(map(str, values.astype(np.int64, copy=False).tolist()))
    if values.dtype == np.float64:
        return list(map(repr, values.tolist()))
    return list(map(str, values.astype(str).tolist()))


def _new(cloud: PointCloud, mark: str) -> list[str]:
    columns = new_columns(cloud)
    header = mark.join(columns)
    rows: Iterable[str] = map(mark.join, zip(*map(as_text, columns.values()), strict=True))
    return [header if mark == "," else f"# {header}", *rows, ""]
