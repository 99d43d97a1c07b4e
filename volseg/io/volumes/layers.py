"""Label maps of several layers, as Slicer and one-hot encodings store them, in one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError

Segment = tuple[int, int]
"""The layer of a segment, and its value there."""


def flatten(layers: NDArray[Any], segments: Sequence[Segment] = ()) -> NDArray[Any]:
    """One id a voxel; where layers overlap the smaller one is on top, so that none vanishes.

    Layers of which every voxel is in exactly one are classes from 0 on. Others keep their values
    where no two layers share one; otherwise a layer of one value has its number, from 1 on.

    Args:
        layers: whole numbers (L, X, Y, Z), 0 where nothing is.
        segments: those that a file names, in its order. They keep their values where no two share
            one; otherwise they have their numbers, from 1 on.

    Returns:
        Ids (1, X, Y, Z).

    Raises:
        InputError: if layers that nothing is said of share some of several values.
    """
    if segments:
        ids = _own_or_number([value for _, value in segments])
        table = dict(zip(segments, ids, strict=True))
    else:
        held = [np.unique(layer).tolist() for layer in layers]
        if all(set(values) <= {0, 1} for values in held) and (layers.sum(axis=0) == 1).all():
            return np.asarray(layers.argmax(axis=0)[None].astype(np.uint8))
        table = _by_layer([[value for value in values if value] for values in held])
    kind = np.min_scalar_type(max(table.values(), default=0))
    return _paint(layers, table, np.promote_types(kind, np.uint8))


def _by_layer(layers: Sequence[Sequence[int]]) -> dict[Segment, int]:
    segments = [(number, value) for number, values in enumerate(layers) for value in values]
    values = [value for _, value in segments]
    if len(set(values)) == len(values):
        return dict(zip(segments, values, strict=True))
    if all(len(values) <= 1 for values in layers):
        return {(number, value): number + 1 for number, value in segments}
    raise InputError(
        f"holds {len(layers)} channels, a label map has one, or layers of one value each; save it "
        "as one label map"
    )


def _own_or_number(values: Sequence[int]) -> list[int]:
    return list(values) if len(set(values)) == len(values) else list(range(1, len(values) + 1))


def _paint(layers: NDArray[Any], table: Mapping[Segment, int], kind: np.dtype[Any]) -> NDArray[Any]:
    painted = np.zeros((1, *layers.shape[1:]), kind)
    sizes = np.zeros(int(max(table.values(), default=0)) + 1, np.int64)
    for (number, value), ident in sorted(table.items()):
        if number < len(layers):
            lay_over(painted, layers[None, number] == value, ident, sizes)
    return painted


def lay_over(
    painted: NDArray[Any], inside: NDArray[np.bool_], ident: int, sizes: NDArray[np.int64]
) -> None:
    """Give voxels an id, but where a smaller one is already: what lies within another is seen.

    Args:
        painted: ids, 0 where nothing is; changed in place.
        inside: which voxels, bool of the same shape.
        ident: the id, above 0.
        sizes: voxels of every id laid so far; that of ``ident`` is noted.
    """
    sizes[ident] = int(inside.sum())
    below = painted[inside]
    painted[inside] = np.where((below == 0) | (sizes[below] >= sizes[ident]), ident, below)
