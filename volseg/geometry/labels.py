"""Classes: their names, colours, and ids in files and in training."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.colours import default_colour, rgb
from volseg.geometry.label_class import Grouping, LabelClass, VoteAxes
from volseg.geometry.points import GROUND, NOISE

__all__ = ["IGNORE", "UNKNOWN", "Grouping", "LabelClass", "LabelMap", "VoteAxes", "percent"]

IGNORE = -1
"""Training id of points whose truth is unknown: they count nowhere."""
UNKNOWN = int(np.iinfo(np.int64).min)
"""Raw id of points whose file says NaN for a class: it trains as `IGNORE` in every label map."""


@dataclass(frozen=True)
class LabelMap:
    """Raw ids of files to training ids ``0 ... K-1``, and back.

    With ``overlap`` the classes are regions: they may share ids, and the truth of a cell is one
    flag a class instead of one id.

    Attributes:
        classes: the classes in training order.
        ignore: raw ids that count nowhere; they train as `IGNORE`.
        overlap: whether classes may share ids.
        background: raw ids in no region; only with ``overlap``. The first, or 0, is written
            where no region is.
        rest: the training id of every raw id that stands nowhere, which may be `IGNORE`; None
            where there must be none. Not with ``overlap``.

    Raises:
        InputError: if there is no class, a name or an id stands twice, or a region is a thing.
    """

    classes: tuple[LabelClass, ...]
    ignore: tuple[int, ...] = ()
    overlap: bool = False
    background: tuple[int, ...] = ()
    rest: int | None = None
    _table: dict[int, tuple[int, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.classes:
            raise InputError("the label map has no class; wanted at least one")
        if self.background and not self.overlap:
            raise InputError("'background' goes with 'overlap'; make background a class instead")
        if self.overlap and self.rest is not None:
            raise InputError("'rest' does not go with 'overlap'; name the ids")
        if self.overlap and self.things:
            names = ", ".join(self.classes[k].name for k in self.things)
            raise InputError(
                f"regions ('overlap') have no objects, and {names} should; leave 'thing' and "
                "'grouping' out, or make classes that exclude each other"
            )
        table: dict[int, list[int]] = {raw: [IGNORE] for raw in self.ignore}
        table |= {raw: [] for raw in self.background}
        fixed = set(table)
        taken: set[str] = set()
        for train_id, entry in enumerate(self.classes):
            if entry.name in taken:
                raise InputError(f"class {entry.name!r} stands twice in the label map")
            taken.add(entry.name)
            for raw in entry.ids:
                holders = table.setdefault(raw, [])
                if raw in fixed or (holders and (not self.overlap or train_id in holders)):
                    raise InputError(f"id {raw} stands twice in the label map; wanted one class")
                holders.append(train_id)
        if self.overlap:
            table.setdefault(0, [])
        if self.overlap and table[self.nothing]:
            raise InputError(
                "id 0 is written where no region is, and means something else in the label map; "
                "name another id as 'background'"
            )
        object.__setattr__(self, "_table", {raw: tuple(ids) for raw, ids in table.items()})

    @classmethod
    def of(
        cls,
        classes: Mapping[str, Sequence[int]],
        colours: Sequence[str] | None = None,
        *,
        ignore: Sequence[int] = (),
        overlap: bool = False,
        background: Sequence[int] = (),
    ) -> LabelMap:
        """The map of classes by name, each with its raw ids.

        Args:
            classes: names in training order, and the ids of each.
            colours: one a class, ``#RRGGBB``; by default those of `default_colour`.
            ignore: as in the attributes.
            overlap: as in the attributes.
            background: as in the attributes.

        Raises:
            InputError: as the class.

        Example:
            >>> LabelMap.of({"ground": [2], "tree": [3, 4, 5]}).encode(np.array([5, 2]))
            array([1, 0])
        """
        if colours is None:
            colours = [default_colour(number) for number in range(len(classes))]
        entries = tuple(
            LabelClass(name, tuple(ids), colour)
            for (name, ids), colour in zip(classes.items(), colours, strict=True)
        )
        return cls(entries, tuple(ignore), overlap, tuple(background))

    @classmethod
    def of_ids(cls, ids: Iterable[int]) -> LabelMap:
        """The map in which every raw id but `UNKNOWN` is a class, called by its number."""
        return cls.of({str(value): (value,) for value in sorted({*ids} - {UNKNOWN})})

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

    @property
    def things(self) -> tuple[int, ...]:
        """Training ids of the classes whose objects are counted one by one."""
        return tuple(k for k, entry in enumerate(self.classes) if entry.thing)

    @property
    def learns_objects(self) -> bool:
        """Whether a network must learn to tell objects apart: components need classes alone."""
        return any(entry.grouping in ("centre", "border") for entry in self.classes)

    @property
    def first(self) -> int:
        """Training id of the first class that is no background.

        Of several classes that exclude each other the first is background.
        """
        return 0 if self.overlap or len(self) == 1 else 1

    @property
    def has_noise(self) -> bool:
        """Whether a class is noise: by its name, or by an id that LAS has for noise."""
        return any(
            "noise" in entry.name.lower() or not set(NOISE).isdisjoint(entry.ids)
            for entry in self.classes
        )

    @property
    def ground(self) -> int:
        """The raw id of the class that is called ground, or has the id that LAS has for it.

        Raises:
            InputError: if there is none.
        """
        for entry in self.classes:
            if entry.name.lower() == "ground" or GROUND in entry.ids:
                return entry.ids[0]
        names = ", ".join(self.names)
        raise InputError(f"no class is called ground, or has id {GROUND}: {names}")

    @property
    def unclassified(self) -> int:
        """The raw id of cells that get no class: what this map ignores, or 0."""
        return min(self.ignore, default=0)

    @property
    def nothing(self) -> int:
        """The raw id of background: that of class 0, or of what is in no region."""
        if self.overlap:
            return self.background[0] if self.background else 0
        return self.classes[0].ids[0]

    def encode(self, raw: NDArray[np.integer[Any]]) -> NDArray[np.int64]:
        """Raw ids to training ids, int64 of the same shape.

        With ``overlap``, int64 flags (K, *shape) instead: 1 where a cell is in the region, 0
        where not, `IGNORE` where its truth is unknown.

        Raises:
            InputError: if an id is neither a class nor ignored, and there is no ``rest``.
        """
        ids, inverse = np.unique(raw, return_inverse=True)
        if self.rest is None:
            self._check_known(raw, ids)
        inverse = inverse.reshape(np.shape(raw))
        rest = () if self.rest is None else (self.rest,)
        held = [
            (IGNORE,) if value == UNKNOWN else self._table.get(int(value), rest) for value in ids
        ]
        if not self.overlap:
            table = np.array([ids[0] for ids in held], dtype=np.int64)
            return np.asarray(table[inverse], dtype=np.int64)
        flags = np.array(
            [[IGNORE if IGNORE in ids else k in ids for ids in held] for k in range(len(self))],
            dtype=np.int64,
        )
        return np.asarray(flags.reshape(len(self), -1)[:, inverse], dtype=np.int64)

    def _check_known(self, raw: NDArray[Any], ids: NDArray[Any]) -> None:
        known = self._table.keys() | {UNKNOWN}
        unknown = [int(value) for value in ids if int(value) not in known]
        if unknown:
            cells = int(np.isin(raw, unknown).sum())
            shown = ", ".join(map(str, unknown[:8])) + (", ..." if len(unknown) > 8 else "")
            raise InputError(
                f"class id {shown} ({cells:,} times) is not in the label map "
                f"({', '.join(map(str, sorted(self._table)))}); add it to a class or to 'ignore', "
                "where 'rest' stands for all others"
            )

    def decode(self, train: NDArray[Any]) -> NDArray[np.int64]:
        """Training ids to the raw ids predictions are written with, int64, same shape.

        `IGNORE` is written as `unclassified`.

        With ``overlap``, flags (K, *shape) to ids (*shape): that of the last region a cell is in.
        """
        written = np.array([entry.ids[0] for entry in self.classes], dtype=np.int64)
        if not self.overlap:
            return np.asarray(np.append(written, self.unclassified)[train], dtype=np.int64)
        ids = np.full(train.shape[1:], self.nothing, np.int64)
        for raw, flags in zip(written, train, strict=True):
            ids[flags > 0] = raw
        return ids


def percent(share: float) -> str:
    """A class's share of all cells with one decimal, and never `0.0%` of something: `0.052%`."""
    decimals = 1 if share <= 0 or share >= 0.01 else 1 - math.floor(math.log10(100 * share))
    return f"{share:.{max(1, decimals)}%}"
