"""Vertices of PLY files that hold lists, as photogrammetry's views of a point: rows of any length.

Lists are kept as they are; the other properties are read, replaced and appended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.io.scans.ply.header import Element, Order, walk
from volseg.io.scans.text import edit_rows


def without_lists(element: Element) -> Element:
    """The element's properties that are one value each."""
    fields = [field for field in element.fields if field[0] not in element.lengths]
    return replace(element, fields=fields, lengths={})


@dataclass(frozen=True, eq=False)
class ListRows:
    """Binary vertices with lists.

    Attributes:
        data: bytes of all vertices, uint8.
        places: where each property of each vertex begins, and its end, int64 (N, F + 1).
        element: the vertex element.
        order: byte order of the numbers.
    """

    data: NDArray[np.uint8]
    places: NDArray[np.int64]
    element: Element
    order: Order

    @classmethod
    def of(cls, data: bytes, start: int, element: Element, order: Order) -> ListRows:
        """The vertices that begin at ``start``.

        Raises:
            InputError: if they end beyond the data.
        """
        places = np.fromiter(walk(data, start, element, order), np.int64)
        begins = places[:-1].reshape(element.count, len(element.fields))
        ends = np.append(begins[:, 0], places[-1])[1:, None]
        rows = np.frombuffer(data, np.uint8, int(places[-1]) - start, start)
        return cls(rows, np.concatenate((begins, ends), axis=1) - start, element, order)

    def columns(self) -> dict[str, NDArray[Any]]:
        """The properties that are one value each, (N,)."""
        return {
            name: self.data[self._bytes_of(name, kind)].view(kind.newbyteorder(self.order))[:, 0]
            for name, kind in without_lists(self.element).fields
        }

    def _bytes_of(self, name: str, kind: np.dtype[Any]) -> NDArray[np.int64]:
        """Which bytes a property is, (N, itemsize)."""
        column = [field for field, _ in self.element.fields].index(name)
        return np.asarray(self.places[:, column, None] + np.arange(kind.itemsize))

    def edited(
        self, replaced: Mapping[str, NDArray[Any]], tails: NDArray[np.uint8]
    ) -> NDArray[np.uint8]:
        """The bytes with properties replaced, and with ``tails`` (N, k) behind each vertex."""
        data, kinds = self.data.copy(), dict(self.element.fields)
        for name, values in replaced.items():
            stored = np.ascontiguousarray(values, kinds[name].newbyteorder(self.order))
            data[self._bytes_of(name, kinds[name])] = stored.view(np.uint8).reshape(len(values), -1)
        count, width = tails.shape
        vertex = np.repeat(np.arange(count), self.places[:, -1] - self.places[:, 0])
        longer = np.empty(len(data) + tails.size, np.uint8)
        longer[np.arange(len(data)) + width * vertex] = data
        ends = self.places[:, -1] + width * np.arange(count)
        longer[ends[:, None] + np.arange(width)] = tails
        return longer


def text_places(rows: Sequence[str], element: Element) -> NDArray[np.int64]:
    """Which word of its line each property of each vertex is, int64 (N, F); of a list its length.

    Raises:
        InputError: at a line of too few words.
    """
    names = [name for name, _ in element.fields]
    places = np.empty((len(rows), len(names)), np.int64)
    for number, row in enumerate(rows):
        places[number] = [*_words_of(row.split(), names, element)]
    return places


def _words_of(words: list[str], names: Sequence[str], element: Element) -> Iterator[int]:
    place = 0
    for name in names:
        yield place
        held = words[place] if place < len(words) else ""
        if name in element.lengths:
            place += int(held) if held.isdecimal() else len(words)
        place += 1
    if place != len(words):
        raise InputError(
            f"has a vertex {' '.join(words)[:60]!r} that is not as many numbers as its header says"
        )


def text_without_lists(rows: Sequence[str], element: Element) -> list[str]:
    """The lines with those words alone that are no list's."""
    kept = [name not in element.lengths for name, _ in element.fields]
    places = text_places(rows, element)[:, kept]
    words = (row.split() for row in rows)
    return [" ".join(map(row.__getitem__, where)) for row, where in zip(words, places, strict=True)]


def edit_text(
    rows: Sequence[str],
    element: Element,
    replaced: Mapping[str, NDArray[Any]],
    added: Sequence[NDArray[Any]],
) -> list[str]:
    """As `io.scans.text.edit_rows`, for vertices whose lists put properties at other places."""
    places, lines = text_places(rows, element), np.array(rows, dtype=object)
    names = [name for name, _ in element.fields]
    for name, values in replaced.items():
        column = places[:, names.index(name)]
        for place in np.unique(column).tolist():
            here = column == place
            lines[here] = edit_rows(lines[here].tolist(), {place: values[here]}, [], None)
    return edit_rows(lines.tolist(), {}, added, None)
