"""The header of PLY files: elements, their properties, and the bytes they take."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from volseg.errors import InputError

Order = Literal["=", "<", ">"]
# Names of the types; the second of each is what volseg writes.
TYPES = {
    "i1": ("int8", "char"), "u1": ("uint8", "uchar"), "i2": ("int16", "short"),
    "u2": ("uint16", "ushort"), "i4": ("int32", "int"), "u4": ("uint32", "uint"),
    "f4": ("float32", "float"), "f8": ("float64", "double"),
}  # fmt: skip
BY_NAME = {name: np.dtype(code) for code, names in TYPES.items() for name in names}
ORDERS: dict[str, Order] = {"ascii": "=", "binary_little_endian": "<", "binary_big_endian": ">"}


@dataclass
class Element:
    """One element of the header.

    Attributes:
        name: ``vertex``, ``face`` ...
        count: number of entries.
        fields: name and type of each property, a list's too.
        lengths: type of the length of each list property.
        last: header line of its last property.
    """

    name: str
    count: int
    fields: list[tuple[str, np.dtype[Any]]]
    lengths: dict[str, np.dtype[Any]]
    last: int


def parse_header(lines: list[bytes]) -> tuple[Order, list[Element]]:
    """Byte order, ``=`` for text, and elements of a header.

    Raises:
        InputError: at a line PLY does not know.
    """
    order: Order | None = None
    elements: list[Element] = []
    for number, line in enumerate(lines):
        words = line.decode("ascii", "replace").split()
        match words:
            case ["format", name, *_] if name in ORDERS:
                order = ORDERS[name]
            case ["element", name, count] if count.isdecimal() and len(count) < 20:
                elements.append(Element(name, int(count), [], {}, number))
            case ["property", "list", length, kind, name] if (
                elements and kind in BY_NAME and BY_NAME.get(length, np.dtype("f4")).kind in "iu"
            ):
                elements[-1].lengths[name] = BY_NAME[length]
                elements[-1].fields.append((name, BY_NAME[kind]))
                elements[-1].last = number
            case ["property", kind, name] if elements and kind in BY_NAME:
                elements[-1].fields.append((name, BY_NAME[kind]))
                elements[-1].last = number
            case [] | ["ply" | "comment" | "obj_info" | "end_header", *_]:
                pass
            case _:
                raise InputError(
                    f"has a header line {' '.join(words)[:60]!r} that PLY does not know"
                )
    if order is None:
        raise InputError("has no format line in its header; wanted 'format ascii 1.0' or a binary")
    return order, elements


def cut_off(element: Element, held: int) -> InputError:
    """The error of a file that ends within an element."""
    return InputError(
        f"is cut off: its header says {element.count:,} entries of {element.name!r}, it holds "
        f"{held:,}"
    )


def skip(data: bytes, start: int, element: Element, order: Order) -> int:
    """The position after the entries of an element that begin at ``start``.

    Raises:
        InputError: if they end beyond the data.
    """
    if not element.lengths:
        return start + element.count * sum(kind.itemsize for _, kind in element.fields)
    return deque(walk(data, start, element, order), maxlen=1).pop()


def walk(data: bytes, start: int, element: Element, order: Order) -> Iterator[int]:
    """Where every property of every entry begins, entry by entry, and where the last one ends.

    Raises:
        InputError: if an entry ends beyond the data.
    """
    lengths = [element.lengths.get(name) for name, _ in element.fields]
    layout = [
        (kind.itemsize, None if length is None else length.newbyteorder(order))
        for (_, kind), length in zip(element.fields, lengths, strict=True)
    ]
    for entry in range(element.count):
        for size, length in layout:
            yield start
            number = 1
            if length is not None:
                if start + length.itemsize > len(data):
                    raise cut_off(element, entry)
                number = int(np.frombuffer(data, length, 1, start)[0])
                if number < 0:
                    raise InputError(f"is damaged: a list of {element.name!r} has length {number}")
                start += length.itemsize
            start += number * size
        if start > len(data):
            raise cut_off(element, entry)
    yield start
