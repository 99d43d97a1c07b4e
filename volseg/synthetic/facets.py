"""Flat facets: the one primitive everything in a synthetic scene is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from volseg.synthetic.labels import Skin

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Floats = NDArray[np.float64]
Rows = TypeVar("Rows", bound="DataclassInstance")

TRIANGLE, PARALLELOGRAM, DISC = 0, 1, 2


@dataclass(frozen=True, eq=False)
class Facets:
    """P flat, two-sided, opaque facets, ``anchor + a u + b v``, in metres.

    Attributes:
        anchor: float64 (P, 3), first corner of a triangle, else the centre.
        u: float64 (P, 3), first axis.
        v: float64 (P, 3), second axis; a disc's axes are orthogonal.
        outline: int8 (P,): ``a, b >= 0, a + b <= 1`` (triangle), ``|a|, |b| <= 1``
            (parallelogram) or ``a^2 + b^2 <= 1`` (disc).
        label: int8 (P,), class.
        material: int8 (P,), material.
        instance: int32 (P,), object that a facet is of, 1 to the number of objects; 0 of none.
    """

    anchor: Floats
    u: Floats
    v: Floats
    outline: NDArray[np.int8]
    label: NDArray[np.int8]
    material: NDArray[np.int8]
    instance: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.anchor)

    def moved(self, x: float, y: float, z: float, heading: float = 0.0) -> Facets:
        """Turned about the vertical by ``heading`` radians, then shifted."""
        c, s = np.cos(heading), np.sin(heading)
        turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]])
        shifted = self.mapped(turn)
        return replace(shifted, anchor=shifted.anchor + (x, y, z))

    def mapped(self, matrix: ArrayLike) -> Facets:
        """Through a linear map, (3, 3), that keeps the axes of discs orthogonal."""
        m = np.asarray(matrix, dtype=np.float64)
        return replace(
            self,
            anchor=np.einsum("ij,pj->pi", m, self.anchor),
            u=np.einsum("ij,pj->pi", m, self.u),
            v=np.einsum("ij,pj->pi", m, self.v),
        )

    def painted(self, skin: Skin) -> Facets:
        """The same shapes in another skin."""
        return replace(
            self,
            label=np.full_like(self.label, skin.label),
            material=np.full_like(self.material, skin.material),
        )

    def as_object(self) -> Facets:
        """The same shapes as one object."""
        return replace(self, instance=np.ones_like(self.instance))

    def bounds(self) -> tuple[Floats, Floats]:
        """Centres (P, 3) and radii (P,) of spheres that hold the facets."""
        triangle = (self.outline == TRIANGLE)[:, None]
        centre = np.where(triangle, self.anchor + (self.u + self.v) / 3, self.anchor)
        corners = np.where(
            triangle,
            np.stack((-self.u - self.v, 2 * self.u - self.v, 2 * self.v - self.u)) / 3,
            np.stack((self.u + self.v, self.u - self.v, self.u)),
        )
        radius = np.linalg.norm(corners, axis=2).max(axis=0)
        disc = np.maximum(np.linalg.norm(self.u, axis=1), np.linalg.norm(self.v, axis=1))
        return centre, np.where(self.outline == DISC, disc, radius)


def join(parts: Iterable[Facets]) -> Facets:
    """All facets of all parts, in order; objects of one part are none of another."""
    kept = list(parts)
    most = np.cumsum([0, *(part.instance.max(initial=0) for part in kept)], dtype=np.int32)
    instances = [
        np.where(part.instance > 0, part.instance + before, 0)
        for part, before in zip(kept, most[:-1], strict=True)
    ]
    return replace(stack(kept), instance=np.concatenate(instances))


def stack(parts: list[Rows]) -> Rows:
    """One set of arrays of all parts, in order, as they are."""
    names = [field.name for field in fields(parts[0])]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return type(parts[0])(**joined)


def _facets(anchor: ArrayLike, u: ArrayLike, v: ArrayLike, outline: int, skin: Skin) -> Facets:
    arrays = np.broadcast_arrays(*(np.atleast_2d(axis) for axis in (anchor, u, v)))
    a, b, c = (np.array(array, dtype=np.float64) for array in arrays)
    size = len(a)
    return Facets(
        anchor=a,
        u=b,
        v=c,
        outline=np.full(size, outline, dtype=np.int8),
        label=np.full(size, skin.label, dtype=np.int8),
        material=np.full(size, skin.material, dtype=np.int8),
        instance=np.zeros(size, dtype=np.int32),
    )


def parallelograms(centre: ArrayLike, u: ArrayLike, v: ArrayLike, skin: Skin) -> Facets:
    """Parallelograms of centres and half-axes that broadcast to (P, 3)."""
    return _facets(centre, u, v, PARALLELOGRAM, skin)


def discs(centre: ArrayLike, u: ArrayLike, v: ArrayLike, skin: Skin) -> Facets:
    """Discs of centres and orthogonal radii that broadcast to (P, 3)."""
    return _facets(centre, u, v, DISC, skin)


def quads(a: Floats, b: Floats, c: Floats, d: Floats, skin: Skin) -> Facets:
    """Two triangles for each of P quadrilaterals abcd, corners (P, 3), not always flat.

    Where corners meet so that a triangle has no area, it is left out.
    """
    halves = []
    for corner, u, v in ((a, b - a, d - a), (c, b - c, d - c)):
        solid = np.linalg.norm(np.cross(u, v), axis=1) > 1e-9
        halves.append(_facets(corner[solid], u[solid], v[solid], TRIANGLE, skin))
    return join(halves)


def rectangle(corner: ArrayLike, u: ArrayLike, v: ArrayLike, skin: Skin) -> Facets:
    """A rectangle from its corner and full edges (3,), cut into tiles of at most 2.5 m."""
    # Small tiles keep the spheres around them tight, and the ray casting quick.
    start, u, v = (np.asarray(array, dtype=np.float64) for array in (corner, u, v))
    nu, nv = (int(np.ceil(np.linalg.norm(edge) / 2.5)) for edge in (u, v))
    i, j = (axis.reshape(-1, 1) + 0.5 for axis in np.meshgrid(np.arange(nu), np.arange(nv)))
    return parallelograms(start + i * u / nu + j * v / nv, u / (2 * nu), v / (2 * nv), skin)


def box(low: ArrayLike, high: ArrayLike, skin: Skin) -> Facets:
    """The five faces of an upright box that can be seen (not its bottom), corners (3,)."""
    x0, y0, z0 = np.asarray(low, dtype=np.float64)
    dx, dy, dz = np.asarray(high, dtype=np.float64) - np.asarray(low, dtype=np.float64)
    ex, ey, ez = (dx, 0, 0), (0, dy, 0), (0, 0, dz)
    return join(
        [
            rectangle((x0, y0, z0), ex, ez, skin),
            rectangle((x0, y0 + dy, z0), ex, ez, skin),
            rectangle((x0, y0, z0), ey, ez, skin),
            rectangle((x0 + dx, y0, z0), ey, ez, skin),
            rectangle((x0, y0, z0 + dz), ex, ey, skin),
        ]
    )


def rod(foot: ArrayLike, head: ArrayLike, radius: float, skin: Skin, sides: int = 8) -> Facets:
    """The mantle of a straight rod of ``radius`` between two points (3,), as a prism."""
    start, end = np.asarray(foot, dtype=np.float64), np.asarray(head, dtype=np.float64)
    axis = end - start
    other = np.array([1.0, 0, 0]) if abs(axis[2]) > abs(axis[0]) else np.array([0, 0, 1.0])
    p = np.cross(axis, other)
    p /= np.linalg.norm(p)
    q = np.cross(axis, p) / np.linalg.norm(axis)
    turn = 2 * np.pi * (np.arange(sides)[:, None] + 0.5) / sides
    across = -np.sin(turn) * p + np.cos(turn) * q
    apothem = radius * np.cos(np.pi / sides)
    pieces = int(np.ceil(np.linalg.norm(axis) / 1.5))
    return join(
        parallelograms(
            start + axis * (k + 0.5) / pieces + apothem * (np.cos(turn) * p + np.sin(turn) * q),
            across * radius * np.sin(np.pi / sides),
            axis / (2 * pieces),
            skin,
        )
        for k in range(pieces)
    )


def sheet(x: Floats, y: Floats, z: Floats, skin: Skin) -> Facets:
    """A height field, z (nx, ny) over the grid of x (nx,) and y (ny,), as triangles."""
    grid = np.stack((*np.meshgrid(x, y, indexing="ij"), z), axis=2)
    corners = (grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:])
    a, b, c, d = (corner.reshape(-1, 3) for corner in corners)
    return quads(a, b, c, d, skin)
