"""What a network learns of the objects in a patch: the way to the centre of the whole object."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from volseg.data.objects import ObjectHead
from volseg.geometry.labels import IGNORE


def patch_centres(
    centres: NDArray[np.floating[Any]],
    start: NDArray[np.int64],
    patch: Sequence[int],
    matrix: NDArray[np.float64] | None,
    mirrored: Sequence[int],
) -> NDArray[np.float64]:
    """Centres of a case's objects as a patch of it sees them; they may lie outside of it.

    Args:
        centres: in voxels of the case, (N, 3).
        start: first voxel of the unchanged patch, (3,).
        patch: its sides.
        matrix: from the patch to the case about its middle, (3, 3), as of
            `SpatialAugmentation.matrix`; None where nothing is turned or scaled.
        mirrored: axes along which the patch is mirrored in the end.

    Returns:
        In voxels of the patch, float64 (N, 3).
    """
    half = (np.array(patch) - 1) / 2
    from_middle: NDArray[Any] = centres.astype(np.float64) - (start + half)
    if matrix is not None:
        from_middle = np.linalg.solve(matrix, from_middle.T).T
    from_middle[:, list(mirrored)] *= -1
    return np.asarray(from_middle + half)


def pack_targets(
    truth: Tensor,
    centres: NDArray[np.float64],
    kinds: NDArray[np.int16],
    head: ObjectHead,
    spacing: NDArray[np.float64],
    patch: Sequence[int],
) -> Tensor:
    """All that a network learns of a patch, as one map.

    Args:
        truth: training ids and numbers of objects, int64 (2, *grid), as of `CachedCase.pair`;
            the grid is the patch without its axes of one voxel.
        centres: of the case's objects, in voxels of the patch, (N + 1, 3).
        kinds: training ids of their classes, (N + 1,).
        head: what the network says.
        spacing: size of a voxel along each axis, (3,).
        patch: sides of the patch.

    Returns:
        float32 (2 + nd, *grid): training ids; numbers of objects, 0 in none and negative where
        another is near; and the way to the centre along each axis in units of the class's
        scale, 0 in no object.
    """
    axes = [axis for axis, side in enumerate(patch) if side > 1]
    classes, numbers = truth
    numbers = torch.where(classes == IGNORE, 0, numbers)
    scales = np.append(head.scales, 1.0)[kinds][:, None]  # no object has class -1, the last
    per_voxel = spacing[axes] / scales
    goals = torch.from_numpy((centres[:, axes] * per_voxel).astype(np.float32))
    steps = torch.from_numpy(per_voxel.astype(np.float32))
    sides = [torch.arange(side, dtype=torch.float32) for side in numbers.shape]
    voxels = torch.stack(torch.meshgrid(*sides, indexing="ij"), dim=-1)
    of = numbers.abs()
    ways = (goals[of] - voxels * steps[of]).masked_fill_((of == 0).unsqueeze(-1), 0.0)
    return torch.cat((classes[None], numbers[None], ways.movedim(-1, 0)))
