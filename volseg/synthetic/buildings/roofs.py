"""Roofs of every shape: a profile across the depth, swept along the ridge to gables or hips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from volseg.synthetic.facets import Facets, Floats, join, quads
from volseg.synthetic.labels import Label, Material, Skin

TILES = tuple(Skin(Label.BUILDING, m) for m in (Material.TILE, Material.METAL, Material.STONE))
GLASS = Skin(Label.BUILDING, Material.GLASS)

PITCHED = ("gable", "hip", "half-hip", "mansard", "gambrel", "pyramid")
SHAPES = ("flat", "shed", *PITCHED, "saw-tooth", "barrel")


@dataclass(frozen=True, eq=False)
class Roof:
    """A roof over 0 <= x <= width, 0 <= y <= depth, its ridge along x, metres.

    Attributes:
        width: along the ridge.
        across: float64 (k,), y of the profile's corners from 0 to the depth, not decreasing.
        rise: float64 (k,), height of the corners over the eaves.
        hip: how far the ends lean in for each metre that the sides do; 0 for gables.
        start: metres from the eaves, in plan, before the ends lean in.
    """

    width: float
    across: Floats
    rise: Floats
    hip: float = 0.0
    start: float = 0.0

    @property
    def depth(self) -> float:
        """Across the ridge."""
        return float(self.across[-1])

    @property
    def top(self) -> float:
        """Height of the ridge over the eaves."""
        return float(self.rise.max())

    def height(self, y: float) -> float:
        """Height over the eaves at y, away from the ends."""
        return float(np.interp(y, self.across, self.rise))

    def inset(self, across: Floats) -> Floats:
        """How far from the ends the corners of the profile lie."""
        reach = np.minimum(across, self.depth - across)
        return self.hip * (np.maximum(reach, self.start) - self.start if self.start else reach)


def draw_roof(rng: np.random.Generator, shape: str, width: float, depth: float) -> Roof:
    """A roof of a shape and a pitch that is usual for it; ridges run along x."""
    half, slope = depth / 2, np.tan(np.radians(rng.uniform(24, 50)))
    if shape == "flat":
        return Roof(width, np.array([0.0, depth]), np.zeros(2))
    if shape == "shed":
        rise = depth * np.tan(np.radians(rng.uniform(4, 18)))
        return Roof(width, np.array([0.0, depth, depth]), np.array([0.0, rise, 0]))
    if shape == "saw-tooth":
        teeth = max(2, round(depth / rng.uniform(6, 11)))
        y, rise = np.linspace(0, depth, teeth + 1), depth / teeth * rng.uniform(0.25, 0.5)
        profile = np.tile([rise, 0], teeth)
        return Roof(width, np.repeat(y, 2)[1:], np.array([0.0, *profile]))
    if shape == "barrel":
        angle, share = np.linspace(0, np.pi, 9), rng.uniform(0.25, 0.9)
        return Roof(width, half - half * np.cos(angle), half * share * np.sin(angle))
    if shape in ("mansard", "gambrel"):
        inner, low = half * rng.uniform(0.2, 0.4), half * rng.uniform(0.45, 0.7)
        high = low + (half - inner) * rng.uniform(0.1, 0.45)
        across = np.array([0.0, inner, half, depth - inner, depth])
        hip = min(1.0, 0.95 * width / depth) if shape == "mansard" else 0.0
        return Roof(width, across, np.array([0.0, low, high, low, 0]), hip=hip)
    across, rise = np.array([0.0, half, depth]), np.array([0.0, slope * half, 0])
    if shape == "half-hip":
        start = half * rng.uniform(0.45, 0.7)
        across = np.array([0.0, start, half, depth - start, depth])
        rise = slope * np.array([0.0, start, half, start, 0])
        return Roof(width, across, rise, hip=min(1.0, 0.95 * width / depth), start=start)
    ends = {"hip": min(rng.uniform(0.6, 1.0), width / depth), "pyramid": min(1.6, width / depth)}
    return Roof(width, across, rise, hip=ends.get(shape, 0.0))


def cover(
    roof: Roof, eave: float, over: float, tile: Skin, wall: Skin, verge: float | None = None
) -> Facets:
    """A roof's faces and gables, its eaves at a height.

    It stands out by ``over`` all around, but over gables by ``verge`` if that is given.
    """
    y, z = roof.across.copy(), roof.rise.copy()
    if z[1] > 0 and over > 0:
        z[0] -= over * (z[1] - z[0]) / (y[1] - y[0])
        y[0] -= over
    if y[-1] > y[-2] and z[-2] > 0 and over > 0:
        z[-1] -= over * (z[-2] - z[-1]) / (y[-1] - y[-2])
        y[-1] += over
    ends = (over if verge is None else verge) if not roof.hip or roof.start else 0.0
    near = roof.inset(y) - ends
    low, high = (np.stack((x, y, eave + z), axis=1) for x in (near, roof.width - near))
    upright = np.diff(y) < 1e-9
    steep = GLASS if len(y) > 4 else wall
    parts = []
    for rows, skin in ((~upright, tile), (upright, steep)):
        i = np.flatnonzero(rows)
        parts.append(quads(low[i], high[i], high[i + 1], low[i + 1], skin))
    if roof.hip:
        i = np.flatnonzero(np.diff(near)[: len(y) // 2] > 0)
        for end in (low, high):
            parts.append(quads(end[i], end[i + 1], end[-2 - i], end[-1 - i], tile))
    if not roof.hip or roof.start:
        parts += _gables(roof, eave, wall)
    return join(parts)


def _gables(roof: Roof, eave: float, wall: Skin) -> list[Facets]:
    """What closes both ends between the eaves and the roof, up to where it leans in."""
    y = roof.across
    z = np.minimum(roof.rise, roof.height(roof.start)) if roof.start else roof.rise
    gables = []
    for x in (0.0, roof.width):
        foot, head = (np.stack((0 * y + x, y, eave + rise), axis=1) for rise in (0 * z, z))
        gables.append(quads(foot[:-1], foot[1:], head[1:], head[:-1], wall))
    return gables
