"""Distances between the surfaces of two masks, in millimetres.

The definitions are those of Nikolov et al., "Deep learning to achieve clinically applicable
segmentation of head and neck anatomy for radiotherapy" (2018), and of the code published with
it. A surface passes between voxels: around every point where 2 x 2 x 2 voxels meet, marching
cubes cut the cell of their centres into a part inside and a part outside, and the cut, an
element of the surface, weighs what its area is. In two dimensions a contour's elements weigh
what their length is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

# Distances and areas are rounded sums: a tolerance of 1.8 mm holds three voxels of 0.6 mm.
ROUNDING = 1e-9


@dataclass(frozen=True, eq=False)
class SurfaceDistances:
    """How far the elements of each of two surfaces are from the other surface.

    Attributes:
        distances: of the first surface's elements to the second surface, and of the second's to
            the first, float64 (N,) and (M,), millimetres, ascending; infinite where the other
            mask is empty.
        areas: the elements' areas in square millimetres (contour lengths in millimetres), in
            the same order.
    """

    distances: tuple[Floats, Floats]
    areas: tuple[Floats, Floats]

    def hausdorff95(self) -> float:
        """The larger of the two directed 95th percentiles, millimetres.

        A percentile is the least distance within which that share of the surface's area lies.
        Infinite if one mask is empty, NaN if both are.
        """
        if self._empty():
            return math.nan
        return max(map(_percentile95, self.distances, self.areas))

    def dice(self, tolerance: float) -> float:
        """Share of both surfaces' area that is within the tolerance of the other surface.

        0 if one mask is empty, NaN if both are.

        Args:
            tolerance: millimetres.
        """
        if self._empty():
            return math.nan
        limit = tolerance * (1 + ROUNDING)
        pairs = zip(self.distances, self.areas, strict=True)
        near = sum(float(areas[distances <= limit].sum()) for distances, areas in pairs)
        return near / sum(float(areas.sum()) for areas in self.areas)

    def _empty(self) -> bool:
        return not any(map(len, self.areas))


def surface_distances(predicted: Mask, truth: Mask, spacing: Sequence[float]) -> SurfaceDistances:
    """Distances between the surfaces of two masks, both ways.

    Axes of one voxel are left out while more than two remain, so that one slice of a volume is
    measured as the contours in it. Beyond the grid's edge everything is outside.

    Args:
        predicted: bool, of two or three axes.
        truth: bool, of the same shape.
        spacing: millimetres between voxels along each axis.

    Raises:
        InputError: if the shapes differ, or are not of two or three axes with a spacing each.
    """
    if predicted.shape != truth.shape or len(spacing) != predicted.ndim or predicted.ndim < 2:
        raise InputError(
            f"masks of shapes {predicted.shape} and {truth.shape} with {len(spacing)} spacings; "
            "wanted one shape of two or three axes, and a spacing for each"
        )
    flat = tuple(axis for axis, side in enumerate(truth.shape) if side == 1)[: truth.ndim - 2]
    steps = np.delete(np.asarray(spacing, dtype=np.float64), flat)
    predicted, truth = predicted.squeeze(flat), truth.squeeze(flat)
    box = tuple(map(_common, _bounds(predicted), _bounds(truth)))
    table = element_areas(steps)
    (one, weights), (two, others) = (
        _elements(mask[box], steps, table) for mask in (predicted, truth)
    )
    ways = (_ascending(one, two, weights), _ascending(two, one, others))
    return SurfaceDistances((ways[0][0], ways[1][0]), (ways[0][1], ways[1][1]))


def hausdorff95(predicted: Mask, truth: Mask, spacing: Sequence[float]) -> float:
    """95th percentile of the Hausdorff distance of two masks; see `surface_distances`."""
    return surface_distances(predicted, truth, spacing).hausdorff95()


def surface_dice(predicted: Mask, truth: Mask, spacing: Sequence[float], tolerance: float) -> float:
    """Surface Dice of two masks at a tolerance in millimetres; see `surface_distances`."""
    return surface_distances(predicted, truth, spacing).dice(tolerance)


def element_areas(spacing: Floats) -> Floats:
    """Area of the surface within a cell by its code, float64 (256,), or (16,) in the plane.

    Bit k of a code says whether corner k is inside, corners in the order of their coordinates.

    Args:
        spacing: float64 (2,) or (3,), the cell's sides.
    """
    sides = np.diff(_pieces(len(spacing)) * spacing, axis=-2)
    gram = np.linalg.det(sides @ np.swapaxes(sides, -1, -2))
    return np.asarray(np.sqrt(np.maximum(gram, 0)).sum(axis=1) / math.factorial(len(spacing) - 1))


@lru_cache
def _pieces(nd: int) -> Floats:
    """What each code's surface is made of: triangles (segments), (2^nd, pieces, nd, nd).

    The last axes are a piece's vertices and their coordinates; missing pieces are all zero.
    """
    corners = np.array(list(itertools.product((0, 1), repeat=nd)))
    found: list[list[Floats]] = []
    for code in range(1 << len(corners)):
        inside = (code >> np.arange(len(corners)) & 1).astype(bool)
        # Where parts touch at an edge or a corner, those of the fewer voxels are kept apart.
        few = inside if inside.sum() <= len(corners) // 2 else ~inside
        found.append([piece for part in _parts(corners[few]) for piece in _cut(part)])
    table = np.zeros((len(found), max(map(len, found)), nd, nd))
    for row, pieces in zip(table, found, strict=True):
        row[: len(pieces)] = pieces or 0
    return table


def _parts(corners: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Groups of a cell's corners that are joined by its edges."""
    left = list(corners)
    while left:
        part = [left.pop()]
        for one in part:
            joined = [np.abs(one - other).sum() == 1 for other in left]
            part += [other for other, near in zip(left, joined, strict=True) if near]
            left = [other for other, near in zip(left, joined, strict=True) if not near]
        yield np.array(part)


