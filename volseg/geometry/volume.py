"""Volumes: arrays on a grid with a place in the world, and the way to a common orientation.

Volumes always have three axes. An image is a stack of one slice, a 2-D network sees slices:
reading, resampling, windows and writing exist once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError

BOTTOM = [0, 0, 0, 1]

MISPLACED = 0.1
"""Voxels by which corners of two grids may lie apart that are still taken for one place."""

ROUNDED = 1e-3
"""Voxels by which they may lie apart that differ by rounding alone: channels of one image."""

SAME_SPACING = 0.01
"""Share by which the spacings of two places of one volume may differ."""


@dataclass(frozen=True, eq=False)
class Volume:
    """An image or a label map on a grid of three axes; a 2-D image has one slice.

    Attributes:
        array: (C, X, Y, Z), any dtype; a label map has one channel of integers.
        affine: float64 (4, 4), from voxel indices to world millimetres (right, anterior,
            superior). An image without a place in the world has the identity: its spacing is
            one pixel.
        others: affines that its file gives as well, where they lead to other places.

    Raises:
        InputError: if the array is not (C, X, Y, Z), has no voxel, or the affine maps the grid
            to less than a volume.
    """

    array: NDArray[Any]
    affine: NDArray[np.float64]
    others: tuple[NDArray[np.float64], ...] = ()

    def __post_init__(self) -> None:
        if self.array.ndim != 4 or 0 in self.array.shape:
            raise InputError(f"the array has shape {self.array.shape}; wanted (C, X, Y, Z)")
        affine = np.asarray(self.affine, dtype=np.float64)
        object.__setattr__(self, "affine", affine)
        if affine.shape != (4, 4) or not np.isfinite(affine).all() or affine[3].tolist() != BOTTOM:
            raise InputError(
                "the affine is not a matrix of 4 x 4 finite numbers that ends in 0 0 0 1; "
                "rewrite the file's header"
            )
        if not np.linalg.cond(affine[:3, :3]) < 1e6:
            raise InputError(
                "the affine is singular (it maps the grid to less than a volume); "
                "rewrite the file's header"
            )

    @property
    def grid(self) -> tuple[int, int, int]:
        """Number of voxels along each axis."""
        _, x, y, z = self.array.shape
        return x, y, z

    @property
    def spacing(self) -> NDArray[np.float64]:
        """Distance of neighbouring voxels along each axis, millimetres, float64 (3,)."""
        return spacing_of(self.affine)

    @property
    def places(self) -> tuple[NDArray[np.float64], ...]:
        """All affines that its file gives, the one in use first."""
        return (self.affine, *self.others)

    def canonical(self) -> Volume:
        """The same volume with its axes nearest to right, anterior, superior; no copy."""
        orientation = Orientation.of(self.affine)
        affine, *others = (orientation.affine(place, self.grid) for place in self.places)
        return Volume(orientation.apply(self.array), affine, tuple(others))

    def towards(self, other: Volume) -> Volume:
        """The same volume in the place, of those its file gives, that ``other`` lies nearest to.

        A place of another spacing is never taken.
        """
        if self.grid != other.grid:
            return self
        nearest = min(self.places, key=lambda place: apart(Volume(self.array, place), other))
        same = np.allclose(spacing_of(nearest), self.spacing, rtol=SAME_SPACING)
        if nearest is self.affine or not same:
            return self
        rest = tuple(place for place in self.places if place is not nearest)
        return Volume(self.array, nearest, rest)


def spacing_of(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of neighbouring voxels along each axis, float64 (3,)."""
    return np.asarray(np.sqrt((affine[:3, :3] ** 2).sum(axis=0)))


def leaning(affine: NDArray[np.float64]) -> float:
    """By how many degrees the third axis of a grid leans from where the first two look, 0 to 90.

    Example:
        >>> leaning(np.eye(4))
        0.0
    """
    across = np.cross(affine[:3, 0], affine[:3, 1])
    along = affine[:3, 2]
    lengths = np.linalg.norm(across) * np.linalg.norm(along)
    cosine = float(abs(across @ along) / lengths)
    return float(np.degrees(np.arccos(min(cosine, 1.0))))


def apart(first: Volume, second: Volume) -> float:
    """The most a corner of one grid is off that of another, in voxels; infinite if sizes differ.

    Where a file gives several places, those that lie nearest to each other count.
    """
    if first.grid != second.grid:
        return float("inf")
    pairs = ((mine, theirs) for mine in first.places for theirs in second.places)
    return min(corners_apart(first.grid, mine, theirs) for mine, theirs in pairs)


def corners_apart(
    grid: tuple[int, int, int], first: NDArray[np.float64], second: NDArray[np.float64]
) -> float:
    """The most a corner of a grid is moved by another affine, in voxels of the first."""
    corners = np.array([(*corner, 1) for corner in np.ndindex(2, 2, 2)]) * (*grid, 1)
    off = corners @ (second - first).T
    return float(np.sqrt((off**2).sum(axis=1)).max() / spacing_of(first).min())


def times(sides: Iterable[float]) -> str:
    """``3 x 4 x 0.625``: whole numbers whole, others with four digits."""
    return " x ".join(f"{side:.4g}" if isinstance(side, float) else str(side) for side in sides)


@dataclass(frozen=True)
class Orientation:
    """How an array's axes are permuted and flipped to run right, anterior, superior.

    Attributes:
        axes: the array's axis that becomes canonical axis 0, 1, 2.
        flips: whether that axis runs the other way.
    """

    axes: tuple[int, int, int]
    flips: tuple[bool, bool, bool]

    @classmethod
    def of(cls, affine: NDArray[np.float64]) -> Orientation:
        """The orientation of a grid with this affine, oblique ones by their nearest axes."""
        from nibabel.orientations import io_orientation

        towards = io_orientation(affine)  # row: the array's axis; its world axis, its direction
        axes = np.argsort(towards[:, 0])
        x, y, z = (int(axis) for axis in axes)
        a, b, c = (bool(towards[axis, 1] < 0) for axis in axes)
        return cls((x, y, z), (a, b, c))

    def apply(self, array: NDArray[Any]) -> NDArray[Any]:
        """(C, *grid) to canonical (C, *grid); a view."""
        turned = array.transpose(0, *(1 + axis for axis in self.axes))
        return turned[self._index()]

    def undo(self, array: NDArray[Any]) -> NDArray[Any]:
        """Canonical (C, *grid) back to the original axes; a view."""
        back = np.argsort(self.axes)
        return array[self._index()].transpose(0, *(1 + int(axis) for axis in back))

    def affine(
        self, affine: NDArray[np.float64], grid: tuple[int, int, int]
    ) -> NDArray[np.float64]:
        """The affine of what `apply` makes of a grid."""
        change = np.zeros((4, 4))
        change[3, 3] = 1
        for new, (old, flip) in enumerate(zip(self.axes, self.flips, strict=True)):
            change[old, new] = -1 if flip else 1
            change[old, 3] = grid[old] - 1 if flip else 0
        return np.asarray(affine @ change)

    def _index(self) -> tuple[slice, ...]:
        return (slice(None), *(slice(None, None, -1 if flip else 1) for flip in self.flips))
