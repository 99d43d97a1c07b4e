"""Pairs of source and target rows, in blocks that fit a processor's cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import final

import torch
from torch import Tensor

CPU_ROWS = 8192
"""Target rows a block: large enough for GEMM, small enough for the cache (measured)."""
GPU_ROWS = 2**18


@final
@dataclass(frozen=True, eq=False)
class Block:
    """The pairs of the target rows ``start`` to ``stop``, sorted by tap, then by target row.

    Attributes:
        start: first target row.
        stop: one after the last target row.
        spans: (tap, begin, end) of each tap with pairs.
        source: int32 (P,), source row of every pair.
        target: int32 (P,), target row of every pair, counted from ``start``.
        bag: int32 (P,), the pairs grouped by target row, taps ascending.
        offsets: int32 (stop - start + 1,), where each target row's group begins.
    """

    start: int
    stop: int
    spans: tuple[tuple[int, int, int], ...]
    source: Tensor
    target: Tensor
    bag: Tensor
    offsets: Tensor


@final
@dataclass(frozen=True, eq=False)
class Pairs:
    """A kernel map: for every target row and tap, the source row or none.

    Attributes:
        table: int32 (taps, M), source rows, -1 for none.
        sources: number of source rows.
        mirrored: source and target are one set and opposite taps mirror each other; the middle
            tap, which pairs every row with itself, is then left out of the blocks.
    """

    table: Tensor
    sources: int
    mirrored: bool

    @property
    def taps(self) -> int:
        """Number of taps."""
        return self.table.shape[0]

    @property
    def targets(self) -> int:
        """Number of target rows."""
        return self.table.shape[1]

    @cached_property
    def reverse(self) -> Pairs:
        """The same pairs with source and target swapped; every tap keeps its number.

        Mirrored pairs are their own reverse, except that tap ``t`` is then ``taps - 1 - t``.
        """
        if self.mirrored:
            return self
        table = self.table.new_full((self.taps, self.sources), -1)
        tap, target = torch.nonzero(self.table >= 0, as_tuple=True)
        table[tap, self.table[tap, target].long()] = target.int()
        return Pairs(table, self.targets, False)

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The pairs in blocks of adjoining target rows."""
        rows = CPU_ROWS if self.table.device.type == "cpu" else GPU_ROWS
        return tuple(self._blocks(rows))

    def _blocks(self, rows: int) -> Iterator[Block]:
        for start in range(0, self.targets, rows):
            part = self.table[:, start : start + rows]
            present = part >= 0
            if self.mirrored:
                present[self.taps // 2] = False
            _, target = torch.nonzero(present, as_tuple=True)
            ends = present.sum(dim=1).cumsum(0).tolist()
            begins = [0, *ends[:-1]]
            yield Block(
                start=start,
                stop=start + part.shape[1],
                spans=tuple(
                    (t, begin, end)
                    for t, (begin, end) in enumerate(zip(begins, ends, strict=True))
                    if begin < end
                ),
                source=part[present],
                target=target.int(),
                bag=_grouped(present),
                offsets=_offsets(present),
            )

    @cached_property
    def bags(self) -> tuple[Tensor, Tensor]:
        """All pairs grouped by target row: int32 (P,) source rows, int32 (M + 1,) offsets."""
        present = self.table >= 0
        return self.table.t()[present.t()], _offsets(present)


def _grouped(present: Tensor) -> Tensor:
    """Numbers of the pairs of a bool (taps, rows) mask, tap by tap, in order of their rows."""
    number = present.flatten().cumsum(0, dtype=torch.int32).view(present.shape) - 1
    return number.t()[present.t()]


def _offsets(present: Tensor) -> Tensor:
    """Where each row's pairs begin in that order, int32 (rows + 1,)."""
    ends = present.sum(dim=0).cumsum(0, dtype=torch.int32)
    return torch.cat((ends.new_zeros(1), ends))
