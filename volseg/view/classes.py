"""The classes of a scene, as its legend lists them, and which of them every point is of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.colours import IGNORED_COLOUR, rgb
from volseg.geometry.labels import IGNORE, UNKNOWN, LabelMap
from volseg.view.legend import Entry
from volseg.view.palette import id_class

IGNORED = rgb(IGNORED_COLOUR)
BLOCK = 2**22


@dataclass(frozen=True, eq=False)
class Classes:
    """Raw ids and what they mean.

    Attributes:
        title: what the legend is headed.
        entries: names and colours; the ids of one class share one.
        ids: int64 (n,), every raw id there is, ascending.
        places: int64 (n,), the entry of each id.
        background: entries that are nothing to look at in a volume.
        ignored: entries whose truth is unknown.
    """

    title: str
    entries: tuple[Entry, ...]
    ids: NDArray[np.int64]
    places: NDArray[np.int64]
    background: frozenset[int] = frozenset()
    ignored: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls, arrays: Iterable[NDArray[np.integer[Any]]], labels: LabelMap | None, asprs: bool
    ) -> Classes:
        """The classes of some arrays of raw ids.

        Args:
            arrays: predicted and true ids, of any shape.
            labels: names and colours; without it an id is a class.
            asprs: whether ids without a label map are LAS's classification.

        Raises:
            InputError: if ``labels`` lacks an id.
        """
        found = [ids_of(array) for array in arrays]
        ids = np.unique(np.concatenate([np.zeros(0, np.int64), *found]))
        return _mapped(ids, labels) if labels is not None else _numbered(ids, asprs)

    @property
    def colours(self) -> NDArray[np.uint8]:
        """Colours of the entries, uint8 (n, 3)."""
        return np.array([entry.colour for entry in self.entries], dtype=np.uint8).reshape(-1, 3)

    def codes(self, raw: NDArray[np.integer[Any]]) -> NDArray[np.intp]:
        """The entry of every raw id, of the same shape."""
        return np.asarray(self.places[np.searchsorted(self.ids, raw)], dtype=np.intp)

    def name(self, raw: int) -> str:
        """What one raw id means."""
        return self.entries[int(self.codes(np.array(raw)))].name


def ids_of(array: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
    """Every value there is, ascending; block by block, since sorting makes copies."""
    flat = array.reshape(-1)
    parts = [np.unique(flat[start : start + BLOCK]) for start in range(0, len(flat), BLOCK)]
    return np.concatenate([np.zeros(0, np.int64), *parts]).astype(np.int64)


def _mapped(ids: NDArray[np.int64], labels: LabelMap) -> Classes:
    encoded = labels.encode(ids)
    if labels.overlap:  # the last region an id is in, as predictions are written
        regions = np.arange(len(labels))[:, None]
        encoded = np.where(encoded == 1, regions, -2).max(axis=0)
        encoded = np.where(labels.encode(ids)[0] == IGNORE, IGNORE, encoded)
    entries = [Entry(one.name, rgb(one.colour)) for one in labels.classes]
    places, background = encoded.copy(), set(range(labels.first))
    ignored: set[int] = set()
    for code, name in ((IGNORE, "ignored"), (-2, "background")):
        if (encoded == code).any():
            places[encoded == code] = len(entries)
            (ignored if code == IGNORE else background).add(len(entries))
            entries.append(Entry(name, IGNORED))
    return Classes("class", tuple(entries), ids, places, frozenset(background), frozenset(ignored))


def _numbered(ids: NDArray[np.int64], asprs: bool) -> Classes:
    classes = [id_class(value, asprs=asprs) for value in ids.tolist()]
    entries = tuple(
        Entry("unknown" if UNKNOWN in entry.ids else entry.name, rgb(entry.colour))
        for entry in classes
    )
    background, unknown = (
        frozenset(np.flatnonzero(ids == value).tolist()) for value in (0, UNKNOWN)
    )
    title = "classification (ASPRS)" if asprs else "class id"
    return Classes(title, entries, ids, np.arange(len(ids)), background, unknown)
