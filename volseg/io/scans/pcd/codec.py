"""PCD scans, text, binary and compressed: what volseg does not change stays as it was read."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.points import PointCloud
from volseg.io.atomic import write_files
from volseg.io.naming import naming
from volseg.io.scans.codec import ScanCodec
from volseg.io.scans.fields import RGB, additions, arrange, build_cloud, check_count, flatten
from volseg.io.scans.header_words import is_word, plain_names, signed, signer
from volseg.io.scans.labels import fit, new_labels
from volseg.io.scans.pcd import lzf
from volseg.io.scans.pcd.header import CODES, PADDING, Field, Header, parse_header, write_header
from volseg.io.scans.text import edit_rows

LABEL = "label"
# One number for three or four colours of eight bits, as PCL packs them.
PACKED = ("rgb", "rgba")
CHUNK = struct.Struct("<2I")


@dataclass(frozen=True)
class Pcd:
    """A file cut in three: header, points, and the rest.

    Attributes:
        header: what the header says.
        rows: the points, (N,) structured.
        text: the points as lines, or None where they are binary.
        after: what follows the points.
    """

    header: Header
    rows: NDArray[Any]
    text: list[str] | None
    after: bytes

    def cloud(self, label_field: str | None, *, strict: bool = True) -> PointCloud:
        """The points with every field; colours packed in a field are taken out of it.

        Args:
            label_field: the field of the labels, or None for the usual one.
            strict: whether a field so named has to hold labels.
        """
        names = [
            field.name for field in self.header.fields if field.name != PADDING and field.count
        ]
        table = {name: self.rows[name] for name in names}
        columns = arrange(names, label_field)
        cloud = build_cloud(table, columns if strict else replace(columns, named=False))
        attributes = dict(cloud.attributes)
        for name in PACKED:
            if name in attributes and "colour" not in attributes:
                attributes.update(_unpack(name, attributes, self.rows[name]))
        return replace(cloud, attributes=attributes)


def _unpack(
    name: str, attributes: dict[str, NDArray[Any]], packed: NDArray[Any]
) -> dict[str, NDArray[Any]]:
    """Colour, and with it alpha, in place of a field of four bytes a point."""
    if packed.dtype.itemsize != 4 or packed.ndim != 1:
        return {}
    channels = np.ascontiguousarray(packed).view(np.uint8).reshape(-1, 4)
    del attributes[name]
    colour = {"colour": channels[:, 2::-1].copy()}
    return colour if name == "rgb" else {**colour, "alpha": channels[:, 3].copy()}


class PcdCodec(ScanCodec):
    """Points of PCD."""

    one_word_names = True

    def read(self, path: Path, label_field: str | None) -> PointCloud:
        """Read the points with every field; see `volseg.io.read`."""
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
        return signer(path, b"#", b"DATA")


def parse(data: bytes) -> Pcd:
    """Cut a file in its parts, every size checked against its bytes.

    Raises:
        InputError: if the file is no PCD, damaged or cut off.
    """
    header = parse_header(data)
    start = sum(map(len, header.lines))
    if header.kind == "ascii":
        return _parse_text(header, data[start:])
    if header.kind == "binary":
        end = start + header.points * header.itemsize
        if end > len(data):
            raise _cut_off(header, (len(data) - start) // header.itemsize)
        rows = np.frombuffer(data, header.dtype(), header.points, start)
        return Pcd(header, rows, None, data[end:])
    return _parse_compressed(header, data[start:])


def _cut_off(header: Header, held: int) -> InputError:
    return InputError(f"is cut off: its header says {header.points:,} points, it holds {held:,}")


def _parse_compressed(header: Header, data: bytes) -> Pcd:
    """Points stored field by field, behind their sizes."""
    size = header.points * header.itemsize
    if size == 0 and len(data) < CHUNK.size:
        return Pcd(header, np.empty(0, header.dtype()), None, data)
    if len(data) < CHUNK.size:
        raise _cut_off(header, 0)
    packed, unpacked = CHUNK.unpack_from(data)
    end = CHUNK.size + packed
    if unpacked != size:
        raise InputError(
            f"is damaged: {header.points:,} points take {size:,} bytes, its data {unpacked:,}"
        )
    if end > len(data):
        raise InputError(
            f"is cut off: it should hold {packed:,} compressed bytes, it holds "
            f"{len(data) - CHUNK.size:,}"
        )
    columns = lzf.decompress(data[CHUNK.size : end], size)
    rows = np.empty(header.points, header.dtype())
    start = 0
    for name, field in zip(rows.dtype.names or (), header.fields, strict=True):
        if not field.count:
            continue
        values = np.frombuffer(columns, field.dtype, header.points * field.count, start)
        rows[name] = values.reshape(rows[name].shape)
        start += header.points * field.itemsize
    return Pcd(header, rows, None, data[end:])


def _parse_text(header: Header, data: bytes) -> Pcd:
    """Points as lines; coordinates are read with every digit they have."""
    text = data.decode("latin-1")
    count = header.points
    lines = text.split("\n", count) if count <= len(text) else text.split("\n")
    rows = lines[:count]
    held = sum(1 for row in rows if row.strip())
    if held < count:
        raise _cut_off(header, held)
    after = text[sum(map(len, rows)) + max(count - 1, 0) :]
    return Pcd(header, _numbers(rows, header), rows, after.encode("latin-1"))


def _numbers(rows: list[str], header: Header) -> NDArray[Any]:
    exact = [
        Field(field.name, np.dtype("f8"), field.count)
        if field.name.lower() in ("x", "y", "z") and field.dtype.kind == "f"
        else field
        for field in header.fields
        if field.count
    ]
    dtype = replace(header, fields=tuple(exact)).dtype()
    if not rows:
        return np.empty(0, dtype)
    try:
        return np.loadtxt(rows, dtype, comments=None, ndmin=1)
    except (ValueError, IndexError, OverflowError):
        number = sum(field.count for field in header.fields)
        raise InputError(
            f"has points that are not {number} numbers each of the types its header says"
        ) from None


def _labelled(pcd: Pcd, cloud: PointCloud) -> bytes:
    check_count(cloud, pcd.header.points)
    kinds = {field.name: field.dtype for field in pcd.header.fields}
    source = pcd.cloud(cloud.label_field if cloud.label_field in kinds else None, strict=False)
    new = additions(cloud, source.attributes)
    if cloud.labels is not None:
        new[source.label_field or cloud.label_field or LABEL] = cloud.labels
    new = {name: _typed(name, values, kinds.get(name)) for name, values in new.items()}
    replaced = {name: values for name, values in new.items() if name in kinds}
    added = {name: values for name, values in new.items() if name not in kinds}
    fields = [_field(name, values) for name, values in added.items()]
    header = replace(pcd.header, fields=(*pcd.header.fields, *fields))
    lines = b"".join(signed(pcd.header.extended(fields), b"#", cloud.labelled_by))
    if pcd.text is not None:
        return lines + _edited(pcd, replaced, added) + pcd.after
    rows = np.empty(header.points, header.dtype())
    for name in pcd.rows.dtype.names or ():
        rows[name] = pcd.rows[name]
    for name, values in new.items():
        rows[name] = values
    return lines + _body(rows, header.kind) + pcd.after


def _edited(
    pcd: Pcd, replaced: Mapping[str, NDArray[Any]], added: Mapping[str, NDArray[Any]]
) -> bytes:
    """The lines of text with some fields replaced and some appended."""
    names = [field.name for field in pcd.header.fields for _ in range(field.count)]
    places = {names.index(name): values for name, values in replaced.items()}
    tails = list(flatten(added).values())
    return "\n".join(edit_rows(pcd.text or [], places, tails, None)).encode("latin-1")


def _body(rows: NDArray[Any], kind: str) -> bytes:
    """Points as the file keeps them: one after the other, or field by field and compressed."""
    if kind == "binary":
        return rows.tobytes()
    columns = b"".join(rows[name].tobytes() for name in rows.dtype.names or ())
    packed = lzf.compress(columns)
    if len(columns) >= 1 << 32 or len(packed) >= 1 << 32:
        raise InputError("has more than the 4 GiB compressed PCD can hold; write to .ply instead")
    return CHUNK.pack(len(packed), len(columns)) + packed


def _typed(name: str, values: NDArray[Any], kind: np.dtype[Any] | None) -> NDArray[Any]:
    """A column in its field's type, else in the nearest type PCD has."""
    if values.dtype.kind not in "biuf":
        raise InputError(f"attribute {name!r} of type {values.dtype} cannot be written")
    if kind is None and name == LABEL and values.dtype == np.int64:
        kind = _label_type(values)
    if kind is None:
        code = {"?": "u1", "e": "f4", "g": "f8"}.get(values.dtype.char, values.dtype)
        kind = np.dtype(code).newbyteorder("<")
    return values.astype(kind) if values.dtype.kind == "f" else fit(values, kind, name)


