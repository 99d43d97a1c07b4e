"""The largest connected component of a class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


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
