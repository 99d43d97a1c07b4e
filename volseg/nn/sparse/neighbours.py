"""Which cells a kernel's taps join: sorted keys and binary search."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import final

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

NO_KEY = 2**63 - 1
"""Above all keys."""


@final
@dataclass(frozen=True)
class Window:
    """The cells one output cell sees: ``fine = stride * coarse + dilation * tap - phase``.

    One entry an axis; taps run from 0 to ``kernel - 1``, the last axis fastest.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    phase: tuple[int, ...]

    @property
    def taps(self) -> int:
        """Number of taps, the kernel's volume."""
        return math.prod(self.kernel)

    @property
    def is_symmetric(self) -> bool:
        """Whether tap ``t`` leads where tap ``taps - 1 - t`` comes from, around a middle tap."""
        odd = all(side % 2 for side in self.kernel)
        return odd and all(step == 1 for step in self.stride)

    def reach(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Cells seen below and above ``stride * coarse``, one entry an axis."""
        spans = (d * (k - 1) for k, d in zip(self.kernel, self.dilation, strict=True))
        return self.phase, tuple(s - p for s, p in zip(spans, self.phase, strict=True))


def neighbour_table(
    keys: Tensor,
    order: Tensor | None,
    first: Tensor,
    window: Window,
    sides: tuple[int, ...],
    *,
    mirrored: bool,
) -> Tensor:
    """Source row of every tap of every target cell.

    Args:
        keys: int64 (N,), ascending keys of the source cells.
        order: int64 (N,), source row of each key; None for the key's own place.
        first: int64 (M,), key of the cell that the first tap of every target sees.
        window: the kernel.
        sides: cells along each axis of the box the keys count in.
        mirrored: source and target are the same cells under a symmetric window, so that half
            the taps tell the other half.

    Returns:
        int32 (taps, M): source rows, -1 where the cell is not in the source set.
    """
    targets, middle = len(first), window.taps // 2
    table = torch.full((window.taps, targets), -1, dtype=torch.int32, device=first.device)
    if targets == 0 or len(keys) == 0:
        return table
    columns = window.taps // window.kernel[-1]
    numbers = torch.arange(targets, dtype=torch.int32, device=first.device)
    if mirrored:
        table[middle] = numbers
        columns = columns // 2 + 1
    rows = None if order is None else F.pad(order.int(), (0, 1), value=-1)
    back = table.new_empty(targets + 1)
    shifts = _column_shifts(window, sides)[:columns]
    for column, shift in enumerate(shifts):
        taps = range(column * window.kernel[-1], (column + 1) * window.kernel[-1])
        for tap, found, hit in _search(keys, first + shift, taps, window.dilation[-1]):
            if mirrored and tap >= middle:
                break
            source = found if rows is None else rows.index_select(0, found)
            table[tap] = torch.where(hit, source, -1)
            if mirrored:
                # What is not there goes behind the last row, so that no length is asked for.
                place = torch.where(hit, source, targets).long()
                back.fill_(-1).scatter_(0, place, numbers)
                table[window.taps - 1 - tap] = back[:targets]
    return table


def _column_shifts(window: Window, sides: tuple[int, ...]) -> list[int]:
    """Key from the first tap to the head of every column of taps along the last axis."""
    weights = [math.prod(sides[axis + 1 :]) for axis in range(len(sides))]
    steps = [d * w for d, w in zip(window.dilation, weights, strict=True)][:-1]
    heads = itertools.product(*map(range, window.kernel[:-1]))
    return [sum(t * s for t, s in zip(head, steps, strict=True)) for head in heads]


def _search(
    keys: Tensor, query: Tensor, taps: range, dilation: int
) -> Iterator[tuple[int, Tensor, Tensor]]:
    """For each tap of a column: its number, the place of its key, and whether it is there."""
    padded = F.pad(keys, (0, 1), value=NO_KEY)
    for tap in taps:
        # Within a column of adjoining cells the next key, if there, is the next in the list.
        if tap == taps.start or dilation > 1:
            place = _places(keys, query)
        hit = padded.index_select(0, place) == query
        yield tap, place, hit
        place = place + hit
        query = query + dilation


def _places(keys: Tensor, query: Tensor) -> Tensor:
    """How many of ascending keys, (N,), are below each query, int32 (M,)."""
    if keys.device.type != "cpu" or bool((query[1:] < query[:-1]).any()):
        return torch.searchsorted(keys, query, out_int32=True)
    # NumPy merges what ascends already, which takes a third of the time of a search.
    merged = torch.cat((query, keys)).numpy().argsort(kind="stable")
    ranks = np.flatnonzero(merged < len(query)).astype(np.int32)
    return torch.from_numpy(ranks) - torch.arange(len(query), dtype=torch.int32)
