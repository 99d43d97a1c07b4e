"""The largest connected component of a class, and whether it alone is worth keeping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEAST_PERSONS = 10
"""Persons that have a class on whom a rule must be seen to gain; on fewer it is chance."""


def gains_surely(gains: Mapping[str, Sequence[float]]) -> bool:
    """Whether a rule is worth having: it gains more, on average, than its gains scatter.

    Args:
        gains: of every person that did not train, what the rule adds to the Dice of a class in
            each of the cases of that person that have the class in truth or prediction.
    """
    known = np.array([np.mean(of) for of in gains.values() if len(of)])
    return len(known) >= LEAST_PERSONS and bool(known.mean() > known.std(ddof=1))


def keep_largest(labels: NDArray[Any], ids: Sequence[int], fill: int) -> None:
    """Keep the largest component of voxels that have one of some ids, in place.

    Voxels that touch by a face, an edge or a corner are connected. Of components of one size
    the first in the array's order is kept.

    Args:
        labels: (X, Y, Z), integers.
        ids: what the voxels of the class are labelled with.
        fill: what voxels of the other components become.
    """
    from scipy import ndimage

    inside = np.isin(labels, ids)
    box = ndimage.find_objects(inside.view(np.int8))
    if not box:
        return
    parts, many = ndimage.label(inside[box[0]], structure=np.ones((3, 3, 3), bool))
    if many > 1:
        # Plane by plane: counting makes a copy of 8 bytes a voxel.
        sizes = np.zeros(many + 1, dtype=np.int64)
        for plane in parts:
            sizes += np.bincount(plane.ravel(), minlength=many + 1)
        keep = 1 + int(np.argmax(sizes[1:]))
        labels[box[0]][(parts != 0) & (parts != keep)] = fill
