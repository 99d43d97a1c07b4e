"""Random rotations, scalings and mirrorings of patches, read straight from the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from volseg.geometry.labels import IGNORE

ANISOTROPIC = 3.0
"""Ratio of a patch's sides above which it is turned and scaled in its plane only."""

TILT = np.radians(30.0)
"""Largest angle about each of three axes."""

SCALES = (0.7, 1.4)
"""How much larger things may become."""


@dataclass(frozen=True)
class SpatialAugmentation:
    """Chances of the changes of a patch's place and pose.

    Attributes:
        rotate: of a rotation: by up to 30 degrees about each of three axes; by any angle in the
            plane of a slice, and of a patch whose sides differ more than threefold; by up to 15
            degrees where the sides of that plane differ by more than half.
        scale: of things becoming 0.7 to 1.4 times as large, all axes alike.
        mirror: the axes along which every second patch is mirrored.
        spacing: size of a voxel along each axis, so that what is turned keeps its shape.
    """

    rotate: float = 0.0
    scale: float = 0.0
    mirror: tuple[int, ...] = ()
    spacing: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def matrix(
        self, patch: Sequence[int], random: np.random.Generator
    ) -> NDArray[np.float64] | None:
        """Random linear map from patch to case, or None where nothing changes.

        Both are counted in voxels from the middle of the patch; float64 (3, 3).
        """
        turned, scaled = random.random() < self.rotate, random.random() < self.scale
        if not (turned or scaled):
            return None
        axes = plane(patch)
        inner = np.eye(len(axes))
        if turned:
            size = np.array(self.spacing)[list(axes)]
            inner = _rotation([patch[axis] for axis in axes], random) * size / size[:, None]
        if scaled:
            inner = inner / np.exp(random.uniform(*np.log(SCALES)))
        matrix = np.eye(3)
        matrix[np.ix_(axes, axes)] = inner
        return matrix

    def mirrors(self, random: np.random.Generator) -> list[int]:
        """The axes along which to mirror this time."""
        return [axis for axis in self.mirror if random.random() < 0.5]


def plane(patch: Sequence[int]) -> tuple[int, ...]:
    """The axes of a patch that change together: all, but one far shorter than the others."""
    sides = [axis for axis, side in enumerate(patch) if side > 1]
    long = [axis for axis in sides if patch[axis] * ANISOTROPIC >= max(patch)]
    return tuple(long if len(long) == 2 else sides)


def _rotation(sides: Sequence[int], random: np.random.Generator) -> NDArray[np.float64]:
    """Random rotation matrix of two or three axes."""
    if len(sides) == 2:
        most = np.radians(15.0) if max(sides) > 1.5 * min(sides) else np.pi
        return _turn(2, 0, 1, random.uniform(-most, most))
    turns = [_turn(3, *pair, random.uniform(-TILT, TILT)) for pair in ((1, 2), (2, 0), (0, 1))]
    return turns[0] @ turns[1] @ turns[2]


def _turn(nd: int, first: int, second: int, angle: float) -> NDArray[np.float64]:
    matrix = np.eye(nd)
    matrix[first, first] = matrix[second, second] = np.cos(angle)
    matrix[first, second], matrix[second, first] = -np.sin(angle), np.sin(angle)
    return matrix


def sample_affine(
    image: NDArray[np.floating[Any]],
    labels: NDArray[np.signedinteger[Any]],
    start: NDArray[np.int64],
    patch: Sequence[int],
    matrix: NDArray[np.float64],
) -> tuple[Tensor, Tensor]:
    """A patch of a case seen through a linear map about the patch's middle.

    Only the box of the case that the patch can see is read. Images are interpolated linearly,
    labels are those of the nearest voxel; outside the case the image is 0, the truth `IGNORE`.

    Args:
        image: (C, X, Y, Z).
        labels: ids (X, Y, Z), flags int8 (K, X, Y, Z), or ids and objects (2, X, Y, Z).
        start: first voxel of the unchanged patch, (3,).
        patch: its sides.
        matrix: (3, 3), from the patch to the case, as of `SpatialAugmentation.matrix`.

    Returns:
        float32 (C, *patch), and int64 (*patch) or (2, *patch), or int8 (K, *patch).
    """
    half = (np.array(patch) - 1) / 2
    middle = start + half
    reach = np.abs(matrix) @ half
    grid = np.array(image.shape[1:])
    # Rounded: where an axis stays as it is, errors must not widen the box.
    low = np.clip(np.floor(np.round(middle - reach, 6)).astype(int), 0, grid - 1)
    high = np.clip(np.ceil(np.round(middle + reach, 6)).astype(int) + 1, low + 1, grid)
    box: tuple[Any, ...] = (..., *map(slice, low, high))
    axes = [axis for axis in range(3) if patch[axis] > 1]  # a slice is sampled as a picture
    places = _places(matrix, middle - (low + high - 1) / 2, patch, high - low, axes)

    def look(array: NDArray[Any], outside: int, mode: str) -> Tensor:
        seen = torch.from_numpy(array[box].astype(np.float32)) - outside
        seen = seen.reshape(1, -1, *(high - low)[axes].tolist())
        seen = F.grid_sample(seen, places, mode=mode, align_corners=False) + outside
        return seen.reshape(*array.shape[:-3], *patch)

    kind = torch.int8 if labels.ndim == 4 and labels.dtype == np.int8 else torch.int64
    return look(image, 0, "bilinear"), look(labels, IGNORE, "nearest").to(kind)


def _places(
    matrix: NDArray[np.float64],
    shift: NDArray[np.float64],
    patch: Sequence[int],
    box: NDArray[np.int64],
    axes: list[int],
) -> Tensor:
    """Where in the box each voxel of the patch is, as `torch.nn.functional.grid_sample` wants it.

    It counts from -1 to 1 between the outer faces of the first and last voxel, and names the
    last axis first.
    """
    theta = np.empty((3, 4))
    theta[:, :3] = matrix * np.array(patch) / box[:, None]
    theta[:, 3] = shift * 2 / box
    back = axes[::-1]
    rows = torch.from_numpy(theta[np.ix_(back, [*back, 3])]).float()
    size = [1, 1, *(patch[axis] for axis in axes)]
    return F.affine_grid(rows[None], size, align_corners=False)
