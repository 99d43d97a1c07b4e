"""Kernels and strides for a patch: the rules nnU-Net publishes (Isensee et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_EDGE = 4
"""Cells along an axis below which no step halves it."""

LEAST_SIDE = 2 * LEAST_EDGE
"""Cells along an axis below which no patch shrinks: shorter ones are not halved."""

Sizes = tuple[int, ...]


@dataclass(frozen=True)
class Topology:
    """A patch and the network that fits it.

    Attributes:
        patch: Cells along each axis, each a multiple of the product of the strides.
        kernels: Kernel sizes per stage, finest first.
        strides: Strides per step between stages.
    """

    patch: Sizes
    kernels: tuple[Sizes, ...]
    strides: tuple[Sizes, ...]

    @property
    def divisor(self) -> Sizes:
        """Product of the strides along each axis."""
        return tuple(int(np.prod([step[axis] for step in self.strides])) for axis in self._axes)

    @property
    def _axes(self) -> range:
        return range(len(self.patch))


def topology(spacing: Sequence[float], sides: Sequence[int]) -> Topology:
    """The network for patches of about ``sides``, which are padded to what it divides.

    Each step halves the axes that are long enough (two edges of `LEAST_EDGE` remain) and finer
    than twice the finest of those; a single axis is halved only while three edges remain. A
    kernel has one tap along an axis until its cells are less than twice the finest, then three;
    at the coarsest stage it has three along all.

    Args:
        spacing: Spacing of the cells along two or three axes.
        sides: Cells along each side of the patch.
    """
    step = np.array(spacing, dtype=np.float64)
    size = np.array(sides, dtype=np.int64)
    wide = np.zeros(len(size), dtype=bool)
    kernels, strides = [], []
    while (halved := _halved(step, size)).any():
        wide |= step < 2 * step.min()
        kernels.append(_sizes(np.where(wide, 3, 1)))
        stride = np.where(halved, 2, 1)
        strides.append(_sizes(stride))
        step = step * stride
        size = -(-size // stride)
    kernels.append((3,) * len(size))
    divisor = np.prod(np.array(strides, dtype=np.int64).reshape(-1, len(size)), axis=0)
    patch = -(-np.array(sides, dtype=np.int64) // divisor) * divisor
    return Topology(_sizes(patch), tuple(kernels), tuple(strides))


def _halved(step: NDArray[np.float64], size: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which axes the next step halves."""
    long = size >= 2 * LEAST_EDGE
    while long.any():
        halved = long & (step < 2 * step[long].min())
        if halved.sum() > 1 or size[halved][0] >= 3 * LEAST_EDGE:
            return np.asarray(halved)
        long = long & ~halved  # nnU-Net stops here, even where other axes are long
    return long


def largest(spacing: Sequence[float], median: Sequence[int], cells: int) -> Topology:
    """The network for the largest patch worth having.

    That is a patch of ``cells`` with equal sides in millimetres, no side longer than that of the
    median image.
    """
    finest = 1 / np.array(spacing, dtype=np.float64)
    sides = np.round(finest * (cells / finest.prod()) ** (1 / len(finest)))
    return topology(spacing, _sizes(np.clip(sides, 1, median)))


def smaller(spacing: Sequence[float], found: Topology, median: Sequence[int]) -> Topology | None:
    """The next smaller patch, shorter where it is longest relative to the median image.

    Axes that are equally long shrink together, so that no axis is preferred; none shrinks below
    `LEAST_SIDE`. None where no axis can.
    """
    before, divisor = np.array(found.patch), np.array(found.divisor)
    share = np.where(before > LEAST_SIDE, before / np.array(median), 0)
    if not share.any():
        return None
    shrinking = np.isclose(share, share.max(), rtol=1e-9)
    # A shorter patch may have fewer steps: their divisor leaves no size out.
    tried = topology(spacing, _sizes(before - shrinking * divisor))
    sides = before - shrinking * np.minimum(divisor, tried.divisor)
    while True:
        after = topology(spacing, _sizes(sides))
        grown = np.array(after.patch) > before
        if not grown.any():
            return after
        # Other steps pad other axes further; those go to the next multiple below.
        sides = np.where(grown, np.array(after.patch) - after.divisor, sides)


def _sizes(values: NDArray[np.int64] | NDArray[np.float64]) -> Sizes:
    return tuple(int(value) for value in values)
