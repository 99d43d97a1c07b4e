"""Objects that touch: cores, grown up to the borders between them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CHUNK = 1 << 16
"""Cells whose neighbours are looked at together."""


def grow_cores(
    inside: NDArray[np.bool_],
    core: NDArray[np.bool_],
    *,
    axes: Sequence[int] = (0, 1, 2),
    least: int = 1,
) -> NDArray[np.int32]:
    """Number the objects of a class by the cores in it.

    A core is a component of cells that touch by a face. All other cells of the class join the
    object that most of their neighbours are of, ring after ring; a component of the class that
    has no core is an object as it is. What ring a cell is in does not depend on the order of
    cells, so that grids may be turned and mirrored; where two objects are as near the one with the
    larger core wins.

    Args:
        inside: cells of the class, (X, Y, Z).
        core: which of them touch no other object, (X, Y, Z).
        axes: along which cells have neighbours.
        least: cells that a core has at least; smaller ones are grown over.

    Returns:
        int32 (X, Y, Z), 1 to N in the class, 0 elsewhere.
    """
    from scipy import ndimage

    faces, corners = structures(axes)
    cores, many = ndimage.label(inside & core, faces)
    sizes = np.bincount(cores.ravel(), minlength=many + 1)
    kept = np.flatnonzero(sizes >= least)
    kept = kept[kept > 0]
    table = np.zeros(many + 1, np.int32)
    table[kept] = np.arange(1, len(kept) + 1)
    numbers = _grown(table[cores], inside, corners, sizes[kept])
    alone, _ = ndimage.label(inside & (numbers == 0), corners)
    numbers[alone > 0] = alone[alone > 0] + len(kept)
    return numbers


def parted(numbers: NDArray[np.int32], axes: Sequence[int] = (0, 1, 2)) -> NDArray[np.bool_]:
    """Cells of one object that touch another by a face, along some axes; bool as ``numbers``.

    Args:
        numbers: of objects, 0 in none.
        axes: along which cells have neighbours.
    """
    touching = np.zeros(numbers.shape, np.bool_)
    for axis in axes:
        rows, marks = np.moveaxis(numbers, axis, 0), np.moveaxis(touching, axis, 0)
        differ = (rows[1:] != rows[:-1]) & (rows[1:] > 0) & (rows[:-1] > 0)
        marks[1:] |= differ
        marks[:-1] |= differ
    return touching


def structures(axes: Sequence[int]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Neighbours by faces, and by faces, edges and corners, along some axes; bool (3, 3, 3)."""
    away = np.abs(np.indices((3, 3, 3)) - 1)
    within = ~away[[axis for axis in range(3) if axis not in axes]].any(axis=0)
    return np.asarray(within & (away.sum(axis=0) <= 1)), np.asarray(within)


def _grown(
    cores: NDArray[np.int32],
    inside: NDArray[np.bool_],
    structure: NDArray[np.bool_],
    sizes: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Cores and all cells of the class that a way within it leads to from one of them."""
    padded = np.pad(cores, 1)
    flat, strides = padded.reshape(-1), [step // padded.itemsize for step in padded.strides]
    steps = [step for step in itertools.product((-1, 0, 1), repeat=3) if any(step)]
    steps = [step for step in steps if structure[tuple(1 + at for at in step)]]
    jumps = np.array([np.dot(step, strides) for step in steps])
    weights = np.array([4 - np.abs(step).sum() for step in steps])  # a face counts most
    rank = np.zeros(len(sizes) + 1, np.int64)
    rank[1 + np.argsort(sizes, kind="stable")] = np.arange(1, len(sizes) + 1)
    left = np.flatnonzero(np.pad(inside, 1).reshape(-1) & (flat == 0))
    while len(left):
        ring = np.concatenate(
            [
                _likeliest(flat[left[at : at + CHUNK, None] + jumps], weights, rank)
                for at in range(0, len(left), CHUNK)
            ]
        )
        if not ring.any():
            break
        flat[left] = ring
        left = left[ring == 0]
    return np.ascontiguousarray(padded[1:-1, 1:-1, 1:-1])


def _likeliest(
    near: NDArray[np.int32], weights: NDArray[np.int64], rank: NDArray[np.int64]
) -> NDArray[np.int32]:
    """The object of most neighbours of each cell, (n,), from those of all (n, k); 0 of none."""
    score = np.zeros(near.shape, np.int64)
    for column, weight in enumerate(weights):
        score += (near == near[:, column : column + 1]) * weight
    score = np.where(near > 0, score * (len(rank) + 1) + rank[near], 0)
    best = score.argmax(axis=1)[:, None]
    return np.take_along_axis(near, best, axis=1)[:, 0]
