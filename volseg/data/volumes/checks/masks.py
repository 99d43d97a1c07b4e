"""Label files that are no label maps: masks with soft edges, and objects that are numbered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.volume import Volume
from volseg.io.volumes.files import FIX

SOLID = 0.1
"""Share of a class's voxels, at least, that have none but their like beside them."""
FEW = 6
"""Fewer ids than this are taken for classes without a look."""
NOISE = 0.03
"""Share of the range of values by which two values of one class may differ."""
MOSTLY = 6.0
"""Times as many voxels as classes beside background have that edges may have: else an image."""
REACH = 9
"""Voxels around one, along each axis, in which a class is looked for that it may belong to."""
MANY = 8
"""So many ids, each one connected piece, may be objects."""
ALONE = 0.8
"""Share of the ids of numbered objects that are one connected piece."""
ALIKE = 0.5
"""Correlation of places: classes of a body lie alike in all cases, objects do not."""
ASIDE = 0.3
"""Axes along which things are spread by less than this share of the most say nothing."""

OBJECTS = "they number objects, each in one piece and elsewhere in every image, not classes"

Ids = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class IdLayout:
    """How the ids of a label map lie in space.

    Attributes:
        ids: int64 (n,), in order, without 0.
        centres: voxels, along axes right, anterior, superior, float64 (n, 3).
        alone: share of the ids whose voxels are one connected piece.
    """

    ids: NDArray[np.int64]
    centres: NDArray[np.float64]
    alone: float


def soft_edges(labels: Ids) -> tuple[int, ...] | None:
    """The ids of a mask whose other values only lead from one to the next, along borders.

    Args:
        labels: (X, Y, Z).

    Returns:
        Those ids, in order; None where the array is no such mask.
    """
    ids, inverse, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if len(ids) < FEW:
        return None
    places = inverse.ravel()
    inner, led = (
        np.bincount(places, flags.ravel(), len(ids))
        for flags in _neighbours(inverse.reshape(labels.shape))
    )
    thin = inner < SOLID * counts
    solid = _apart(ids, np.where(thin, 0, counts))
    edges, body = counts[thin].sum(), counts[solid].sum() - counts.max()
    if thin.sum() < max(FEW - 2, solid.sum()) or edges < 3 * thin.sum():
        return None
    if led[thin].sum() < edges / 2:
        return None
    if solid.sum() == 1:  # lines are thin even where they are sharp
        line = np.argmax(np.where(solid, 0, counts))
        solid[line], edges, body = True, edges - counts[line], counts[line]
    return None if edges > MOSTLY * body else tuple(ids[solid].tolist())


def _apart(ids: Ids, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which ids are counted, but for those near a more frequent one: JPEG makes 253 of 255."""
    near = NOISE * float(ids[-1] - ids[0])
    kept: list[int] = []
    for place in np.argsort(-counts, kind="stable"):
        if counts[place] and all(abs(int(ids[place]) - int(ids[one])) > near for one in kept):
            kept.append(int(place))
    return np.isin(np.arange(len(ids)), kept)


def soft_message(labels: Ids, solid: Sequence[int]) -> str:
    """What is wrong with a mask with soft edges."""
    *others, last = map(str, solid)
    ids = len(np.unique(labels))
    return (
        f"holds {ids:,} ids, most of them only along the edges of {', '.join(others)} and {last}: "
        "a mask with soft edges, as smoothing and JPEG make"
    )


def refuse_soft(labels: Ids) -> None:
    """Refuse a mask with soft edges; of labels that hold ids which are no class.

    Raises:
        InputError: saying what it is, and what to do.
    """
    solid = soft_edges(labels)
    if solid is not None:
        raise InputError(f"{soft_message(labels, solid)}; {FIX} writes a copy with sharp ones")


def harden(labels: Ids, solid: Sequence[int]) -> Ids:
    """Every voxel as that of some ids which is nearest in value, of those a few voxels around."""
    from scipy.ndimage import maximum_filter

    best, least = np.zeros(labels.shape, labels.dtype), np.full(labels.shape, np.inf)
    for raw in solid:
        off = np.abs(labels.astype(np.float64) - raw)
        if len(solid) > 2:
            off[~maximum_filter(labels == raw, REACH)] += 2.0**40
        nearer = off < least
        best[nearer], least[nearer] = raw, off[nearer]
    return best


def id_layout(labels: Volume) -> IdLayout | None:
    """How the ids lie; None where they are fewer than `MANY`, or many are not connected."""
    from scipy.ndimage import find_objects, label

    array = labels.canonical().array[0]
    ids, inverse = np.unique(array, return_inverse=True)
    if (ids != 0).sum() < MANY:
        return None
    numbers = inverse.reshape(array.shape) + 1
    near, alone = np.ones((3, 3, 3)), 0
    centres: list[NDArray[np.float64]] = []
    for number, box in enumerate(find_objects(numbers), start=1):
        if ids[number - 1] == 0:
            continue
        if len(centres) == 4 * MANY and alone < ALONE / 2 * len(centres):
            return None
        own = numbers[box] == number
        parts, _ = label(own, near)
        largest = np.bincount(parts.ravel())[1:].max()
        alone += largest >= 0.95 * own.sum()
        centres.append([side.start for side in box] + np.argwhere(own).mean(axis=0))
    kept = ids[ids != 0].astype(np.int64)
    return IdLayout(kept, np.array(centres), alone / len(kept))


def are_objects(cases: Sequence[IdLayout | None]) -> bool:
    """Whether ids number objects: each is one piece, and somewhere else in every case.

    Args:
        cases: of a dataset; one case alone does not tell.
    """
    several = [one for one in cases if one is not None]
    if len(several) < 2 or np.mean([one.alone for one in several]) < ALONE:
        return False
    alike = [_alike(one, other) for one, other in pairwise(several)]
    return float(np.median(alike)) < ALIKE


def _alike(one: IdLayout, other: IdLayout) -> float:
    """How alike the ids of two cases lie: the least correlation along an axis; 0 if few are shared.

    Along an axis, as scanning numbers objects, even they may lie alike.
    """
    shared, mine, theirs = np.intersect1d(one.ids, other.ids, return_indices=True)
    if len(shared) < MANY // 2:
        return 0.0
    a, b = one.centres[mine], other.centres[theirs]
    spread = np.minimum(a.std(axis=0), b.std(axis=0))
    axes = np.flatnonzero(spread > ASIDE * spread.max())
    return min((abs(np.corrcoef(a[:, axis], b[:, axis])[0, 1]) for axis in axes), default=0.0)


def _neighbours(array: Ids) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which voxels equal all that they share a face with; which equal none, or lie between two."""
    inner, lonely = np.ones((2, *array.shape), dtype=bool)
    lower, higher = np.zeros((2, *array.shape), dtype=bool)
    for axis in range(array.ndim):
        near, far = (
            tuple(cut if dim == axis else slice(None) for dim in range(array.ndim))
            for cut in (slice(1, None), slice(None, -1))
        )
        one, other = array[near], array[far]
        same = one == other
        for side in (near, far):
            inner[side] &= same
            lonely[side] &= ~same
        lower[near] |= other < one
        lower[far] |= one < other
        higher[near] |= other > one
        higher[far] |= one > other
    return inner, lonely | (lower & higher)
