"""Images and labels brought to another grid over the same stretch of the world."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import product
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from volseg.errors import InputError

Kind = Literal["nearest", "linear", "cubic"]
Kinds = tuple[Kind, Kind, Kind]
Grid = tuple[int, int, int]
Taps = tuple[Tensor, Tensor]

# Spacings this close, relative to each other, are the same.
SAME_SPACING = 1e-3
# Above this ratio of the coarsest to the finest spacing, nnU-Net does not blend across slices.
ANISOTROPIC = 3
# Half the width of each kernel, in cells of the coarser grid.
REACH = {"linear": 1, "cubic": 2}
# Cells of a slab of an image, and side of a block of labels: temporary memory, and what fits
# into a processor's cache.
SLAB = 1 << 20
BLOCK = 64
# Gathering shorter runs of memory than this is slower than moving the axis to the front.
NARROW = 16
# Shares of a cell closer than this are equal: rounding does not decide between classes.
TIE = 1e-5


def resampled_grid(grid: Sequence[int], spacing: Sequence[float], target: Sequence[float]) -> Grid:
    """The grid that covers what ``grid`` covers, at another spacing.

    Args:
        grid: cells along each of three axes.
        spacing: millimetres between them.
        target: millimetres wanted.

    Returns:
        ``round(cells * spacing / target)``, 1 at least; an axis within a thousandth of the
        target keeps its cells.
    """
    x, y, z = (
        cells if abs(now / wanted - 1) < SAME_SPACING else max(1, round(cells * now / wanted))
        for cells, now, wanted in zip(grid, spacing, target, strict=True)
    )
    return x, y, z


def coarse_axis(spacing: Sequence[float]) -> int | None:
    """The one axis more than three times as coarse as the finest, by nnU-Net's rule; else None.

    Two axes that share the coarsest spacing are none.
    """
    coarsest = max(spacing)
    axes = [axis for axis, step in enumerate(spacing) if step == coarsest]
    return axes[0] if len(axes) == 1 and coarsest / min(spacing) > ANISOTROPIC else None


def kinds_for(spacing: Sequence[float], target: Sequence[float], image: bool) -> Kinds:
    """How to interpolate along each axis, by nnU-Net's rule (Isensee et al. 2021).

    Cubic for images and linear for labels; but nearest along the coarse axis, if one of the two
    grids has one: its slices lie too far apart to be blended.

    Args:
        spacing: millimetres between cells now.
        target: millimetres between cells wanted.
        image: whether intensities are resampled, not labels.
    """
    coarse = coarse_axis(spacing)
    coarse = coarse_axis(target) if coarse is None else coarse
    smooth: Kind = "cubic" if image else "linear"
    x, y, z = ("nearest" if axis == coarse else smooth for axis in range(3))
    return x, y, z


def taps(n_in: int, n_out: int, kind: Kind) -> Taps:
    """The cells that each cell of another grid is made of, along one axis.

    Both grids cover the same stretch, with values at the middle of cells: cell ``i`` of the new
    grid lies at ``(i + 1/2) * n_in / n_out - 1/2`` of the old. Rows stand for new cells, each by
    itself: any range of rows makes that range of the result, ``sum(weight * x[index])``.

    Linear is the triangle, cubic is Keys' kernel with a = -1/2 (IEEE ASSP 29(6), 1981). Where the
    new grid is coarser, the kernels are as wide as its cells ask for, so that nothing aliases.
    Cells beyond an end are the cell at that end. The second half of the rows is the mirrored
    first half. Nearest takes, of two cells as near, the one nearer to the middle.

    Args:
        n_in: cells along the axis now.
        n_out: cells wanted.
        kind: nearest, linear or cubic.

    Returns:
        index: int64 (n_out, T), cells of the old grid.
        weight: float32 (n_out, T), how much of each; every row sums to 1.

    Raises:
        InputError: if a size is below 1.
    """
    if n_in < 1 or n_out < 1:
        raise InputError(f"cannot resample {n_in} cells to {n_out}; wanted 1 or more of each")
    half = np.arange((n_out + 1) // 2)
    if kind == "nearest" or n_in == n_out:  # every kernel is 1 at 0, and 0 at other whole numbers
        index = ((2 * half + 1) * n_in // (2 * n_out))[:, None]
        weight = np.ones(index.shape)
    else:
        index, weight = _kernel_taps(half, n_in, n_out, kind)
    rest = n_out // 2
    index = np.concatenate((index, n_in - 1 - index[:rest][::-1, ::-1]))
    weight = np.concatenate((weight, weight[:rest][::-1, ::-1]))
    return torch.from_numpy(index.clip(0, n_in - 1)), torch.from_numpy(weight.astype(np.float32))


def _kernel_taps(
    cells: NDArray[np.int64], n_in: int, n_out: int, kind: Kind
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Cells of the old grid, which may lie beyond its ends, and their weights, (len(cells), T)."""
    width = max(1.0, n_in / n_out)
    count = math.ceil(2 * REACH[kind] * width)
    if width > 1 and n_out % 2 and (count - n_in) % 2:
        count += 1  # so that the taps of the new cell in the middle lie symmetrically
    centre = ((2 * cells + 1) * n_in - n_out) / (2 * n_out)
    first = np.floor(centre - count / 2).astype(np.int64) + 1
    index = first[:, None] + np.arange(count)
    distance = np.abs(index - centre[:, None]) / width
    weight = 1 - distance if kind == "linear" else _keys(distance)
    weight[distance >= REACH[kind]] = 0
    return index, weight / weight.sum(axis=1, keepdims=True)


