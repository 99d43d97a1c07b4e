"""Pairs of source and target rows, in blocks that fit a processor's cache."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, final
from weakref import ref

import numpy as np
import torch
from torch import Tensor

CPU_PAIRS = 2**16
"""Pairs a block: large enough for GEMM, small enough for the cache (measured)."""
GPU_PAIRS = 2**22


@final
@dataclass(frozen=True, eq=False)
class Block:
    """The pairs of the target rows ``start`` to ``stop``, sorted by tap, then by target row.

    Every tap's pairs are filled up to a length of a short list by repeating its last pair:
    oneDNN compiles a kernel for each number of rows it meets, and keeps about a thousand.

    Attributes:
        start: first target row.
        stop: one after the last target row.
        spans: (tap, begin, end) of each tap with pairs, repeats included.
        source: int32 (P,), source row of every pair.
        target: int32 (P,), target row of every pair, counted from ``start``.
        repeats: int64, places among the P which only fill up.
        bag: int32, the pairs without repeats grouped by target row, taps ascending.
        offsets: int32 (stop - start + 1,), where each target row's group begins.
    """

    start: int
    stop: int
    spans: tuple[tuple[int, int, int], ...]
    source: Tensor
    target: Tensor
    repeats: Tensor
    bag: Tensor
    offsets: Tensor

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Block:
        """The same block in other memory."""
        held: Any = vars(self).items()
        moved: Any = {name: change(v) for name, v in held if isinstance(v, Tensor)}
        return replace(self, **moved)


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

    @property
    def reverse(self) -> Pairs:
        """The same pairs with source and target swapped; every tap keeps its number.

        Mirrored pairs are their own reverse, except that tap ``t`` is then ``taps - 1 - t``.
        """
        if self.mirrored:
            return self
        held = vars(self)
        origin: Pairs | None = held["_origin"]() if "_origin" in held else None
        if origin is not None:
            return origin
        if "_reverse" not in held:
            table = self.table.new_full((self.taps, self.sources), -1)
            tap, target = torch.nonzero(self.table >= 0, as_tuple=True)
            table[tap, self.table[tap, target].long()] = target.int()
            self._keep_reverse(Pairs(table, self.targets, False))
        made: Pairs = held["_reverse"]
        return made

    def _keep_reverse(self, made: Pairs) -> None:
        # The way back is weak: a circle would outlive its last user.
        made.__dict__["_origin"] = ref(self)
        self.__dict__["_reverse"] = made

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The pairs in blocks of adjoining target rows, about as many pairs in each."""
        return self._cut(CPU_PAIRS if self.table.device.type == "cpu" else GPU_PAIRS)

    def cut(self, most: int) -> None:
        """Have blocks of ``most`` pairs, whatever suits the device the pairs are on."""
        self.__dict__["blocks"] = self._cut(most)

    def mapped(self, change: Callable[[Tensor], Tensor]) -> Pairs:
        """The same pairs in other memory, with all that was made of them."""
        made, held = Pairs(change(self.table), self.sources, self.mirrored), vars(self)
        if "blocks" in held:
            made.__dict__["blocks"] = tuple(block.mapped(change) for block in self.blocks)
        if "bags" in held:
            made.__dict__["bags"] = tuple(change(values) for values in self.bags)
        if "_reverse" in held:
            made._keep_reverse(held["_reverse"].mapped(change))
        return made

    def tensors(self) -> Iterator[Tensor]:
        """All arrays of the pairs and of what was made of them."""
        held = vars(self)
        yield self.table
        yield from held.get("bags", ())
        for block in held.get("blocks", ()):
            yield from (values for values in vars(block).values() if isinstance(values, Tensor))
        if "_reverse" in held:
            yield from held["_reverse"].tensors()

    def _cut(self, most: int) -> tuple[Block, ...]:
        total = _count(self.table >= 0)
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
        pair = _numbers(present.flatten())
        counts = present.sum(dim=1)
        spans = _spans(counts.tolist())
        total = spans[-1][2] if spans else 0
        own = _places(counts, spans)
        free = torch.ones(total, dtype=torch.bool, device=pair.device).index_fill_(0, own, False)
        # Pairs ascend, so that the running maximum repeats the last one in the free places.
        held = pair.new_zeros(total).index_copy_(0, own, pair).cummax(dim=0).values
        rows = torch.arange(stop - start, dtype=torch.int32, device=pair.device).repeat(self.taps)
        # Place of a pair in its row's group: where the group begins, and the taps before its own.
        rank = present.cumsum(dim=0, dtype=torch.int32)
        offsets = _offsets(rank[-1])
        place = (rank + (offsets[:-1] - 1)).flatten().index_select(0, pair).long()
        return Block(
            start=start,
            stop=stop,
            spans=spans,
            source=part.flatten().index_select(0, held),
            target=rows.index_select(0, held),
            repeats=_numbers(free),
            bag=torch.empty_like(place, dtype=torch.int32).index_copy_(0, place, own.int()),
            offsets=offsets,
        )

    @cached_property
    def bags(self) -> tuple[Tensor, Tensor]:
        """All pairs grouped by target row: int32 (P,) source rows, int32 (M + 1,) offsets."""
        present = self.table >= 0
        return self.table.t()[present.t()], _offsets(present.sum(dim=0))


def _numbers(flags: Tensor) -> Tensor:
    """Where flags, bool (N,), are set, int64; on a CPU by NumPy, in a fifth of torch's time."""
    if flags.device.type == "cpu":
        return torch.from_numpy(np.flatnonzero(flags.numpy()))
    return torch.nonzero(flags).squeeze(1)


def _count(flags: Tensor) -> int:
    """How many flags are set, likewise."""
    if flags.device.type == "cpu":
        return int(np.count_nonzero(flags.numpy()))
    return int(flags.sum())


def _spans(counts: list[int]) -> tuple[tuple[int, int, int], ...]:
    """(tap, begin, end) of every tap with pairs, each filled up to its length."""
    ends = itertools.accumulate(map(_length, counts), initial=0)
    bounds = itertools.pairwise(ends)
    return tuple((tap, begin, end) for tap, (begin, end) in enumerate(bounds) if begin < end)


def _length(count: int) -> int:
    """The least number from ``count`` up that is below 16, or 8 to 15 times a power of two."""
    step = 1 << max(0, count.bit_length() - 4)
    return -(-count // step) * step


def _places(counts: Tensor, spans: tuple[tuple[int, int, int], ...]) -> Tensor:
    """Where the pairs of every tap stand, int64 (P,), given how many each has, int64 (taps,)."""
    held = counts[counts > 0]
    begins = torch.tensor([begin for _, begin, _ in spans], device=counts.device)
    numbers = torch.arange(int(counts.sum()), device=counts.device)
    return numbers + torch.repeat_interleave(begins.long() - (held.cumsum(0) - held), held)


def _offsets(counts: Tensor) -> Tensor:
    """Where each row's pairs begin when grouped by row, int32 (rows + 1,)."""
    ends = counts.cumsum(0, dtype=torch.int32)
    return torch.cat((ends.new_zeros(1), ends))
