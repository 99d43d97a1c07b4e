"""Sorted unique keys, and the way back to every one of them.

A key and its place share one 64-bit integer wherever both fit, so that plain integers are
sorted: NumPy does so with vector instructions, many times faster than it sorts places by keys.
Blocks are made unique one by one, in cache and side by side. What is left of them is cut at the
same keys into ranges, and every range is made unique in turn; no merge is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.blocks import blocks, side_by_side

Int64s = NDArray[np.int64]
KEY_BITS = 63
RANGES = 16
# Keys of each block from which the limits of the ranges are taken.
SAMPLE = 256


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
    rows = blocks(count)
    if len(rows) == 1:
        return _unique(keys_of(rows[0]), bits)
    inverse = np.empty(count, dtype=np.int64)

    def reduce(block: slice) -> tuple[Int64s, Int64s]:
        keys, inverse[block], counts = _unique(keys_of(block), bits)
        return keys, counts

    parts = side_by_side(reduce, rows)
    keys, ranks, counts = _merge(parts, bits)

    def deliver(part: tuple[slice, Int64s]) -> None:
        block, rank = part
        inverse[block] = rank[inverse[block]]

    side_by_side(deliver, list(zip(rows, ranks, strict=True)))
    return Unique(keys, inverse, counts)


def _merge(
    parts: Sequence[tuple[Int64s, Int64s]], bits: int
) -> tuple[Int64s, list[Int64s], Int64s]:
    """Unique keys of several parts, the places of each part's keys among them, and counts.

    Args:
        parts: sorted keys without repetition, and their counts.
        bits: of a key.
    """
    cuts = _cut([keys for keys, _ in parts])
    ranks = [np.empty_like(keys) for keys, _ in parts]

    def reduce(number: int) -> tuple[Int64s, Int64s]:
        pieces = [slice(*cut[number : number + 2]) for cut in cuts]
        within = list(zip(parts, pieces, strict=True))
        found = _unique(np.concatenate([keys[piece] for (keys, _), piece in within]), bits)
        counts = np.concatenate([counts[piece] for (_, counts), piece in within])
        start = 0
        for rank, piece in zip(ranks, pieces, strict=True):
            stop = start + piece.stop - piece.start
            rank[piece] = found.inverse[start:stop]
            start = stop
        # Sums in float64 are exact: there are fewer than 2**53 points.
        return found.keys, np.bincount(found.inverse, counts, len(found.keys)).astype(np.int64)

    ranges = side_by_side(reduce, range(RANGES))
    firsts = np.cumsum([0, *(len(keys) for keys, _ in ranges[:-1])])
    for rank, cut in zip(ranks, cuts, strict=True):
        rank += np.repeat(firsts, np.diff(cut))
    return (
        np.concatenate([keys for keys, _ in ranges]),
        ranks,
        np.concatenate([counts for _, counts in ranges]),
    )


def _cut(parts: Sequence[Int64s]) -> list[list[int]]:
    """Where each part of sorted keys is cut into ranges, cut at the same keys in every part."""
    sample = np.sort(np.concatenate([keys[:: -(-len(keys) // SAMPLE)] for keys in parts]))
    limits = sample[len(sample) * np.arange(1, RANGES) // RANGES]
    return [[0, *np.searchsorted(keys, limits).tolist(), len(keys)] for keys in parts]


def _unique(keys: Int64s, bits: int) -> Unique:
    ordered, places = _sort(keys, bits)
    change = np.zeros(len(keys), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=change[1:])
    inverse = np.empty(len(keys), dtype=np.int64)
    inverse[places] = np.cumsum(change)
    change[:1] = True
    starts = np.flatnonzero(change)
    return Unique(ordered[starts], inverse, np.diff(starts, append=len(keys)))


def _sort(keys: Int64s, bits: int) -> tuple[Int64s, Int64s]:
    """Keys in order, and where they stood, both int64 (N,)."""
    room = len(keys).bit_length()
    if bits + room > KEY_BITS:
        places = np.argsort(keys, kind="stable")
        return keys[places], places
    packed = keys << room
    packed |= np.arange(len(keys))
    packed.sort()
    places = packed & ((1 << room) - 1)
    packed >>= room
    return packed, places
