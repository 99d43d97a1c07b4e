"""Fewer points that still show everything: rare classes and mistakes stay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FINEST = 1 << 14
"""Voxels along the longest side of a cloud that thinning starts with."""


def keep_every_group(
    xyz: NDArray[np.float64], groups: NDArray[np.int64], most: int
) -> NDArray[np.int64]:
    """Which points of a cloud to show.

    Of every voxel and group the first point stays. Voxels grow until few enough stay, so that no
    group that occurs somewhere is lost there. Only where one voxel of the whole cloud would still
    hold more than ``most`` groups, more points stay.

    Args:
        xyz: float64 (N, 3).
        groups: what must not be lost, int64 (N,), from 0 on: a pair of true and predicted class.
        most: points to show.

    Returns:
        Places, int64 (n,), ascending.
    """
    index = np.arange(len(xyz))
    if len(index) <= most:
        return index
    local = xyz - xyz.min(axis=0)
    longest = float(local.max())
    many, side = int(groups.max()) + 1, longest / FINEST or 1.0
    while len(index) > most:
        cells = (local[index] / side).astype(np.int64)
        keys = ((cells[:, 0] * (2 * FINEST) + cells[:, 1]) * (2 * FINEST) + cells[:, 2]) * many
        _, first = np.unique(keys + groups[index], return_index=True)
        hardly = len(first) > 0.98 * len(index)
        index = np.sort(index[first])
        if side > longest:
            break
        # Twice as wide leaves a quarter of a surface: small steps near the end.
        side *= 2.0 if hardly or len(index) > 4 * most else 1.15
    return index
