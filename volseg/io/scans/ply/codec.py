"""PLY scans, text and binary: properties and elements volseg does not change stay as bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import PointCloud
from volseg.io.atomic import write_files
from volseg.io.naming import naming
from volseg.io.scans.codec import ScanCodec
from volseg.io.scans.fields import (
    ColumnRoles,
    additions,
    arrange,
    build_cloud,
    check_count,
    flatten,
    new_columns,
)
from volseg.io.scans.header_words import HEADER_LIMIT, is_word, signed, signer
from volseg.io.scans.labels import fit
from volseg.io.scans.ply.header import TYPES, Element, Order, cut_off, parse_header, skip
from volseg.io.scans.ply.lists import ListRows, edit_text, text_without_lists, without_lists
from volseg.io.scans.text import edit_rows


@dataclass(frozen=True)
class Ply:
    """A file cut in three: header lines, what comes before the vertices, and the rest.

    Attributes:
        header: lines with their ends.
        order: byte order, ``=`` for text.
        vertex: the vertex element.
        before: data of the elements before.
        rows: the vertices, (N,) structured, as lines of text, or binary with lists.
        after: data of the elements after.
    """

    header: list[bytes]
    order: Order
    vertex: Element
    before: bytes
    rows: NDArray[Any] | list[str] | ListRows
    after: bytes

    def arrange(self, label_field: str | None) -> ColumnRoles:
        """What the properties of the vertices mean."""
        return arrange([name for name, _ in without_lists(self.vertex).fields], label_field)

    def cloud(self, label_field: str | None) -> PointCloud:
        """The vertices as points."""
        columns = self.arrange(label_field)
        rows, vertex = self.rows, without_lists(self.vertex)
        if isinstance(rows, ListRows):
            return build_cloud(rows.columns(), columns)
        if isinstance(rows, list):
            lines = text_without_lists(rows, self.vertex) if self.vertex.lengths else rows
            return build_cloud(_numbers(lines, vertex, columns.xyz), columns)
        return build_cloud({name: rows[name] for name in rows.dtype.names or ()}, columns)


class PlyCodec(ScanCodec):
    """Vertices of PLY."""

    one_word_names = True

    def read(self, path: Path, label_field: str | None) -> PointCloud:
        """Read the vertices with every property; see `volseg.io.read`."""
        return parse(path.read_bytes()).cloud(label_field)

    def write(
        self, path: Path, cloud: PointCloud, like: Path | None, overwrite: bool
    ) -> list[Path]:
        """Write a labelled copy of ``like``, or a new binary file; see `volseg.io.write`."""
        if like is None:
            data = _new(cloud)
        else:
            with naming(like):
                data = _labelled(parse(like.read_bytes()), cloud)
        return write_files({path: data}, overwrite=overwrite)

    def labelled_by(self, path: Path) -> str | None:
        """What the header says gave the labels; see `volseg.io.scans.files.labelled_by`."""
        return signer(path, b"comment", b"end_header")


def parse(data: bytes) -> Ply:
    """Cut a file in its parts, every size checked against its bytes.

    Raises:
        InputError: if the file is no PLY, cut off, or has no vertices.
    """
    if data[:3] != b"ply" or data[3:4] not in (b"\n", b"\r"):
        raise InputError("is no PLY file (it does not begin with ply)")
    end = data.find(b"\nend_header", 0, HEADER_LIMIT)
    start = data.find(b"\n", end + 1) + 1
    if end < 0 or start == 0:
        raise InputError("is no PLY file, or cut off: its header has no end")
    header = data[:start].splitlines(keepends=True)
    order, elements = parse_header(header)
    names = [element.name for element in elements]
    if "vertex" not in names:
        raise InputError(f"has no element 'vertex'; it has {', '.join(names) or 'none'}")
    place = names.index("vertex")
    vertex = elements[place]
    if not vertex.fields:
        raise InputError("has vertices without properties; wanted x, y and z")
    if order == "=":
        skipped = sum(element.count for element in elements[:place])
        before, rows, after = _cut_text(data[start:], skipped, vertex.count)
        return Ply(header, order, vertex, before, rows, after)
    for element in elements[:place]:
        start = skip(data, start, element, order)
    try:
        dtype = np.dtype([(name, kind.newbyteorder(order)) for name, kind in vertex.fields])
    except ValueError:
        raise InputError("has two vertex properties of one name; rename one") from None
    if vertex.lengths:
        lists = ListRows.of(data, start, vertex, order)
        cut = start + len(lists.data)
        return Ply(header, order, vertex, data[len(b"".join(header)) : start], lists, data[cut:])
    end = start + vertex.count * dtype.itemsize
    if end > len(data):
        raise cut_off(vertex, (len(data) - start) // dtype.itemsize if dtype.itemsize else 0)
    body = len(data) - sum(map(len, header))
    before = data[len(data) - body : start]
    return Ply(
        header, order, vertex, before, np.frombuffer(data, dtype, vertex.count, start), data[end:]
    )


def _cut_text(data: bytes, skipped: int, count: int) -> tuple[bytes, list[str], bytes]:
    """Lines of the vertices, and the bytes before and after them."""
    text = data.decode("latin-1")
    lines = text.split("\n", skipped + count) if skipped + count <= len(text) else text.split("\n")
    if len(lines) < skipped + count or (count and not lines[skipped + count - 1].strip()):
        held = max(len([line for line in lines if line.strip()]) - skipped, 0)
        raise InputError(f"is cut off: its header says {count:,} vertices, it holds {held:,}")
    before = "".join(line + "\n" for line in lines[:skipped])
    rows = lines[skipped : skipped + count]
    used = len(before) + sum(map(len, rows)) + max(count - 1, 0)
    return before.encode("latin-1"), rows, text[used:].encode("latin-1")


def _numbers(rows: list[str], vertex: Element, exact: tuple[str, ...]) -> dict[str, NDArray[Any]]:
    """Columns of text in their properties' types, but those ``exact`` with every digit."""
    names = [name for name, _ in vertex.fields]
    if not rows:
        return {name: np.empty(0, kind) for name, kind in vertex.fields}
    try:
        table = np.loadtxt(rows, comments=None, usecols=range(len(names)), ndmin=2)
    except (ValueError, IndexError, OverflowError):
        raise InputError(f"has vertices that are not {len(names)} numbers each") from None
    if len(table) != len(rows):
        raise InputError("has empty lines among its vertices; remove them")
    columns: dict[str, NDArray[Any]] = {}
    for (name, kind), values in zip(vertex.fields, table.T, strict=True):
        with np.errstate(invalid="ignore", over="ignore"):
            columns[name] = values if name in exact else values.astype(kind)
        if kind.kind in "iu" and not np.array_equal(columns[name], values):
            raise InputError(f"property {name!r} holds values its type {kind} does not")
    return columns


