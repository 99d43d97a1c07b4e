"""Tables of points in text: delimiter, decimal mark, header, and what the columns are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.io.scans.axes import find_axes

COMMENT = ("#", "//", ";")
DELIMITERS = (";", ",", "\t", "|", None)
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+(e[+-]?\d+)?", re.IGNORECASE)
# Rows looked at to tell what a table is like, and the fewest that tell a counter.
SAMPLE, FEWEST = 1000, 10


@dataclass(frozen=True)
class Table:
    """A text file by line, and what its lines mean.

    Attributes:
        lines: every line, without its line feed.
        rows: which lines hold points, in order.
        delimiter: between the columns; None is any white space.
        decimal: mark before the decimals of a number, a point or a comma.
        names: names of the columns.
        numeric: which columns hold numbers.
        header: the line that names the columns, or None.
        guess: what columns without names were taken for, where that is not sure.
    """

    lines: list[str]
    rows: NDArray[np.int64]
    delimiter: str | None
    decimal: str
    names: tuple[str, ...]
    numeric: tuple[int, ...]
    header: int | None
    guess: str | None = None

    def values(self) -> dict[str, NDArray[np.float64]]:
        """The numeric columns, float64 (N,) each; an empty field is NaN.

        Raises:
            InputError: at a line that is not a row of numbers.
        """
        texts = [self.lines[row] for row in self.rows]
        try:
            numbers = self._load(texts)
        except (ValueError, IndexError, OverflowError):
            try:
                numbers = self._load([*self._filled(texts)])
            except (ValueError, IndexError, OverflowError):
                raise self._broken(texts) from None
        names = [self.names[column] for column in self.numeric]
        return dict(zip(names, numbers.T, strict=True))

    def _load(self, texts: Sequence[str]) -> NDArray[np.float64]:
        if self.decimal != ".":
            texts = [text.replace(self.decimal, ".") for text in texts]
        return np.loadtxt(
            texts,
            delimiter=self.delimiter,
            comments=None,
            usecols=self.numeric,
            ndmin=2,
            quotechar='"',
        )

    def _filled(self, texts: Sequence[str]) -> Iterator[str]:
        """The lines with NaN in their empty fields; where white space delimits there are none."""
        mark = self.delimiter
        for text in texts:
            fields = [text] if mark is None else text.split(mark)
            yield (
                text if mark is None else mark.join(one if one.strip() else "nan" for one in fields)
            )

    def _broken(self, texts: list[str]) -> InputError:
        for row, text in zip(self.rows, texts, strict=True):
            tokens = split(text, self.delimiter)
            short = len(tokens) <= max(self.numeric)
            if short or not all(is_number(tokens[one], self.decimal) for one in self.numeric):
                return InputError(
                    f"line {row + 1} is {text.strip()[:60]!r}; wanted numbers in the columns "
                    f"{', '.join(self.names[column] for column in self.numeric)}"
                )
        return InputError("holds lines that are not rows of numbers")


def split(line: str, delimiter: str | None) -> list[str]:
    """The fields of a line, without white space and quotes around them."""
    return [field.strip().strip('"') for field in line.split(delimiter)]


def is_number(token: str, decimal: str = ".") -> bool:
    """Whether a field is a number."""
    if decimal == "," and DECIMAL_COMMA.fullmatch(token):
        return True
    try:
        float(token)
    except ValueError:
        return False
    return "_" not in token


def parse(data: bytes, *, counted: bool = False, columns: Sequence[str] | None = None) -> Table:
    """Find delimiter, header and rows of a text file.

    Args:
        data: the file; its lines are kept to the byte.
        counted: whether the first line may hold the number of points alone, as in ``.pts``.
        columns: names of the first columns, in place of those the file has.

    Raises:
        InputError: if it is no text, its first row has fewer than three numbers, or it has fewer
            columns than are named.
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
    delimiter, decimal = _dialect([bare[row] for row in rows[:SAMPLE]])
    fields = [split(bare[row], delimiter) for row in rows[:SAMPLE]]
    header = rows[0] if _is_header(fields, decimal) else None
    if header is not None:
        rows, fields = rows[1:], fields[1:]
        if not rows:
            raise InputError("holds a header and no points")
    width = len(fields[0])
    fields = [row for row in fields if len(row) == width]  # reading names the lines that differ
    numeric = tuple(i for i in range(width) if _holds_numbers(fields, i, decimal))
    if len(numeric) < 3:
        raise InputError(
            f"line {rows[0] + 1} is {bare[rows[0]].strip()[:60]!r}; wanted x y z and more columns"
        )
    header, names, guess = _names(bare, header, rows[0], delimiter, width)
    if columns is not None:
        if len(columns) > width:
            raise InputError(f"has {width} columns; --columns names {len(columns)}")
        names, guess = (*columns, *(names or _numbered(width))[len(columns) :]), None
    elif names is None:
        names, guess = _unnamed(fields, numeric, decimal)
    return Table(lines, np.array(rows), delimiter, decimal, names, numeric, header, guess)


