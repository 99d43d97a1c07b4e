"""Slices of a volume that stand in the world: an image in grey, tinted where classes are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.view.scene import Mesh

# Pixels along a side that a screen can show of a slice between surfaces, and of one alone.
SIDE, WHOLE_SIDE = 320, 1024
TINT = 0.55
# Where there is no image, a slice is this.
BLANK = 225


def plane(
    colours: NDArray[np.uint8],
    axis: int,
    index: float,
    origin: NDArray[np.int64],
    affine: NDArray[np.float64],
    side: int = SIDE,
) -> Mesh:
    """A slice across an axis as a mesh of flat squares, one a pixel.

    Args:
        colours: uint8 (U, V, 3), of the voxels along the two other axes, in their order.
        axis: the axis it lies across.
        index: where it lies along that axis, in voxels.
        origin: int64 (3,), the voxel of its first pixel.
        affine: float64 (4, 4), from voxel indices to the world.
        side: pixels along a side, at most; of more, some are left out.
    """
    step = max(1, -(-max(colours.shape[:2]) // side))
    pixels = colours[step // 2 :: step, step // 2 :: step]
    if not pixels.size:  # a side shorter than half a step
        pixels = colours[::step, ::step]
    many, across = pixels.shape[:2]
    # The corners of each square, in voxels; the last ones end where the slice does.
    low = np.stack(np.meshgrid(np.arange(many), np.arange(across), indexing="ij"), -1) * step
    high = np.minimum(low + step, colours.shape[:2])
    ends = np.stack([low, high]).astype(np.float64) - 0.5
    u, v = (other for other in range(3) if other != axis)
    corners = np.full((many, across, 4, 3), float(index))
    for number, (one, other) in enumerate(((0, 0), (1, 0), (1, 1), (0, 1))):
        corners[:, :, number, u] = ends[one, :, :, 0] + origin[u]
        corners[:, :, number, v] = ends[other, :, :, 1] + origin[v]
    first = 4 * np.arange(many * across)[:, None]
    triangles = np.concatenate([first + [0, 1, 2], first + [0, 2, 3]])
    xyz = corners.reshape(-1, 3) @ affine[:3, :3].T + affine[:3, 3]
    return Mesh(xyz, triangles, np.repeat(pixels.reshape(-1, 3), 4, axis=0))


def tinted(
    image: NDArray[np.uint8], colours: NDArray[np.integer[Any]], where: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """The image, uint8 (..., 3), with other colours laid over it where they count."""
    mixed = np.rint((1 - TINT) * image + TINT * colours).astype(np.uint8)
    return np.where(where[..., None], mixed, image)


def grey_limits(image: NDArray[Any]) -> tuple[float, float]:
    """The values drawn black and white: all but a few of the least and the greatest lie between."""
    step = max(1, image.size // 1_000_000)
    sample = image.reshape(-1)[::step].astype(np.float64)
    known = sample[np.isfinite(sample)]
    if not known.size:
        return 0.0, 1.0
    low, high = np.percentile(known, (0.5, 99.5))
    return float(low), float(max(high, low + 1e-6 * max(abs(low), 1.0)))


def grey(values: NDArray[Any], limits: tuple[float, float]) -> NDArray[np.uint8]:
    """Numbers as greys, uint8 (..., 3); what is not finite is black."""
    share = (np.nan_to_num(values.astype(np.float64)) - limits[0]) / (limits[1] - limits[0])
    level = np.rint(np.clip(share, 0.0, 1.0) * 255).astype(np.uint8)
    return np.repeat(level[..., None], 3, axis=-1)
