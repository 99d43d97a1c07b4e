"""What scans are like, and what a model has learnt of that: densities, heights, attributes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from volseg.data.scans.columns import HALF, cells_of, keys_of, places_of
from volseg.errors import InputError
from volseg.geometry.ground.ground import Ground
from volseg.geometry.ground.layers import CELL

COLUMN = np.dtype([("key", "<i8"), ("points", "<i8"), ("top", "<f8")])
"""A column of `CELL`, its points, and the height of the highest in metres."""

FEW = 4
"""Columns are doubled until those with points have so many on average."""

HIGH = 99
"""The percentile of the heights of columns that is a scan's height: birds and masts are higher."""

SPARSEST = 1 / CELL**2
"""Points a square metre in a thinned crop that still show something: one a column."""

MARGIN = 2.0
"""So many times beyond what was learnt is near enough."""

Columns = NDArray[np.void]


@dataclass(frozen=True)
class Range:
    """What a scan is like, or all scans that a model has learnt from.

    Attributes:
        density: least and largest number of points a square metre where there are any.
        height: metres over the ground that hardly anything rises above; None if not known.
        present: attributes of the file, of those features ask for, that some scan has.
        absent: those that some scan lacks, or has nothing but zeros in.
    """

    density: tuple[float, float]
    height: float | None = None
    present: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None, path: Path | None = None) -> Self | None:
        """A range of what `dataclasses.asdict` made of one, as it lies in files; None of none.

        Raises:
            InputError: if it is none.
        """
        if kept is None:
            return None
        try:
            return cls(
                (float(kept["density"][0]), float(kept["density"][1])),
                None if kept["height"] is None else float(kept["height"]),
                tuple(map(str, kept["present"])),
                tuple(map(str, kept["absent"])),
            )
        except (KeyError, IndexError, TypeError, ValueError):
            text = "its header holds a range that cannot be read; train the model anew"
            raise InputError(text, path=path) from None

    def __str__(self) -> str:
        """Densities and heights, in words."""
        low, high = map(_short, self.density)
        height = "" if self.height is None else f", up to {_short(self.height)} m over the ground"
        return f"{low} to {high} points a square metre{height}"

    def widened(self, *, drop: float, mixed: bool, forgotten: Sequence[str]) -> Range:
        """What a network sees of such scans, see `volseg.data.scans.augment`.

        Args:
            drop: up to this share of points is left out.
            mixed: whether crops are laid over each other, twice as dense.
            forgotten: attributes that crops lack now and then.
        """
        low, high = self.density
        low = min(low, max(low * (1 - drop), SPARSEST))
        absent = tuple(sorted({*self.absent, *forgotten}))
        return replace(self, density=(low, high * (2 if mixed else 1)), absent=absent)

    def beyond(self, scan: Range, *, tta: bool = False) -> str | None:
        """In what a scan is beyond this, and what follows, on one line; None where it is not."""
        (low, high), (found, _) = self.density, scan.density
        learnt = f"the model learnt from {_short(low)} to {_short(high)}"
        said = []
        if not low / MARGIN <= found <= high * MARGIN:
            follows = "expect objects to be missed" if found < low else "expect more mistakes"
            said.append(f"{_short(found)} points a square metre, {learnt}: {follows}")
        if self.height and scan.height and scan.height > self.height * MARGIN:
            said.append(
                f"{_short(scan.height)} m over the ground, the model learnt up to "
                f"{_short(self.height)}: expect what is high to be mistaken"
            )
        for here, there, sort in (
            (scan.present, self.present, "with"),
            (scan.absent, self.absent, "without"),
        ):
            names = ", ".join(one.replace("_", " ") for one in here if one not in there)
            if names:
                said.append(f"the model learnt from no scan {sort} {names}: expect more mistakes")
        return "; ".join([*said, *["tta does not help there"] * tta]) if said else None


def union(ranges: Sequence[Range]) -> Range | None:
    """What several scans together are like; None of none."""
    if not ranges:
        return None
    heights = [one.height for one in ranges if one.height is not None]
    return Range(
        (min(one.density[0] for one in ranges), max(one.density[1] for one in ranges)),
        max(heights, default=None),
        tuple(sorted({name for one in ranges for name in one.present})),
        tuple(sorted({name for one in ranges for name in one.absent})),
    )


def columns_of(metres: NDArray[np.float64]) -> Columns:
    """The columns that hold points, float64 (N, 3) in metres: (M,) of `COLUMN`, sorted.

    Raises:
        InputError: if points lie too far out for them.
    """
    columns = np.ones(len(metres), dtype=COLUMN)
    columns["key"], columns["top"] = keys_of(*cells_of(metres, CELL).T), metres[:, 2]
    return merge([columns])


def merge(parts: Sequence[Columns]) -> Columns:
    """The columns of all parts of a scan together, each once."""
    columns = np.concatenate((np.empty(0, dtype=COLUMN), *parts))
    columns = columns[np.argsort(columns["key"], kind="stable")]
    first = np.flatnonzero(np.diff(columns["key"], prepend=columns["key"][:1] - 1))
    merged = columns[first]
    if len(first):
        merged["points"] = np.add.reduceat(columns["points"], first)
        merged["top"] = np.maximum.reduceat(columns["top"], first)
    return merged


def measure(columns: Columns, ground: Ground | None, attributes: Mapping[str, bool]) -> Range:
    """What a scan is like: its columns, its ground, and which attributes have any value."""
    density, height = _density(columns), None
    if ground is not None:
        middles = (np.stack(places_of(columns["key"]), axis=1) + 0.5) * CELL
        metres = np.column_stack((middles, columns["top"]))
        height = float(np.percentile(columns["top"] - ground.under(metres), HIGH))
    present = tuple(sorted(name for name, there in attributes.items() if there))
    absent = tuple(sorted(attributes.keys() - {*present}))
    return Range((density, density), height, present, absent)


def _density(columns: Columns) -> float:
    """Points a square metre of columns with points, wide enough not to be there by chance."""
    points, edge = int(columns["points"].sum()), CELL
    cells = np.stack(places_of(columns["key"]), axis=1)
    cells -= cells.min(axis=0, initial=HALF)  # so that one column holds all in the end
    while points < FEW * len(cells) and len(cells) > 1:
        keys = np.unique(keys_of(*(cells >> 1).T))
        cells, edge = np.stack(places_of(keys), axis=1), 2 * edge
    return float(points / (max(1, len(cells)) * edge**2))


def _short(value: float) -> str:
    """Two digits."""
    return f"{float(f'{value:.2g}'):,.10g}"
