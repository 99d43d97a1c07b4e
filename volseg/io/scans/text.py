"""Text scans: one point a line, any usual delimiter, a header or none; gzip too."""

from __future__ import annotations

import gzip
import re
import warnings
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError, InputWarning
from volseg.geometry.labels import UNKNOWN
from volseg.geometry.points import PointCloud
from volseg.io.atomic import write_files
from volseg.io.naming import naming
from volseg.io.scans import semantic3d
from volseg.io.scans.axes import find_axes
from volseg.io.scans.codec import ScanCodec
from volseg.io.scans.fields import (
    additions,
    arrange,
    build_cloud,
    check_count,
    flatten,
    new_columns,
)
from volseg.io.scans.table import Table, parse, split

# Decimals that steps of coordinates have at most.
DIGITS = 9


def load(path: Path, columns: Sequence[str] | None = None) -> Table:
    """A text file, unzipped and parsed, with names for its ``columns`` in place of its own.

    Raises:
        InputError: if it is damaged or no table of points.
    """
    data = path.read_bytes()
    if path.suffix.lower() == ".gz":
        try:
            data = gzip.decompress(data)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise InputError("is not gzip, or cut off; copy or download it again") from None
    table = parse(data, counted=".pts" in path.name.lower(), columns=columns)
    if table.header is None and columns is None and path.suffix.lower() == ".txt":
        step = max(1, len(table.rows) // semantic3d.SAMPLE)
        sample = [table.lines[row] for row in table.rows[::step]]
        if semantic3d.holds_colours([split(line, table.delimiter) for line in sample]):
            return replace(table, names=semantic3d.NAMES)
    return table


@dataclass(frozen=True)
class TextCodec(ScanCodec):
    """Tables of text.

    Attributes:
        columns: names of the first columns in place of the files' own, or None.
    """

    columns: Sequence[str] | None = None

    takes_columns = True
    one_word_names = True

    def read(self, path: Path, label_field: str | None) -> PointCloud:
        """Read every numeric column as float64; see `volseg.io.read`."""
        table = load(path, self.columns)
        names = [table.names[i] for i in table.numeric]
        if find_axes(names) is None:
            raise InputError(
                f"has no columns x, y and z, or easting, northing and elevation; it has "
                f"{', '.join(table.names)}: say in their order what they are, such as "
                "--columns number,northing,easting,z,class"
            )
        if table.guess is not None:
            warnings.warn(InputWarning(table.guess, path=path), stacklevel=2)
        if not _labelled_beside(path, table) or label_field in names:
            return build_cloud(table.values(), arrange(names, label_field))
        cloud = build_cloud(table.values(), arrange(names, None))
        labels, problem = semantic3d.read_labels(path, len(cloud), label_field)
        field = None if labels is None else semantic3d.FIELD
        return replace(cloud, labels=labels, label_field=field, label_problem=problem)

    def write(
        self, path: Path, cloud: PointCloud, like: Path | None, overwrite: bool
    ) -> list[Path]:
        """Write a labelled copy of ``like``, or a new table; see `volseg.io.write`."""
        if like is None:
            files = {path: "\n".join(_new(cloud, "," if ".csv" in path.name.lower() else " "))}
        else:
            with naming(like):
                table = load(like, self.columns)
                check_count(cloud, len(table.rows))
                if path.suffix.lower() == ".txt" and _labelled_beside(like, table):
                    files = {path: "\n".join(table.lines), **_beside(path, cloud)}
                else:
                    files = {path: "\n".join(_labelled(table, cloud))}
        data = {target: text.encode("utf-8", "surrogateescape") for target, text in files.items()}
        if path.suffix.lower() == ".gz":
            data[path] = gzip.compress(data[path], compresslevel=6, mtime=0)
        return write_files(data, overwrite=overwrite)

    def with_columns(self, columns: Sequence[str]) -> TextCodec:
        """The codec for files whose first columns are called so."""
        return replace(self, columns=columns)

    def beside(self, path: Path) -> list[Path]:
        """Files a scan is read from besides its own."""
        return [semantic3d.label_path(path)]


def _labelled_beside(path: Path, table: Table) -> bool:
    """Whether the labels of a scan belong in a file of their own, as Semantic3D has them."""
    if path.suffix.lower() != ".txt" or table.header is not None:
        return False
    return table.names == semantic3d.NAMES or semantic3d.label_path(path).exists()


def _beside(path: Path, cloud: PointCloud) -> dict[Path, str]:
    """Labels, confidence and new objects in files of their own, one a line."""
    columns = {".labels": cloud.labels, ".confidence": cloud.confidence}
    if cloud.instance_field is None:
        columns[".instances"] = cloud.instances
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
        table.decimal,
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
    decimal: str = ".",
) -> list[str]:
    """Lines with some fields replaced and some appended, all else to the character.

    Args:
        rows: the lines, which may end in a carriage return.
        replaced: new values, (N,), by position of the field.
        added: new fields, (N,) each.
        delimiter: between fields; None is any white space.
        decimal: mark before the decimals of numbers.
    """
    mark = " " if delimiter is None else delimiter
    lines = list(rows)
    for position, values in replaced.items():
        gap, field = (r"\s+", r"\S+") if delimiter is None else (re.escape(mark), f"[^{mark}\r]*")
        before = re.compile(rf"(\s*(?:{field}{gap}){{{position}}}){field}")
        lines = [
            _replace(line, before, text)
            for line, text in zip(lines, as_text(values, decimal), strict=True)
        ]
    if added:
        tails = map(mark.join, zip(*(as_text(column, decimal) for column in added), strict=True))
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


def as_text(values: NDArray[Any], decimal: str = ".") -> list[str]:
    """Numbers in the shortest decimals that read back the same; `UNKNOWN` classes are NaN."""
    if decimal != ".":
        return [text.replace(".", decimal) for text in as_text(values)]
    if values.dtype == np.int64 and values.min(initial=0) == UNKNOWN:
        return ["nan" if value == UNKNOWN else str(value) for value in values.tolist()]
    if values.dtype.kind in "biu":
        return list(map(str, values.astype(np.int64, copy=False).tolist()))
    if values.dtype == np.float64:
        return list(map(repr, values.tolist()))
    return list(map(str, values.astype(str).tolist()))


def _rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Whole multiples of a step with no more decimals than tell them apart.

    Multiplying by a step leaves the last bit to chance: 6277566.0600000005 is 6277566.06.
    """
    last = np.spacing(np.abs(values).max(initial=0))
    for digits in range(DIGITS + 1):
        rounded = np.round(values, digits)
        if (np.abs(rounded - values) <= last).all():
            return rounded
    return values


def _new(cloud: PointCloud, mark: str) -> list[str]:
    columns = new_columns(cloud)
    if cloud.steps is not None:
        columns |= {axis: _rounded(columns[axis]) for axis in "xyz"}
    header = mark.join(columns)
    rows: Iterable[str] = map(mark.join, zip(*map(as_text, columns.values()), strict=True))
    return [header if mark == "," else f"# {header}", *rows, ""]