def _dialect(rows: Sequence[str]) -> tuple[str | None, str]:
    """Delimiter and decimal mark, by the first row but the header that makes three numbers."""
    for row in (*rows[1:], rows[0]):
        for decimal in (".", ","):
            for delimiter in DELIMITERS:
                fields = split(row.strip(), delimiter)
                if delimiter == decimal or sum(is_number(field, decimal) for field in fields) < 3:
                    continue
                commas = delimiter != "," and any(
                    DECIMAL_COMMA.fullmatch(field)
                    for other in rows
                    for field in split(other, delimiter)
                )
                return delimiter, "," if commas else decimal
    marks = (mark for mark in DELIMITERS if mark and rows[0].strip().count(mark) > 1)
    return next(marks, None), "."


def _is_header(rows: Sequence[Sequence[str]], decimal: str) -> bool:
    """Whether the first row has words where the next one has numbers."""
    if len(rows) == 1:
        return not all(is_number(field, decimal) for field in rows[0][:3])
    words = [bool(field) and not is_number(field, decimal) for field in rows[0]]
    below = [is_number(field, decimal) for field in rows[1]]
    return any(word and number for word, number in zip(words, below, strict=False))


def _holds_numbers(rows: Sequence[Sequence[str]], column: int, decimal: str) -> bool:
    """Whether the first field of a column that is not empty is a number."""
    held = (row[column] for row in rows if column < len(row) and row[column])
    return is_number(next(held, ""), decimal)


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(f"column{i}" for i in range(1, count + 1))


def _names(
    bare: Sequence[str], header: int | None, first: int, delimiter: str | None, count: int
) -> tuple[int | None, tuple[str, ...] | None, None]:
    """The line that names the columns, a comment it may be, and the names; None without."""
    if header is not None:
        names = tuple(split(bare[header], delimiter))
        if len(names) != count:
            raise InputError(f"names {len(names)} columns in its header and has {count}")
        return header, names, None
    for i in range(first - 1, -1, -1):
        # A comment may introduce the names: "File format: x y z label".
        text = bare[i].strip().lstrip("#/; \t").rpartition(":")[2]
        for mark in (delimiter, None):
            names = tuple(split(text.strip(), mark))
            if len(names) == count and find_axes(names) is not None:
                return i, names, None
    return None, None, None


def _unnamed(
    rows: Sequence[Sequence[str]], numeric: Sequence[int], decimal: str
) -> tuple[tuple[str, ...], str | None]:
    """Names for columns that have none, and what was guessed.

    Points may be numbered, or have names, before their coordinates; surveyors then mostly put
    northing first, which the values of UTM and grids like it tell.
    """
    names = [*_numbered(len(rows[0]))]
    first, *others = numeric
    counter = len(numeric) > 3 and _counts([row[first] for row in rows])
    if counter:
        names[first] = "point"
    x, y, z = (others if counter else numeric)[:3]
    known = x > 0
    if known and _northing_first(*(_middle(rows, column, decimal) for column in (x, y))):
        x, y = y, x
    for axis, column in zip("xyz", (x, y, z), strict=True):
        names[column] = axis
    if not known:
        return tuple(names), None
    before = "counts" if counter else "names"
    return tuple(names), (
        f"has no header; column {z - 2} {before} the points, columns {x + 1}, {y + 1} and {z + 1} "
        "are taken as x, y and z; --columns says otherwise"
    )


def _counts(fields: Sequence[str]) -> bool:
    """Whether a column counts: whole numbers that grow, by one in most rows."""
    if len(fields) < FEWEST or not all(field.isdecimal() and len(field) < 16 for field in fields):
        return False
    steps = np.diff(np.array(fields, dtype=np.int64))
    return bool((steps > 0).all() and 2 * (steps == 1).sum() > len(steps))


def _middle(rows: Sequence[Sequence[str]], column: int, decimal: str) -> float:
    held = [row[column].replace(decimal, ".") for row in rows if column < len(row)]
    return float(np.median([float(field) for field in held if is_number(field)]))


def _northing_first(first: float, second: float) -> bool:
    """Whether two coordinates are northing and easting: of UTM, one above 1,000 km, one below."""
    return first >= 1e6 > second >= 1e5
