"""Classes: their names, colours, and ids in files and in training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError

IGNORE = -1
"""Training id of points whose truth is unknown: they count nowhere."""

# Okabe & Ito's palette, told apart by colour-blind readers, for classes without a colour.
PALETTE = (
    "#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7", "#999999",
)  # fmt: skip
IGNORED_COLOUR = "#4D4D4D"


@dataclass(frozen=True)
class LabelClass:
    """One class: its name, the raw ids that mean it, its colour as ``#RRGGBB``.

    The first id is the one predictions are written with.
    """

    name: str
    ids: tuple[int, ...]
    colour: str


@dataclass(frozen=True)
class LabelMap:
    """Raw ids of files to training ids ``0 ... K-1``, and back.

    Attributes:
        classes: the classes in training order.
        ignore: raw ids that count nowhere; they train as `IGNORE`.

    Raises:
        InputError: if there is no class, or a name or an id stands twice.
    """

    classes: tuple[LabelClass, ...]
    ignore: tuple[int, ...] = ()
    _lookup: dict[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.classes:
            raise InputError("the label map has no class; wanted at least one")
        lookup = dict.fromkeys(self.ignore, IGNORE)
        names: set[str] = set()
        for train_id, entry in enumerate(self.classes):
            if entry.name in names:
                raise InputError(f"class {entry.name!r} stands twice in the label map")
            names.add(entry.name)
            for raw in entry.ids:
                if raw in lookup:
                    raise InputError(f"id {raw} stands twice in the label map; wanted one class")
                lookup[raw] = train_id
        object.__setattr__(self, "_lookup", lookup)

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def names(self) -> tuple[str, ...]:
        """Class names in training order."""
        return tuple(entry.name for entry in self.classes)

    @property
    def colours(self) -> NDArray[np.uint8]:
        """Class colours in training order, uint8 (K, 3)."""
        return np.array([rgb(entry.colour) for entry in self.classes], dtype=np.uint8)

    def encode(self, raw: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Raw ids to training ids, int64 of the same shape.

        Raises:
            InputError: if an id is neither a class nor ignored.
        """
        found, inverse = np.unique(raw, return_inverse=True)
        unknown = [int(value) for value in found if int(value) not in self._lookup]
        if unknown:
            many = int(np.isin(raw, unknown).sum())
            shown = ", ".join(map(str, unknown[:8])) + (", ..." if len(unknown) > 8 else "")
            raise InputError(
                f"class id {shown} ({many:,} points) is not in the label map "
                f"({', '.join(map(str, sorted(self._lookup)))}); add it to a class or to 'ignore'"
            )
        table = np.array([self._lookup[int(value)] for value in found], dtype=np.int64)
        return np.asarray(table[inverse].reshape(np.shape(raw)), dtype=np.int64)

    def decode(self, train: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Training ids to the raw ids predictions are written with, int64, same shape."""
        written = np.array([entry.ids[0] for entry in self.classes], dtype=np.int64)
        return np.asarray(written[train], dtype=np.int64)


def rgb(colour: str) -> tuple[int, int, int]:
    """``#RRGGBB`` as three numbers from 0 to 255."""
    text = colour.removeprefix("#")
    try:
        if len(text) != 6:
            raise ValueError
        red, green, blue = bytes.fromhex(text)
    except ValueError:
        raise InputError(f"colour {colour!r} is not of the form #RRGGBB") from None
    return red, green, blue
