"""Sorted unique keys, and the way back to every one of them.

Keys are sorted sixteen bits at a time, from the lowest: NumPy counts such narrow digits, where it
compares wider ones, and is many times faster. Where several cores sort, or more keys than a cache
holds, keys are first cut into ranges. What is unique in its range is unique among all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.blocks import BLOCK, blocks, side_by_side, threads

Int64s = NDArray[np.int64]
T = TypeVar("T", bound=np.generic)
KEY_BITS = 63
# Keys that are sorted at once, at most.
SORTED = 8 * BLOCK
# Ranges that keys are cut into at a time, and keys from which their limits are taken.
RANGES, SAMPLE = 16, 4096
# Of a place within its range; above stands the range's number.
PLACE_BITS = 48


class Unique(NamedTuple):
    """Keys sorted and without repetition.

    Attributes:
        keys: every key once, sorted, int64 (M,).
        inverse: int64 (N,), the place of every given key among them.
        counts: int64 (M,), how often each key was given.
    """

    keys: Int64s
    inverse: Int64s
    counts: Int64s


def unique(keys_of: Callable[[slice], Int64s], count: int, bits: int) -> Unique:
    """Unique keys of an array that is made a block at a time.

    Args:
        keys_of: makes the keys of some rows, 0 to ``2**bits - 1``.
        count: number of rows, N.
        bits: of a key, at most 63.
    """
    keys = np.empty(count, dtype=np.int64)

    def fill(rows: slice) -> None:
        keys[rows] = keys_of(rows)

    side_by_side(fill, blocks(count))
    # Cutting costs a fifth of sorting: less than a second core saves, if there is enough to do.
    # Several ranges a core, as all that are sorted at once need memory.
    several = threads() > 1 and count > 2 * BLOCK
    return _unique(keys, bits, 4 * threads() if several else 1)


def _unique(keys: Int64s, bits: int, ranges: int) -> Unique:
    """`Unique` of keys of so many bits, cut into so many ranges or more; uses up ``keys``."""
    ranges = min(RANGES, max(ranges, -(-len(keys) // SORTED)))
    starts = _starts(keys, ranges)
    if len(starts) == 1:
        return _sort(keys, bits)

    ends = [start - 1 for start in starts[1:]] + [2**bits - 1]

    def reduce(number: int) -> tuple[Int64s, Int64s]:
        first, last = starts[number], ends[number]
        # In this order: a key of a later range may become one below 0 between the two.
        inside = keys <= last
        inside &= keys >= first
        rows = np.flatnonzero(inside)
        own = _taken(keys, rows)
        own -= first
        found = _unique(own, (last - first).bit_length(), 1)
        # What is below 0 is no key of another range.
        keys[rows] = ~(found.inverse | number << PLACE_BITS)
        return found.keys + first, found.counts

    parts = side_by_side(reduce, range(len(starts)))
    firsts = np.cumsum([0] + [len(own) for own, _ in parts])

    def deliver(rows: slice) -> None:
        places = ~keys[rows]
        keys[rows] = firsts[places >> PLACE_BITS]
        places &= (1 << PLACE_BITS) - 1
        keys[rows] += places

    side_by_side(deliver, blocks(len(keys)))
    uniques, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Unique(uniques, keys, counts)


def _starts(keys: Int64s, ranges: int) -> list[int]:
    """The first keys of at most so many ranges that hold about as many keys each; 0 comes first."""
    if ranges == 1:
        return [0]
    sample = np.sort(keys[:: -(-len(keys) // SAMPLE)])
    limits = sample[len(sample) * np.arange(1, ranges) // ranges]
    return [0, *np.unique(limits[limits > 0]).tolist()]


def _sort(keys: Int64s, bits: int) -> Unique:
    """`Unique` of keys of so many bits; their memory becomes the inverse."""
    places = _order(keys, bits)
    ordered = _taken(keys, places)
    change = np.zeros(len(keys), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=change[1:])
    keys[places] = np.cumsum(change)
    change[:1] = True
    starts = np.flatnonzero(change)
    return Unique(ordered[starts], keys, np.diff(starts, append=len(keys)))


def _order(keys: Int64s, bits: int) -> Int64s:
    """Where the keys stood that come first, second and so on, int64 (N,), equal ones in turn."""
    places: Int64s = _digit(keys, 0, bits).argsort(kind="stable")
    for shift in range(16, bits, 16):
        digit = _digit(keys, shift, bits)
        places = _taken(places, _taken(digit, places).argsort(kind="stable"))
    return places


def _taken(values: NDArray[T], places: Int64s) -> NDArray[T]:
    """``values[places]``, but without a pass that looks whether all places are there."""
    return values.take(places, mode="clip")


def _digit(keys: Int64s, shift: int, bits: int) -> NDArray[Any]:
    """Sixteen bits of every key, or the last eight."""
    return (keys >> shift).astype(np.uint8 if bits - shift <= 8 else np.uint16)
