"""Noise high above everything else: a few points that nothing comes near from below.

Birds, dust and wisps of cloud hang in the air. What stands on the ground does not: wires and
towers have more points than a few, or lie at the edge of a scan, and masts have some below their
tips. A scan is looked at by voxels so large that few are needed for any.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.ground.layers import keys_of
from volseg.geometry.voxelgrid import voxelize_metres

EDGE = 4.0
"""Edge of a voxel in metres; a power of two, so that no division rounds."""

VOXEL = np.dtype([("cell", "<i4", 2), ("level", "<i4"), ("count", "<u4")])
"""A voxel: its column on the lattice of all scans and its number, from z = 0; and its points."""

MOST = 3
"""A spot of noise has no more points."""

AROUND, SPOT = 4, 1
"""Half widths in columns of the window that noise stands out from, and of the spot it lies in."""


class Gap(NamedTuple):
    """What makes a few points noise: the more air is below them, the less is asked for.

    Attributes:
        air: number of empty levels below the points, in all of the window.
        columns: least number of columns of the window that hold other points. At the edge of a
            scan a wire or a cliff may show but a tip.
        times: least ratio of all other points to them: a mast that is seen so well has more.
    """

    air: int
    columns: int
    times: int


GAPS = (Gap(5, 32, 648), Gap(15, 1, 324), Gap(50, 1, 2))

NOTHING = int(np.iinfo(np.int32).min)

Floats = NDArray[np.float64]
Int64s = NDArray[np.int64]
Mask = NDArray[np.bool_]
Voxels = NDArray[np.void]
"""Of `VOXEL`, (V,), sorted by column, then upwards."""


def voxels_of(metres: Floats) -> Voxels:
    """The voxels that hold points, float64 (N, 3) in metres."""
    if not len(metres):
        return np.empty(0, dtype=VOXEL)
    grid = voxelize_metres(metres, EDGE)
    voxels = np.empty(len(grid), dtype=VOXEL)
    places = grid.coords + grid.origin
    voxels["cell"], voxels["level"], voxels["count"] = places[:, :2], places[:, 2], grid.counts
    return voxels


def merge(parts: list[Voxels]) -> Voxels:
    """The voxels of all that several parts of a scan, or several scans, have."""
    voxels = np.concatenate((np.empty(0, dtype=VOXEL), *parts))
    if not len(voxels):
        return voxels
    x, y = voxels["cell"].T
    voxels = voxels[np.lexsort((voxels["level"], y, x))]
    new = (voxels["cell"][1:] != voxels["cell"][:-1]).any(axis=1)
    first = np.flatnonzero(np.append(True, new | (np.diff(voxels["level"]) != 0)))
    counts = np.add.reduceat(voxels["count"], first)
    voxels = voxels[first]
    voxels["count"] = counts
    return voxels


@dataclass(frozen=True, eq=False)
class High:
    """The noise high above a scan.

    Attributes:
        keys: keys of the columns that have noise, int64 (M,), sorted, see `keys_of`.
        floor: the level from which on all is noise, int64 (M,).
    """

    keys: Int64s
    floor: Int64s

    def is_noise(self, metres: Floats) -> Mask:
        """Which points of the scan, (N, 3), are noise high above it, bool (N,)."""
        if not len(self.keys):
            return np.zeros(len(metres), dtype=bool)
        cells = np.floor(metres / EDGE).astype(np.int64)
        keys = keys_of(cells)
        column = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        return np.asarray((self.keys[column] == keys) & (cells[:, 2] >= self.floor[column]))


def high_of(voxels: Voxels) -> High:
    """The noise high above a scan, from its voxels; the same for any order of its points."""
    few = voxels[voxels["count"] <= MOST]
    cells, levels = few["cell"].astype(np.int64), few["level"].astype(np.int64)
    stacks = _Stacks(voxels)
    noise = np.zeros(len(few), dtype=bool)
    for gap in GAPS:
        noise |= _in_the_air(stacks, cells, levels, gap)
    keys, first = np.unique(keys_of(cells[noise]), return_index=True)
    return High(keys, levels[noise][first])


def _in_the_air(stacks: _Stacks, cells: Int64s, levels: Int64s, gap: Gap) -> Mask:
    """Which voxels, by column (n, 2) and level (n,), are noise by such a gap, bool (n,)."""
    left = np.arange(len(cells))
    own, others, columns = np.zeros((3, len(cells)), dtype=np.int64)
    below = np.full(len(cells), NOTHING)
    for step in STEPS:
        where, level = cells[left] + step, levels[left]
        above, every, lower = stacks.look(where, level - gap.air)
        own[left] += above
        others[left] += every - above
        columns[left] += every > above
        alike = stacks.look(where, level - 1)[0] - stacks.look(where, level + 2)[0]
        if max(map(abs, step)) <= SPOT:  # no tip of a mast
            alone = above == alike
            below[left] = np.maximum(below[left], lower)
        else:  # no end of a wire
            alone = alike == 0
        left = left[alone & (own[left] <= MOST)]
    enough = (columns >= gap.columns) & (others >= gap.times * own)
    left = left[enough[left]]
    rest = _count_from(stacks, cells[left], below[left])
    left = left[(below[left] == NOTHING) | (rest > 2 * MOST) | (rest == (own + others)[left])]
    noise = np.zeros(len(cells), dtype=bool)
    noise[left] = True
    return noise


def _count_from(stacks: _Stacks, cells: Int64s, levels: Int64s) -> Int64s:
    """Points of a window from a little below a level, (n,), on: few where that stands out, too.

    What is next below the tip of a mast does, and below a bird does not.
    """
    counts = np.zeros(len(cells), dtype=np.int64)
    for step in STEPS:
        counts += stacks.look(cells + step, levels - GAPS[0].air)[0]
    return counts


STEPS = sorted(
    ((a, b) for a in range(-AROUND, AROUND + 1) for b in range(-AROUND, AROUND + 1)),
    key=lambda step: max(map(abs, step)),
)
"""From a column to those of the window, the nearest first."""


class _Stacks:
    """The voxels of every column, to be looked up."""

    def __init__(self, voxels: Voxels) -> None:
        every = keys_of(voxels["cell"].astype(np.int64))
        self.keys, self.first = np.unique(every, return_index=True)
        self.levels = voxels["level"].astype(np.int64)
        stack = np.repeat(np.arange(len(self.keys)), np.diff(np.append(self.first, len(voxels))))
        self.places = (stack << 32) + self.levels
        self.last = np.append(self.first[1:], len(voxels))
        self.upto = np.append(0, voxels["count"].astype(np.int64).cumsum())

    def look(self, cells: Int64s, levels: Int64s) -> tuple[Int64s, Int64s, Int64s]:
        """What columns, (n, 2), hold.

        Returns:
            Points at a level, (n,), or above; all points; and the next lower level with points,
            or `NOTHING`.
        """
        keys = keys_of(cells)
        stack = np.searchsorted(self.keys, keys).clip(max=len(self.keys) - 1)
        there = self.keys[stack] == keys
        first, last = self.first[stack], self.last[stack]
        row = np.searchsorted(self.places, (stack << 32) + levels)
        above, every = self.upto[last] - self.upto[row], self.upto[last] - self.upto[first]
        lower = np.where(there & (row > first), self.levels[row - 1], NOTHING)
        return np.where(there, above, 0), np.where(there, every, 0), lower