def _keys(x: NDArray[np.float64]) -> NDArray[np.float64]:
    """Keys' cubic kernel, a = -1/2, at distances ``0 <= x <= 2``."""
    return np.where(x < 1, (1.5 * x - 2.5) * x * x + 1, ((-0.5 * x + 2.5) * x - 4) * x + 2)


def resample(x: Tensor, grid: Sequence[int], kinds: Kinds) -> Tensor:
    """An image on another grid over the same stretch of the world.

    It commutes with flips of the axes to the last bit (nearest, only where no new cell lies as
    near to two old ones), and with their permutation within rounding.

    Args:
        x: (C, X, Y, Z), floating point.
        grid: cells wanted along the three axes.
        kinds: how to interpolate along each axis.

    Returns:
        (C, *grid), same dtype and device; ``x`` itself where the grid is its own.
    """
    order, table = _plan(x.shape[1:], grid, kinds)
    if not order:
        return x
    out = x.new_empty((len(x), *grid))
    axis = order[0]
    row = math.prod(map(max, x.shape[1:], grid)) // max(x.shape[1 + axis], grid[axis])
    for rows in _runs(grid[axis], max(1, SLAB // (len(x) * row))):
        part = [slice(None)] * 3
        part[axis] = rows
        (a, b, c), local = _needed(table, part)
        out[:, part[0], part[1], part[2]] = _apply(x[:, a, b, c], order, local)
    return out


def _plan(
    old: Sequence[int], new: Sequence[int], kinds: Kinds
) -> tuple[list[int], tuple[Taps, ...]]:
    """The axes whose number of cells changes, the one that shrinks most first; every axis' taps."""
    table = tuple(taps(*one) for one in zip(old, new, kinds, strict=True))
    changed = [axis for axis in range(3) if old[axis] != new[axis]]
    return sorted(changed, key=lambda axis: new[axis] / old[axis]), table


def _runs(size: int, most: int) -> list[slice]:
    return [slice(first, min(first + most, size)) for first in range(0, size, most)]


def _needed(table: Sequence[Taps], part: Sequence[slice]) -> tuple[list[slice], list[Taps]]:
    """The box of the old grid that a part of the new one is made of, and its taps in there."""
    rows = [(index[run], weight[run]) for (index, weight), run in zip(table, part, strict=True)]
    first = [int(index.min()) for index, _ in rows]
    box = [slice(at, int(index.max()) + 1) for at, (index, _) in zip(first, rows, strict=True)]
    return box, [(index - at, weight) for at, (index, weight) in zip(first, rows, strict=True)]


def _apply(x: Tensor, order: Sequence[int], table: Sequence[Taps]) -> Tensor:
    """The cells of the new grid that the taps make of ``x`` (C, X, Y, Z)."""
    for axis in order:
        index, weight = table[axis]
        x = blend(x, 1 + axis, index.to(x.device), weight.to(x))
    return x


def blend(x: Tensor, dim: int, index: Tensor, weight: Tensor) -> Tensor:
    """Weighted sums of cells along one axis of a tensor.

    Args:
        x: any shape, floating point.
        dim: the axis, from 0.
        index: int64 (n, T), the cells of each sum, on the device of ``x``; from `taps`.
        weight: (n, T), how much of each, dtype and device of ``x``.

    Returns:
        ``x`` with n cells along the axis.
    """
    if dim and math.prod(x.shape[dim + 1 :]) < NARROW:
        return blend(x.movedim(dim, 0).contiguous(), 0, index, weight).movedim(0, dim)
    shape = [1] * x.ndim
    shape[dim] = -1
    many = index.shape[1]
    if many == 1:
        return x.index_select(dim, index[:, 0])

    def term(tap: int) -> Tensor:
        return x.index_select(dim, index[:, tap]).mul_(weight[:, tap].view(shape))

    return inwards(term, many)


def inwards(term: Callable[[int], Tensor], count: int) -> Tensor:
    """The sum of terms, from both ends inwards: that of mirrored terms is the same to the last bit.

    Args:
        term: makes a term by its number, a tensor of its own; the first is overwritten.
        count: number of terms, 2 or more.
    """
    total = term(0).add_(term(count - 1))
    for tap in range(1, (count + 1) // 2):
        pair = term(tap) if 2 * tap == count - 1 else term(tap).add_(term(count - 1 - tap))
        total.add_(pair)
    return total


def resample_labels(labels: NDArray[Any], grid: Sequence[int], kinds: Kinds) -> NDArray[Any]:
    """Labels on another grid: each cell gets the id that covers most of it.

    Every id is resampled as an image of its own, 1 where it is and 0 elsewhere, and the largest
    wins; the lower id where two are equal. No id appears that was not there. Memory for
    temporaries does not grow with the grid or the number of ids.

    Args:
        labels: (X, Y, Z), integers.
        grid: cells wanted along the three axes.
        kinds: how to interpolate along each axis.

    Returns:
        (*grid), same dtype; ``labels`` itself where the grid is its own.
    """
    order, table = _plan(labels.shape, grid, kinds)
    if not order:
        return labels
    out = np.empty(tuple(grid), labels.dtype)
    for part in product(*(_runs(cells, BLOCK) for cells in grid)):
        box, local = _needed(table, part)
        out[part] = _label_block(labels[tuple(box)], order, local)
    return out


def _label_block(
    block: NDArray[Any], order: Sequence[int], table: Sequence[Taps]
) -> NDArray[Any] | np.integer[Any]:
    """The labels of a block of the new grid, or the one id that fills it."""
    low: np.integer[Any] = block.min()
    if low == block.max():
        return low
    ids = np.unique(block)
    winner, most = torch.zeros((), dtype=torch.int64), torch.zeros(())
    for number, one in enumerate(ids):
        share = _apply(torch.from_numpy((block == one).astype(np.float32))[None], order, table)[0]
        more = share > most + TIE
        winner, most = torch.where(more, number, winner), torch.where(more, share, most)
    return np.asarray(ids[winner.numpy()])