def _labelled(ply: Ply, cloud: PointCloud) -> bytes:
    check_count(cloud, ply.vertex.count)
    kinds = dict(without_lists(ply.vertex).fields)
    columns = ply.arrange(cloud.label_field if cloud.label_field in kinds else None)
    new = flatten(additions(cloud, columns.attributes))
    if cloud.labels is not None:
        new[columns.label or cloud.label_field or "label"] = cloud.labels
    new = {name: _typed(name, values, kinds.get(name)) for name, values in new.items()}
    added = {name: values for name, values in new.items() if name not in kinds}
    replaced = {name: values for name, values in new.items() if name in kinds}
    header = list(ply.header)
    ending = b"\r\n" if header[0].endswith(b"\r\n") else b"\n"
    lines = [_property(name, values.dtype) + ending for name, values in added.items()]
    header[ply.vertex.last + 1 : ply.vertex.last + 1] = lines
    header = signed(header, b"comment", cloud.labelled_by)
    if isinstance(ply.rows, ListRows):
        rows = ply.rows.edited(replaced, _tails(added, len(cloud), ply.order)).tobytes()
    elif isinstance(ply.rows, list) and ply.vertex.lengths:
        edited = edit_text(ply.rows, ply.vertex, replaced, list(added.values()))
        rows = "\n".join(edited).encode("latin-1")
    elif isinstance(ply.rows, list):
        places = {list(kinds).index(name): values for name, values in replaced.items()}
        edited = edit_rows(ply.rows, places, list(added.values()), None)
        rows = "\n".join(edited).encode("latin-1")
    else:
        rows = _rows(ply.rows, replaced, added, ply.order)
    return b"".join((*header, ply.before, rows, ply.after))


def _rows(
    rows: NDArray[Any],
    replaced: Mapping[str, NDArray[Any]],
    added: Mapping[str, NDArray[Any]],
    order: Order,
) -> bytes:
    """Vertices with some properties replaced and some appended."""
    rows = rows.copy()
    for name, values in replaced.items():
        rows[name] = values
    kept = rows.view(np.uint8).reshape(len(rows), rows.dtype.itemsize)
    return np.concatenate((kept, _tails(added, len(rows), order)), axis=1).tobytes()


def _tails(added: Mapping[str, NDArray[Any]], count: int, order: Order) -> NDArray[np.uint8]:
    """Properties to append as bytes, uint8 (N, k)."""
    parts = [np.empty((count, 0), np.uint8)]
    for values in added.values():
        swapped = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder(order))
        parts.append(swapped.view(np.uint8).reshape(count, swapped.dtype.itemsize))
    return np.concatenate(parts, axis=1)


def _typed(name: str, values: NDArray[Any], kind: np.dtype[Any] | None) -> NDArray[Any]:
    """A column in its property's type, else in the nearest type PLY has."""
    if kind is None:
        float_type = "f4" if values.dtype.itemsize < 8 else "f8"
        nearest = {"b": "u1", "i": "i4", "u": "u4", "f": float_type}[values.dtype.kind]
        kind = values.dtype if values.dtype.str[1:] in TYPES else np.dtype(nearest)
        # PLY has no integers of 64 bits.
        if not np.array_equal(values.astype(kind), values) and values.dtype.kind in "iu":
            return values.astype(np.float64)
    return values.astype(kind) if values.dtype.kind == "f" else fit(values, kind, name)


def _property(name: str, kind: np.dtype[Any]) -> bytes:
    if not is_word(name):
        raise InputError(f"attribute {name!r} cannot be a PLY property; its name is not one word")
    return f"property {TYPES[kind.str[1:]][1]} {name}".encode()


def _new(cloud: PointCloud) -> bytes:
    columns = {name: _typed(name, values, None) for name, values in new_columns(cloud).items()}
    lines = (
        b"ply",
        b"format binary_little_endian 1.0",
        f"element vertex {len(cloud)}".encode(),
        *(_property(name, values.dtype) for name, values in columns.items()),
        b"end_header",
    )
    header = signed([line + b"\n" for line in lines], b"comment", cloud.labelled_by)
    return b"".join(header) + _rows(np.empty(len(cloud), []), {}, columns, "<")