def _label_type(labels: NDArray[np.int64]) -> np.dtype[Any]:
    """PCL's own type of labels, uint32, else the one that holds them."""
    lowest, highest = labels.min(initial=0), labels.max(initial=0)
    if lowest >= 0 and highest < 1 << 32:
        return np.dtype("<u4")
    return np.dtype("<i4" if lowest >= -(1 << 31) and highest < 1 << 31 else "<i8")


def _field(name: str, values: NDArray[Any]) -> Field:
    if not is_word(name):
        raise InputError(f"attribute {name!r} cannot be a PCD field; its name is not one word")
    dtype = values.dtype.newbyteorder("<")
    return Field(
        name, next(known for known in CODES if known == dtype), int(np.prod(values.shape[1:]))
    )


def _new(cloud: PointCloud) -> bytes:
    """Coordinates are float32 where those hold them, colours of eight bits packed as PCL does."""
    with np.errstate(over="ignore"):
        narrow = np.array_equal(cloud.xyz.astype(np.float32), cloud.xyz)
    columns: dict[str, NDArray[Any]] = {
        axis: cloud.xyz[:, i].astype("<f4" if narrow else "<f8") for i, axis in enumerate("xyz")
    }
    taken = {"x", "y", "z", LABEL} if cloud.labels is not None else {"x", "y", "z"}
    new = additions(cloud, ())
    names = plain_names(new)
    for name, values in ((names[name], values) for name, values in new.items()):
        if name == "colour" and values.shape[1:] == (3,):
            columns.update(_colours(values))
        else:
            columns[f"{name}_original" if name.lower() in taken else name] = values
    if cloud.labels is not None:
        columns[LABEL] = new_labels(cloud.labels)
    columns = {name: _typed(name, values, None) for name, values in columns.items()}
    fields = tuple(_field(name, values) for name, values in columns.items())
    header = Header((), fields, len(cloud), "binary")
    rows = np.empty(len(cloud), header.dtype())
    for name, values in columns.items():
        rows[name] = values.reshape(rows[name].shape)
    lines = write_header(fields, len(cloud)).splitlines(keepends=True)
    return b"".join(signed(lines, b"#", cloud.labelled_by)) + rows.tobytes()


def _colours(colour: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """One packed field where eight bits hold the colours, else three."""
    if colour.dtype.kind not in "iu" or colour.min(initial=0) < 0 or colour.max(initial=0) > 255:
        return dict(zip(RGB, colour.T, strict=True))
    channels = np.zeros((len(colour), 4), np.uint8)
    channels[:, 2::-1] = colour
    return {"rgb": channels.view("<f4").reshape(len(colour))}