def _cut(part: NDArray[np.int64]) -> list[Floats]:
    """The surface between a part of a cell's corners and the other corners.

    It passes through the middles of the edges between them. In space these form a loop, which
    may be bent; of the fans of triangles that fill it, the one of the largest area is that of
    the plainest pieces, and the one whose areas the published table has.
    """
    inside = {tuple(corner) for corner in part}
    middles = []
    for corner, axis in itertools.product(part, range(part.shape[1])):
        other = corner.copy()
        other[axis] = 1 - other[axis]
        if tuple(other) not in inside:
            middles.append((corner + other) / 2)
    if part.shape[1] == 2:
        return [np.array(middles)]
    loop = [middles.pop()]
    while middles:
        on_a_face = [((loop[-1] == one) & (one != 0.5)).any() for one in middles]
        loop.append(middles.pop(on_a_face.index(True)))
    fans = []
    for first in range(len(loop)):
        turned = loop[first:] + loop[:first]
        fans.append([np.array([turned[0], *turned[k : k + 2]]) for k in range(1, len(loop) - 1)])
    return max(fans, key=_area)


def _area(triangles: Sequence[Floats]) -> float:
    return sum(float(np.linalg.norm(np.cross(b - a, c - a))) for a, b, c in triangles)


def _bounds(mask: Mask) -> list[slice]:
    """Where a mask is not empty, by axis."""
    bounds = []
    for axis in range(mask.ndim):
        others = tuple(other for other in range(mask.ndim) if other != axis)
        found = np.flatnonzero(mask.any(axis=others))
        bounds.append(slice(int(found[0]), int(found[-1]) + 1) if len(found) else slice(0, 0))
    return bounds


def _common(one: slice, two: slice) -> slice:
    """The least range that holds both, of which one may be empty."""
    if one.start == one.stop or two.start == two.stop:
        return one if one.start < one.stop else two
    return slice(min(one.start, two.start), max(one.stop, two.stop))


def _elements(mask: Mask, spacing: Floats, table: Floats) -> tuple[Floats, Floats]:
    """Places (N, nd) and areas (N,) of a mask's surface elements."""
    codes = np.pad(mask, 1).view(np.uint8)
    for level, axis in enumerate(reversed(range(mask.ndim))):
        lower = codes[(slice(None),) * axis + (slice(None, -1),)]
        upper = codes[(slice(None),) * axis + (slice(1, None),)]
        codes = upper << np.uint8(1 << level)
        codes |= lower
    places = np.nonzero((codes > 0) & (codes < len(table) - 1))
    return np.stack(places, axis=1) * spacing, table[codes[places]]


def _ascending(places: Floats, other: Floats, areas: Floats) -> tuple[Floats, Floats]:
    """Distances to the nearest of the other places, ascending, and areas in the same order."""
    from scipy.spatial import KDTree

    distances = np.full(len(places), np.inf)
    if len(other) and len(places):
        tree = KDTree(other, compact_nodes=False, balanced_tree=False)
        distances[:] = tree.query(places)[0]
    # Equal distances are ordered by area, so that sums do not depend on the order of places.
    order = np.lexsort((areas, distances))
    return distances[order], areas[order]


def _percentile95(distances: Floats, areas: Floats) -> float:
    if not len(distances):
        return math.inf
    within: NDArray[Any] = np.cumsum(areas) / areas.sum()
    # A share of just 0.95 counts, whatever its sum was rounded to.
    index = int(np.searchsorted(within, 0.95 * (1 - ROUNDING)))
    return float(distances[min(index, len(distances) - 1)])
