"""Pairs of source and target rows, in blocks that fit a processor's cache."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import final

import torch
from torch import Tensor

CPU_PAIRS = 2**16
"""Pairs a block: large enough for GEMM, small enough for the cache (measured)."""
GPU_PAIRS = 2**22


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
        """The pairs in blocks of adjoining target rows, about as many pairs in each."""
        most = CPU_PAIRS if self.table.device.type == "cpu" else GPU_PAIRS
        total = int((self.table >= 0).sum())
        rows = max(1, most * self.targets // max(1, total))
        return tuple(
            self._block(start, min(start + rows, self.targets))
            for start in range(0, self.targets, rows)
        )

    def _block(self, start: int, stop: int) -> Block:
        part = self.table[:, start:stop].contiguous()
        present = part >= 0
        if self.mirrored:
            present[self.taps // 2] = False
        pair = torch.nonzero(present.flatten()).squeeze(1)
        numbers = torch.arange(max(stop - start, len(pair)), dtype=torch.int32, device=pair.device)
        rows = numbers[: stop - start].repeat(self.taps)
        # Place of a pair in its row's group: where the group begins, and the taps before its own.
        rank = present.cumsum(dim=0, dtype=torch.int32)
        offsets = _offsets(rank[-1])
        place = (rank + (offsets[:-1] - 1)).flatten().index_select(0, pair)
        bag = torch.empty_like(place).index_copy_(0, place.long(), numbers[: len(pair)])
        return Block(
            start=start,
            stop=stop,
            spans=_spans(present),
            source=part.flatten().index_select(0, pair),
            target=rows.index_select(0, pair),
            bag=bag,
            offsets=offsets,
        )

    @cached_property
    def bags(self) -> tuple[Tensor, Tensor]:
        """All pairs grouped by target row: int32 (P,) source rows, int32 (M + 1,) offsets."""
        present = self.table >= 0
        return self.table.t()[present.t()], _offsets(present.sum(dim=0))


def _spans(present: Tensor) -> tuple[tuple[int, int, int], ...]:
    """(tap, begin, end) of every tap's pairs, in a bool (taps, rows) mask read tap by tap."""
    ends = present.sum(dim=1).cumsum(0).tolist()
    bounds = zip([0, *ends[:-1]], ends, strict=True)
    return tuple((tap, begin, end) for tap, (begin, end) in enumerate(bounds) if begin < end)


def _offsets(counts: Tensor) -> Tensor:
    """Where each row's pairs begin when grouped by row, int32 (rows + 1,)."""
    ends = counts.cumsum(0, dtype=torch.int32)
    return torch.cat((ends.new_zeros(1), ends))
