"""Areas of land: rectangles that something fills."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Floats


@dataclass(frozen=True)
class Area:
    """A rectangle of land: its own x runs along its front, its own y from the front to its back.

    Attributes:
        x: of the middle, metres.
        y: of the middle, metres.
        length: along its own x, metres.
        depth: along its own y, metres; a road, if there is one, passes at ``-depth / 2``.
        heading: of its own x, radians from the world's x to its y.
    """

    x: float
    y: float
    length: float
    depth: float
    heading: float = 0.0

    def world(self, along: Floats, across: Floats) -> tuple[Floats, Floats]:
        """The world's x and y of places in the area's own frame, (0, 0) its middle."""
        c, s = np.cos(self.heading), np.sin(self.heading)
        return self.x + c * along - s * across, self.y + s * along + c * across

    def own(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Places in the world in the area's own frame."""
        c, s = np.cos(self.heading), np.sin(self.heading)
        return c * (x - self.x) + s * (y - self.y), c * (y - self.y) - s * (x - self.x)

    def corners(self) -> tuple[Floats, Floats]:
        """The world's x and y, (4,) each, of the corners in turn."""
        along, across = np.array([-1, 1, 1, -1]), np.array([-1, -1, 1, 1])
        return self.world(along * self.length / 2, across * self.depth / 2)

    def cells(self, terrain: Terrain, margin: float = 0.0) -> tuple[slice, slice]:
        """The window of a terrain's grid that holds the area and ``margin`` metres around it."""
        x, y = self.corners()
        low = (np.array([x.min(), y.min()]) - margin - terrain.origin) / terrain.cell
        high = (np.array([x.max(), y.max()]) + margin - terrain.origin) / terrain.cell
        shape = np.array(terrain.z.shape)
        first = np.clip(np.floor(low), 0, shape).astype(int)
        last = np.clip(np.ceil(high) + 1, 0, shape).astype(int)
        return slice(first[0], last[0]), slice(first[1], last[1])

    def outside(self, terrain: Terrain, window: tuple[slice, slice]) -> Floats:
        """How far each corner of the grid in a window lies outside of the area, metres."""
        i, j = np.mgrid[window]
        along, across = self.own(
            terrain.origin[0] + i * terrain.cell, terrain.origin[1] + j * terrain.cell
        )
        x = np.maximum(np.abs(along) - self.length / 2, 0)
        y = np.maximum(np.abs(across) - self.depth / 2, 0)
        return np.asarray(np.hypot(x, y))

    def holds(self, x: Floats, y: Floats) -> NDArray[np.bool_]:
        """Which places lie in the area."""
        along, across = self.own(x, y)
        return (np.abs(along) <= self.length / 2) & (np.abs(across) <= self.depth / 2)


def level(terrain: Terrain, area: Area, bank: float = 2.0) -> float:
    """Level the ground under an area to its mean, which comes back, with a bank around it.

    Args:
        terrain: changed in place.
        area: what is to be level.
        bank: metres over which the ground passes to what it was.
    """
    window = area.cells(terrain, bank)
    outside = area.outside(terrain, window)
    if not outside.size:
        return float(terrain.height(area.x, area.y))
    z, inside = terrain.z[window], outside == 0
    height = float(z[inside].mean()) if inside.any() else float(terrain.height(area.x, area.y))
    share = np.clip(1 - outside / bank, 0, 1)
    share = share * share * (3 - 2 * share)
    z += share * (height - z)
    return height
