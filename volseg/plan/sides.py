"""Which classes a mirror exchanges, by their names or by where they lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.sides import UNNAMED, lone_sides, side_pairs

ALIKE = 2.0
"""How many times as large as its partner a mirrored class may be."""
APART = 2.0
"""Standard deviations of their voxels by which the centres of two sides differ at least."""
ALWAYS = 0.9
"""Share of the cases in which the same class lies on the same side."""
EMPTY = np.zeros((3, 3))
TINY = 1e-6


Moments = Mapping[int, Sequence[Sequence[float]]]
"""Where each of some ids lies in a case, as `volseg.plan.fingerprint.Content` has it."""


def exchanged(
    classes: Mapping[str, Sequence[int]],
    cases: Sequence[Moments],
    axes: Sequence[int],
    *,
    flat: bool,
) -> dict[int, tuple[str, str]]:
    """Those of some axes whose mirroring exchanges two classes, and these classes.

    Classes called left and right are exchanged from right to left; in images of one slice, along
    the axis that their centres differ most in, or any where no image has both. So is a class
    called left whose right side is background. Others are where they are alike in size and always
    lie on the same sides of each other.

    Args:
        classes: ids of every class by name, without the background.
        cases: moments of the ids, case by case.
        axes: those that would be mirrored.
        flat: whether images have one slice, so that no axis need run from right to left.
    """
    moments = {name: _moments(cases, ids) for name, ids in classes.items()}
    found: dict[int, tuple[str, str]] = {}
    for pair in side_pairs(list(classes)):
        swapped = [0]
        if flat:
            apart = _offsets(*_both(moments, pair))
            swapped = [int(np.abs(np.median(apart, axis=0)).argmax())] if len(apart) else [0, 1, 2]
        found = {axis: pair for axis in swapped if axis in axes} | found
    for name in lone_sides(list(classes)):
        either = [0, 1, 2] if flat else [0]
        found = {axis: (name, UNNAMED) for axis in either if axis in axes} | found
    for pair in combinations(classes, 2):
        left = [axis for axis in axes if axis not in found]
        if not left:
            break
        one, other = _both(moments, pair)
        found |= {axis: pair for axis in left if len(one) and _are_sides(one, other, axis)}
    return found


def moments_of(
    voxels: Sequence[NDArray[np.integer[Any]]], counts: Sequence[int], spacing: Sequence[float]
) -> Moments:
    """Where the classes of a case lie, as far as a part of the voxels (n, 3) of each tells.

    Args:
        voxels: places of some voxels of each class, drawn evenly.
        counts: number of voxels of each class.
        spacing: millimetres along each axis.
    """
    found = {}
    for number, (places, many) in enumerate(zip(voxels, counts, strict=True)):
        at = np.asarray(places, np.float64) * spacing
        if many:
            found[number] = [(many * (at**power).mean(axis=0)).tolist() for power in range(3)]
    return found


def unmirrored(axis: int, pair: tuple[str, str]) -> str:
    """What the user is told of an axis that `exchanged` found."""
    return (
        f"axis {axis} is not mirrored, in training or by --tta: that would exchange "
        f"{' and '.join(pair)}"
    )


def _moments(cases: Sequence[Moments], ids: Sequence[int]) -> NDArray[np.float64]:
    """Those of a class in every case, (cases, 3, 3)."""
    found = [sum((np.array(case[raw]) for raw in ids if raw in case), EMPTY) for case in cases]
    return np.reshape(found, (-1, 3, 3))


def _both(
    moments: Mapping[str, NDArray[np.float64]], pair: Sequence[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Those of two classes in the cases that have both."""
    one, other = (moments[name] for name in pair)
    there = (one[:, 0, 0] > 0) & (other[:, 0, 0] > 0)
    return one[there], other[there]


def _offsets(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """From the centre of one class to that of the other, millimetres (cases, 3)."""
    return np.asarray(other[:, 1] / other[:, 0] - one[:, 1] / one[:, 0])


def _spreads(moments: NDArray[np.float64]) -> NDArray[np.float64]:
    """Standard deviations of the voxels of a class, millimetres (cases, 3)."""
    count, total, squares = moments[:, 0], moments[:, 1], moments[:, 2]
    return np.sqrt(np.maximum(squares / count - (total / count) ** 2, 0))


def _are_sides(one: NDArray[np.float64], other: NDArray[np.float64], axis: int) -> bool:
    """Whether two classes are alike, and lie beside each other along one axis alone."""
    apart, spreads = _offsets(one, other), np.stack((_spreads(one), _spreads(other)))
    usual = np.median(apart, axis=0)
    along, across = abs(usual[axis]), np.abs(np.delete(usual, axis)).max()
    same_side = (np.sign(apart[:, axis]) == np.sign(usual[axis])).mean()
    sizes = np.median(np.log(other[:, 0, 0] / one[:, 0, 0]))
    extents = np.median(np.log((spreads[1] + TINY) / (spreads[0] + TINY)), axis=0)
    return bool(
        along > APART * np.median(spreads[:, :, axis].mean(axis=0))
        and across < along / 2
        and same_side >= ALWAYS
        and max(abs(sizes), np.abs(extents).max()) <= np.log(ALIKE)
    )
