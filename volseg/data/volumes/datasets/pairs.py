"""Datasets that a CSV file lists: a row a case, its image or images, and its label."""

from __future__ import annotations

import csv
from pathlib import Path

from volseg.data.volumes.datasets.cases import Case, Dataset, Problem
from volseg.errors import InputError
from volseg.io.naming import naming
from volseg.io.volumes.formats import volume_stem


def read_pairs(path: Path) -> tuple[Dataset, list[Problem]]:
    """A CSV file with columns ``image`` (or several, ``image_t1``, ``image_t2``), ``label``.

    Columns ``case`` and ``group`` may name the case and the cases it stays with, ``objects`` a file
    of the ids of its objects. Paths are relative to the file's folder. Channels are called as
    their columns are.

    Raises:
        InputError: if it is no such file, or a row lacks a path.
    """
    columns, rows = read_table(path)
    images = [column for column in columns if column.lower().startswith("image")]
    if not images or "label" not in columns:
        raise InputError(
            f"has columns {', '.join(columns)}; "
            "wanted label and image (or image_t1, image_t2, ...)",
            path=path,
        )
    cases = []
    for number, row in enumerate(rows, start=2):
        wanted = [*images, "label", *({"group", "case", "objects"} & set(columns))]
        empty = [column for column in wanted if not row[column]]
        if empty:
            raise InputError(f"line {number} lacks its {empty[0]}; fill it in", path=path)
        files = tuple(path.parent / row[column] for column in images)
        name = row.get("case") or volume_stem(files[0])
        ids = path.parent / row["objects"] if "objects" in row else None
        cases.append(Case(name, files, path.parent / row["label"], row.get("group"), ids))
    channels = tuple(column[len("image") :].strip("_ ") or column for column in images)
    named = len(images) > 1 and len(set(channels)) == len(images)
    return Dataset(path.parent, "CSV", tuple(cases), channels if named else None), []


def read_table(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Columns and rows of a CSV file with a header; cells without spaces around them.

    Columns are split by commas, semicolons or tabs, whichever the header has most of.

    Raises:
        InputError: if the file is missing, no text, or holds no row.
    """
    with naming(path):
        try:
            lines = path.read_text(encoding="utf-8-sig").splitlines()
            split = max(",;\t", key=lines[0].count) if lines else ","
            cells = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=split)]
        except (csv.Error, UnicodeDecodeError) as error:
            raise InputError(f"is no CSV file: {error}") from None
    filled = [row for row in cells if any(row)]
    if len(filled) < 2:
        raise InputError("holds no row; wanted a header and a line a case", path=path)
    header, *rows = filled
    return header, [dict(zip(header, row + [""] * len(header), strict=False)) for row in rows]
