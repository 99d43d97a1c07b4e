"""Scores of a whole volume from overlapping windows, plane by plane, in bounded memory."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from volseg.data.volumes.flat import is_flat, rounding
from volseg.geometry.resample import Grid, Kinds, blend, inwards, taps
from volseg.geometry.windows import gaussian, starts

Predict = Callable[[Tensor], Tensor]
"""Windows (B, C, *patch) to their scores (B, K, *patch), both float32."""
Place = tuple[slice, slice, slice]
Piece = tuple[Place, Tensor]
"""A place in a grid, and the scores of its cells, float32 (K, *place)."""

MEMORY = 3 << 30
"""Bytes for scores that are not final yet, where the caller names no other number."""
# Cells that go through the network together, where a window has fewer.
BATCH_CELLS = 1 << 17


class Sliding:
    """Windows that overlap by half, weighted by a Gaussian bell, swept over a prepared image.

    The sweep goes along the axis with the most windows. A plane across it is final once no
    window to come touches it; it is divided by its weights, resampled, handed out and
    forgotten. Where the planes in work would exceed the memory, the image is cut into strips
    along a second axis, and windows across a cut are computed for both sides. Every cell sums
    the same windows in the same order however the image is cut: the memory changes no bit.

    An image smaller than a window lies in its middle, with 0 around, as in training. Windows of
    one slice do not overlap across slices.

    Args:
        image: (C, X, Y, Z), floating point.
        patch: sides of the windows.
        classes: scores of a cell, K.
        grid: the grid to give scores on, over the same stretch; the image's own by default.
        kinds: how to interpolate along each axis.
        memory: bytes for scores that are not final; those of one row of cells at least.
        unseen: scores (K,) of cells that only flat windows would see, which are then left out;
            None to leave out none.
        device: where scores are summed.
    """

    def __init__(
        self,
        image: NDArray[Any],
        patch: Sequence[int],
        classes: int,
        *,
        grid: Sequence[int] | None = None,
        kinds: Kinds = ("linear", "linear", "linear"),
        memory: int = MEMORY,
        unseen: Tensor | None = None,
        device: torch.device | None = None,
    ) -> None:
        self.order = _order(image.shape[1:], patch)
        self.image = image.transpose(0, *(1 + axis for axis in self.order))
        self.patch = self._turned(patch)
        self.size = self._turned(image.shape[1:])
        self.grid = self.size if grid is None else self._turned(grid)
        self.classes, self.device = classes, device
        self.weight = torch.from_numpy(gaussian(self.patch)).to(device)
        self.starts = [_starts(n, side) for n, side in zip(self.size, self.patch, strict=True)]
        self.taps = [
            taps(n, new, "nearest" if n == new else kinds[axis])
            for n, new, axis in zip(self.size, self.grid, self.order, strict=True)
        ]
        self.batch = max(1, BATCH_CELLS // int(np.prod(self.patch)))
        self.memory = memory
        self.unseen = None if unseen is None else unseen.to(device)
        self.rounding = None if unseen is None else torch.from_numpy(rounding(image))

    @torch.inference_mode()
    def __call__(self, predict: Predict) -> Iterator[Piece]:
        """Every cell's scores, once, in pieces that are one plane thick."""
        for strip in self.strips():
            yield from _Sweep(self, strip).run(predict)

    def strips(self) -> list[slice]:
        """The fewest strips of the grid's rows whose scores in work keep to the memory."""
        index, _ = self.taps[0]
        planes = min(self.patch[0] - 1 + self.together, self.size[0])
        final = 2 * index.shape[1] + 2  # waiting to be blended, side by side, and the result
        strips: list[slice] = []
        for many in range(1, self.grid[1] + 1):
            cuts = [self.grid[1] * number // many for number in range(many + 1)]
            strips = [slice(low, high) for low, high in itertools.pairwise(cuts)]
            rows = max(_length(self.source(strip)) for strip in strips)
            cells = planes * rows * self.size[2]
            cells += final * max(map(_length, strips)) * self.grid[2]
            if 4 * (self.classes + 1) * cells <= self.memory:
                break
        return strips

    @property
    def together(self) -> int:
        """How many slices go through a flat network together."""
        return min(self.batch, self.size[0]) if self.patch[0] == 1 else 1

    def source(self, strip: slice) -> slice:
        """The image's rows that a strip of the grid's rows is made of."""
        index, _ = self.taps[1]
        return slice(int(index[strip].min()), int(index[strip].max()) + 1)

    def windows(self, rows: slice) -> Iterator[tuple[int, list[list[tuple[int, int, int]]]]]:
        """Batches of corners of windows over some rows; where the sweep goes on after them.

        What stands in a batch does not depend on the rows.
        """
        first, second, third = self.starts
        near = [one for one in second if rows.start - self.patch[1] < one < rows.stop]
        for number in range(0, len(first), self.together):
            now, later = first[number : number + self.together], first[number + self.together :]
            batches = [
                batch
                for one in near
                for batch in _chunks([(i, one, k) for i in now for k in third], self.batch)
            ]
            yield later[0] if later else self.size[0], batches

    def crop(self, corner: Sequence[int]) -> Tensor:
        """The image under a window (C, *patch), 0 where it ends."""
        spans = list(zip(corner, self.patch, self.size, strict=True))
        places = tuple(slice(max(at, 0), min(at + side, n)) for at, side, n in spans)
        part = np.ascontiguousarray(self.image[(slice(None), *places)], dtype=np.float32)
        pads = [(max(-at, 0), max(at + side - n, 0)) for at, side, n in spans]
        return F.pad(torch.from_numpy(part), [one for pair in reversed(pads) for one in pair])

    def is_left_out(self, window: Tensor) -> bool:
        """Whether a window (C, *patch) is one the network need not see."""
        return self.rounding is not None and is_flat(window, self.rounding)

    def back(self, x: Tensor) -> Tensor:
        """(..., sweep, rows, columns) with its axes in the image's own order."""
        places = [self.order.index(axis) - 3 + x.ndim for axis in range(3)]
        return x.permute(*range(x.ndim - 3), *places)

    def turn(self, x: Tensor) -> Tensor:
        """The way there from `back`."""
        return x.permute(*range(x.ndim - 3), *(axis - 3 + x.ndim for axis in self.order))

    def _turned(self, sizes: Sequence[int]) -> Grid:
        x, y, z = (int(sizes[axis]) for axis in self.order)
        return x, y, z


class _Sweep:
    """One strip's way through the planes: those being summed, and those that are final."""

    def __init__(self, sliding: Sliding, strip: slice) -> None:
        self.sliding, self.strip, self.rows = sliding, strip, sliding.source(strip)
        index, weight = sliding.taps[1]
        self.taps = index[strip] - self.rows.start, weight[strip]
        self.sums: dict[int, tuple[Tensor, Tensor]] = {}
        self.final: dict[int, Tensor] = {}

    def run(self, predict: Predict) -> Iterator[Piece]:
        """The scores of the strip."""
        index, _ = self.sliding.taps[0]
        first, last = index.amin(1).tolist(), index.amax(1).tolist()
        begin = made = 0
        for end, batches in self.sliding.windows(self.rows):
            for batch in batches:
                self._add(batch, predict)
            for plane in range(begin, end):
                self.final[plane] = self._in_plane(*(self.sums.pop(plane, None) or self._zeros()))
                while made < len(last) and last[made] <= plane:
                    yield self._piece(made)
                    made += 1
                needed = first[made] if made < len(first) else end
                self.final = {at: one for at, one in self.final.items() if at >= needed}
            begin = end

    def _add(self, corners: list[tuple[int, int, int]], predict: Predict) -> None:
        sliding = self.sliding
        windows = [(corner, sliding.crop(corner)) for corner in corners]
        windows = [one for one in windows if not sliding.is_left_out(one[1])]
        if not windows:
            return
        images = torch.stack([window for _, window in windows])
        scores = sliding.turn(predict(sliding.back(images)))
        for (corner, _), one in zip(windows, scores, strict=True):
            self._add_window(corner, one)

    def _add_window(self, corner: tuple[int, int, int], scores: Tensor) -> None:
        """Add scores (K, *patch), weighted, to the planes they lie in."""
        sliding, (at, row, column) = self.sliding, corner
        cells = scores.movedim(0, -1)
        _, high, wide = sliding.patch
        rows = slice(max(row, self.rows.start), min(row + high, self.rows.stop))
        columns = slice(max(column, 0), min(column + wide, sliding.size[2]))
        here = slice(rows.start - row, rows.stop - row), _shift(columns, column)
        there = _shift(rows, self.rows.start), columns
        for plane in range(max(at, 0), min(at + sliding.patch[0], sliding.size[0])):
            if plane not in self.sums:
                self.sums[plane] = self._zeros()
            total, weight = self.sums[plane]
            share = sliding.weight[(plane - at, *here)].unsqueeze(-1)
            # Not addcmul: whether it rounds once or twice may depend on where a cell lies.
            total[there].add_(cells[(plane - at, *here)] * share)
            weight[there].add_(share)

    def _zeros(self) -> tuple[Tensor, Tensor]:
        """Sums of scores (rows, columns, K), as networks make them; of weights, one a cell."""
        shape = _length(self.rows), self.sliding.size[2]
        device = self.sliding.device
        scores = torch.zeros(*shape, self.sliding.classes, device=device)
        return scores, torch.zeros(*shape, 1, device=device)

    def _in_plane(self, scores: Tensor, weight: Tensor) -> Tensor:
        """A plane's mean scores (rows, columns, K), on the strip of the grid."""
        mean = scores.div_(weight)
        if self.sliding.unseen is not None:
            mean = torch.where(weight > 0, mean, self.sliding.unseen)
        for dim, (index, share) in enumerate((self.taps, self.sliding.taps[2])):
            if self.sliding.size[1 + dim] != self.sliding.grid[1 + dim]:
                mean = blend(mean, dim, index.to(mean.device), share.to(mean))
        return mean

    def _piece(self, number: int) -> Piece:
        """One plane of the grid, from the planes it lies between."""
        index, share = (column[number].tolist() for column in self.sliding.taps[0])
        scores = self.final[index[0]]
        if len(index) > 1:
            scores = inwards(lambda tap: self.final[index[tap]] * share[tap], len(index))
        scores = scores.movedim(-1, 0).unsqueeze(1)
        where = slice(number, number + 1), self.strip, slice(0, self.sliding.grid[2])
        x, y, z = (where[self.sliding.order.index(axis)] for axis in range(3))
        return (x, y, z), self.sliding.back(scores)


def _order(grid: Sequence[int], patch: Sequence[int]) -> list[int]:
    """The axes: that of the sweep, that of the strips, the other; most windows first.

    Flat windows are swept across their slices: one plane in work is enough then. Among equals
    the first is first: summing goes through memory as it lies.
    """
    return sorted(range(3), key=lambda axis: (patch[axis] > 1, -grid[axis] / patch[axis]))


def _starts(size: int, side: int) -> list[int]:
    """First cells of the windows along an axis; below 0 where one window is too large for it."""
    return [(size - side) // 2] if size < side else starts(size, side)


def _chunks(corners: list[Any], many: int) -> list[list[Any]]:
    return [corners[at : at + many] for at in range(0, len(corners), many)]


def _length(one: slice) -> int:
    return int(one.stop - one.start)


def _shift(one: slice, by: int) -> slice:
    return slice(one.start - by, one.stop - by)
