"""Extra dimensions: bytes added to every point record of a LAS file, and their description."""

from __future__ import annotations

import struct
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.io.scans.header_words import NAME_BYTES, names_within, to_bytes
from volseg.io.scans.las.file import RECORD_SIZES, Prefix, Vlr

EXTRA_BYTES = (b"LASF_Spec", 4)
# Data types of extra dimensions, from 1 on; 0 is undocumented bytes.
EXTRA_TYPES = tuple(
    np.dtype(name) for name in ("u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f4", "f8")
)


def extend(
    prefix: Prefix, records: NDArray[np.uint8], columns: Mapping[str, NDArray[Any]]
) -> tuple[Prefix, NDArray[np.uint8]]:
    """Append extra dimensions to records, and describe them in the header.

    Args:
        prefix: the header.
        records: point records, uint8 (N, length).
        columns: the new dimensions, (N,) each.

    Names longer than LAS holds are cut, and stay different.
    """
    if not columns:
        return prefix, records
    place, body = next(
        ((i, vlr.body) for i, vlr in enumerate(prefix.vlrs) if vlr.key == EXTRA_BYTES), (None, b"")
    )
    extra = prefix.record_length - RECORD_SIZES[prefix.format_id]
    body = body[: len(body) // 192 * 192] if extra else b""
    # Descriptions count from the end of the standard fields, so nothing before may be silent.
    silent = extra - sum(_described(body[i : i + 192]) for i in range(0, len(body), 192))
    body += _undocumented("ExtraBytes", silent)
    parts = [records]
    names = names_within(columns, NAME_BYTES, [name for name, _ in descriptions(prefix)])
    for name, values in columns.items():
        values = _storable(values)
        body += _description(names[name], EXTRA_TYPES.index(values.dtype) + 1, 0)
        parts.append(values.view(np.uint8).reshape(len(values), values.dtype.itemsize))
    vlrs = list(prefix.vlrs)
    if place is None:
        vlrs.append(Vlr.new(EXTRA_BYTES, body))
    else:
        vlrs[place] = vlrs[place].with_body(body)
    records = np.concatenate(parts, axis=1)
    return replace(prefix, vlrs=tuple(vlrs)).with_field("H", 105, records.shape[1]), records


def remove(
    prefix: Prefix, records: NDArray[np.uint8], names: Collection[str]
) -> tuple[Prefix, NDArray[np.uint8]]:
    """Take away extra dimensions, of each name the first that is described.

    Args:
        prefix: the header.
        records: point records, uint8 (N, length).
        names: of the dimensions.
    """
    left = set(names)
    place, body = next((i, vlr.body) for i, vlr in enumerate(prefix.vlrs) if vlr.key == EXTRA_BYTES)
    kept, columns = [], list(range(RECORD_SIZES[prefix.format_id]))
    start = len(columns)
    for number in range(len(body) // 192):
        block = body[192 * number : 192 * (number + 1)]
        end, name = start + _described(block), _shown(block[4:36].split(b"\0")[0])
        if name in left:
            left.remove(name)
        else:
            kept.append(block)
            columns += range(start, end)
        start = end
    columns += range(start, records.shape[1])
    vlrs = list(prefix.vlrs)
    vlrs[place : place + 1] = [vlrs[place].with_body(b"".join(kept))] if kept else []
    prefix = replace(prefix, vlrs=tuple(vlrs)).with_field("H", 105, len(columns))
    return prefix, np.ascontiguousarray(records[:, columns])


def descriptions(prefix: Prefix) -> list[tuple[str, bytes]]:
    """Name and description of every extra dimension, for laspy: in runs of 7 bytes at most.

    Names are in any encoding; they come as well as they can be shown.
    """
    body = next((vlr.body for vlr in prefix.vlrs if vlr.key == EXTRA_BYTES), b"")
    described = []
    for i in range(0, len(body) // 192 * 192, 192):
        block = body[i : i + 192]
        name = _shown(block[4:36].split(b"\0")[0])
        if block[2] != 0:
            described.append((name, block))
            continue
        lengths = [min(7, block[3] - start) for start in range(0, block[3], 7)]
        for number, length in enumerate(lengths):
            run = f"{name}_{number}" if name and number else name
            described.append((run, _description("", 0, length)))
    return described


def _shown(name: bytes) -> str:
    try:
        text = name.decode()
    except UnicodeDecodeError:
        text = name.decode("cp1252", "replace")
    return "".join(character if character.isprintable() else "?" for character in text).strip()


def _undocumented(name: str, count: int) -> bytes:
    """Descriptions of bytes without a type, in runs that leave laspy's flags of a run unset."""
    runs = range(0, count, 7)
    names = [name + (f"_{i}" if i else "") for i in range(len(runs))]
    return b"".join(
        _description(name, 0, min(7, count - start))
        for name, start in zip(names, runs, strict=True)
    )


def _storable(values: NDArray[Any]) -> NDArray[Any]:
    """A column in a type extra dimensions have."""
    dtype = {"?": "u1", "e": "f4"}.get(values.dtype.char, values.dtype)
    return np.ascontiguousarray(values, dtype=np.dtype(dtype).newbyteorder("<"))


def _described(block: bytes) -> int:
    """Bytes of a point one description covers."""
    kind, options = block[2], block[3]
    return options if kind == 0 else EXTRA_TYPES[(kind - 1) % 10].itemsize * ((kind - 1) // 10 + 1)


def _description(name: str, kind: int, options: int) -> bytes:
    return struct.pack("<2xBB32s4x", kind, options, to_bytes(name)).ljust(192, b"\0")
