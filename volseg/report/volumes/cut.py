"""The part of a volume that a page has room for: mistakes stay."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MARGIN = 0.25
"""What is drawn of a large volume reaches beyond its classes by this share of their size."""

Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Cut:
    """A box of a volume, and of how many of its voxels one is drawn.

    Attributes:
        box: the voxels, by axis.
        steps: one of so many voxels along each axis is drawn.
    """

    box: Box
    steps: tuple[int, int, int]

    @property
    def start(self) -> tuple[int, int, int]:
        """The first voxel of the box."""
        x, y, z = (side.start for side in self.box)
        return x, y, z

    @property
    def grid(self) -> tuple[int, int, int]:
        """Voxels that are drawn along each axis."""
        x, y, z = _drawn(self.box, self.steps)
        return x, y, z

    def cell(self, voxel: NDArray[np.int64]) -> list[int]:
        """The drawn cell that a voxel of the volume is in, or the nearest one."""
        cells = (voxel - np.array(self.start)) // np.array(self.steps)
        return [int(cell) for cell in np.clip(cells, 0, np.array(self.grid) - 1)]

    def chosen(self, wrong: NDArray[np.bool_]) -> NDArray[np.int64]:
        """The voxel drawn for each block of `steps`: a wrong one if there is any, else the middle.

        Args:
            wrong: of the whole volume, (X, Y, Z).

        Returns:
            Indices, int64 (3, x, y, z) for the `grid` x, y, z.
        """
        a, b, c = self.steps
        x, y, z = self.grid
        own = wrong[self.box]
        found = np.empty((3, x, y, z), dtype=np.int64)
        middle = np.ravel_multi_index((a // 2, b // 2, c // 2), self.steps)
        for row in range(x):  # a slab at a time: blocks are copies
            slab = own[row * a : (row + 1) * a]
            missing = [(0, many * step - side) for many, step, side in zip(
                (1, y, z), self.steps, slab.shape, strict=True)]  # fmt: skip
            blocks = np.pad(slab, missing).reshape(a, y, b, z, c).transpose(1, 3, 0, 2, 4)
            blocks = blocks.reshape(y, z, -1)
            place = np.where(blocks.any(axis=-1), blocks.argmax(axis=-1), middle)
            found[:, row] = np.stack(np.unravel_index(place, self.steps))
        corner = np.indices((x, y, z)) * np.reshape(self.steps, (3, 1, 1, 1))
        last = np.subtract([side.stop for side in self.box], 1).reshape(3, 1, 1, 1)
        return np.asarray(np.minimum(found + corner + np.reshape(self.start, (3, 1, 1, 1)), last))

    def mean(self, values: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
        """The mean of each block of a whole volume, (X, Y, Z) to `grid`."""
        found = values[self.box]
        for axis, step in enumerate(self.steps):
            if step > 1:
                starts = np.arange(0, found.shape[axis], step)
                counts = np.diff(np.append(starts, found.shape[axis]))
                shape = [-1 if axis == other else 1 for other in range(3)]
                found = np.add.reduceat(found, starts, axis=axis) / counts.reshape(shape)
        return found

    def counts(self, wrong: NDArray[np.bool_]) -> list[list[int]]:
        """How many wrong voxels of the whole volume every drawn slice stands for, by axis."""
        found = []
        for axis, (side, step) in enumerate(zip(self.box, self.steps, strict=True)):
            others = tuple(other for other in range(3) if other != axis)
            many = wrong[self.box].sum(axis=others, dtype=np.int64)
            found.append(np.add.reduceat(many, np.arange(0, side.stop - side.start, step)).tolist())
        return found


def cut(busy: NDArray[np.bool_], spacing: NDArray[np.float64], most: int) -> Cut:
    """What to draw of a volume: all of it, the part around its classes, or less of that.

    Args:
        busy: voxels of a true class and wrong ones, (X, Y, Z).
        spacing: between voxels, float64 (3,).
        most: voxels to draw.
    """
    x, y, z = (slice(0, side) for side in busy.shape)
    box: Box = (x, y, z) if busy.size <= most else _around(busy)
    steps = [1, 1, 1]
    while np.prod(_drawn(box, steps)) > most:  # blocks stay as near to cubes as they can
        width = [
            step * wide if many > 1 else np.inf
            for step, wide, many in zip(steps, spacing, _drawn(box, steps), strict=True)
        ]
        steps[int(np.argmin(width))] += 1
    a, b, c = steps
    return Cut(box, (a, b, c))


def worst(counts: list[int]) -> list[int]:
    """Slices with most wrong voxels, the worst first, an eighth of all slices and more apart."""
    apart = len(counts) // 8
    found: list[int] = []
    for index in np.argsort(-np.array(counts), kind="stable").tolist():
        if counts[index] and all(abs(index - other) > apart for other in found):
            found.append(index)
    return found


def _around(busy: NDArray[np.bool_]) -> Box:
    """The box around what is busy, and a margin; everything where nothing is."""
    sides = []
    for axis, side in enumerate(busy.shape):
        others = tuple(other for other in range(3) if other != axis)
        at = np.flatnonzero(busy.any(axis=others))
        low, high = (int(at[0]), int(at[-1]) + 1) if len(at) else (0, side)
        margin = int(np.ceil(MARGIN * (high - low)))
        sides.append(slice(max(0, low - margin), min(side, high + margin)))
    x, y, z = sides
    return x, y, z


def _drawn(box: Box, steps: list[int] | tuple[int, ...]) -> list[int]:
    return [-((side.start - side.stop) // step) for side, step in zip(box, steps, strict=True)]
