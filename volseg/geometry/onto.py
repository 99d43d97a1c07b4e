"""Volumes of one place on another's grid: resampled, or laid into it voxel on voxel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.volume import MISPLACED, Volume


def resample_onto(image: Volume, grid: tuple[int, int, int], affine: NDArray[np.float64]) -> Volume:
    """An image on another grid, by linear interpolation; its least value where it does not reach.

    Args:
        image: float32 (C, X, Y, Z), without NaN.
        grid: voxels wanted along each axis.
        affine: from them to the image's world.
    """
    from scipy.ndimage import affine_transform

    change = np.linalg.solve(image.affine, affine)
    channels = [
        affine_transform(
            channel, change[:3, :3], change[:3, 3], grid,
            order=1, mode="grid-constant", cval=float(channel.min()),
        )
        for channel in image.array
    ]  # fmt: skip
    return Volume(np.stack(channels), affine)


def covered(image: Volume, grid: tuple[int, int, int], affine: NDArray[np.float64]) -> float:
    """The share of a grid's voxels that an image reaches, by those of a coarse sample."""
    steps = [np.linspace(0, side - 1, min(side, 32)) for side in grid]
    cells = np.stack([*np.meshgrid(*steps, indexing="ij"), np.ones([len(s) for s in steps])])
    where = np.tensordot(np.linalg.solve(image.affine, affine)[:3], cells, axes=1)
    last = np.reshape(np.subtract(image.grid, 1), (3, 1, 1, 1))
    return float(((where >= -0.5) & (where <= last + 0.5)).all(axis=0).mean())


def offset_within(part: Volume, whole: Volume) -> tuple[int, int, int] | None:
    """The voxel of ``whole`` that the first of ``part`` lies on; None where it is no cut-out."""
    change = np.linalg.solve(whole.affine, part.affine)
    sides = np.array(part.grid)
    start = np.rint(change[:3, 3]).astype(int)
    turned = np.abs(change[:3, :3] - np.eye(3)) @ (sides - 1)
    off = np.abs(change[:3, 3] - start) + turned
    if (off > MISPLACED).any() or (start < 0).any() or (start + sides > whole.grid).any():
        return None
    x, y, z = start.tolist()
    return x, y, z


def lay_into(part: Volume, whole: Volume) -> Volume:
    """A cut-out on the grid it was cut from, 0 where it does not reach.

    Args:
        part: labels (1, X, Y, Z), of which `offset_within` knows where they lie.
        whole: of the grid wanted.
    """
    start = offset_within(part, whole)
    assert start is not None
    array = np.zeros((len(part.array), *whole.grid), part.array.dtype)
    inside = tuple(slice(first, first + side) for first, side in zip(start, part.grid, strict=True))
    array[(slice(None), *inside)] = part.array
    return Volume(array, whole.affine)
