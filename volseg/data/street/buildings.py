"""Houses of the synthetic street: walls, windows, doors, balconies, roofs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from volseg.data.street.labels import Label, Material, Skin
from volseg.data.street.patches import Floats, Patches, box, join, parallelograms, rectangle, rod

PLASTER = Skin(Label.BUILDING, Material.PLASTER)
BRICK = Skin(Label.BUILDING, Material.BRICK)
GLASS = Skin(Label.BUILDING, Material.GLASS)
TILE = Skin(Label.BUILDING, Material.TILE)
METAL = Skin(Label.BUILDING, Material.METAL)
WOOD = Skin(Label.BUILDING, Material.WOOD)
STONE = Skin(Label.HARDSCAPE, Material.STONE)

CELLAR = 1.0
"""Metres that walls reach below the ground before them."""


@dataclass(frozen=True)
class Facade:
    """Measures of a house's front in metres: bays side by side, floors on top of each other."""

    width: float
    bays: int
    floors: int
    storey: float
    plinth: float
    recess: float
    wall: Skin

    @property
    def height(self) -> float:
        """From the ground to the eaves."""
        return self.plinth + self.floors * self.storey + 0.3


def house(rng: np.random.Generator, width: float, depth: float, floors: int) -> Patches:
    """A house over 0 <= x <= width, 0 <= y <= depth, its front at y = 0, the ground at z = 0."""
    front = Facade(
        width=width,
        bays=max(2, round(width / rng.uniform(2.2, 3.2))),
        floors=floors,
        storey=rng.uniform(2.7, 3.3),
        plinth=rng.uniform(0.1, 0.7),
        recess=rng.uniform(0.08, 0.22),
        wall=PLASTER if rng.random() < 0.7 else BRICK,
    )
    door = int(rng.integers(front.bays))
    parts = [*_front(rng, front, door), *_steps(front, door), *_balconies(rng, front, door)]
    foot, size = -CELLAR, front.height + CELLAR
    parts += [
        rectangle((0, 0, foot), (0, depth, 0), (0, 0, size), front.wall),
        rectangle((width, 0, foot), (0, depth, 0), (0, 0, size), front.wall),
        rectangle((0, depth, foot), (width, 0, 0), (0, 0, size), front.wall),
        rod((0.12, -0.07, 0), (0.12, -0.07, front.height), 0.05, METAL, sides=6),
    ]
    roof = _pitched_roof if rng.random() < 0.7 else _flat_roof
    return join([*parts, *roof(rng, front, depth)])


def _upright(x0: Floats, x1: Floats, z0: Floats, z1: Floats, y: float, skin: Skin) -> Patches:
    """Rectangles parallel to the front, each within 2.5 m or so, limits (P,)."""
    zero = np.zeros_like(x0)
    centre = np.stack(((x0 + x1) / 2, zero + y, (z0 + z1) / 2), axis=1)
    u = np.stack(((x1 - x0) / 2, zero, zero), axis=1)
    v = np.stack((zero, zero, (z1 - z0) / 2), axis=1)
    return parallelograms(centre, u, v, skin)


def _front(rng: np.random.Generator, front: Facade, door: int) -> list[Patches]:
    """The wall at y = 0 with a recessed window in every bay, and one door."""
    floor, bay = (i.ravel() for i in np.mgrid[: front.floors, : front.bays])
    pitch = front.width / front.bays
    left, base = bay * pitch, front.plinth + floor * front.storey
    right, top = left + pitch, base + front.storey
    margin = pitch * rng.uniform(0.2, 0.3)
    sill, head = base + rng.uniform(0.75, 1.0), base + rng.uniform(2.1, 2.45)
    is_door = (floor == 0) & (bay == door)
    sill[is_door] = base[is_door] + 0.02
    x0, x1, deep = left + margin, right - margin, front.recess
    wall = front.wall
    parts = [
        _upright(left, x0, base, top, 0, wall),
        _upright(x1, right, base, top, 0, wall),
        _upright(x0, x1, base, sill, 0, wall),
        _upright(x0, x1, head, top, 0, wall),
        _upright(x0[is_door], x1[is_door], sill[is_door], head[is_door], deep, WOOD),
        *_reveals(x0, x1, sill, head, deep + 0.02, wall),
    ]
    x0, x1, z0, z1 = (side[~is_door] for side in (x0, x1, sill, head))
    middle, half = (x0 + x1) / 2, 0.035
    parts += [
        _upright(x0, x1, z0, z1, deep + 0.02, GLASS),
        _upright(x0, x1, z0, z0 + 0.07, deep, wall),
        _upright(x0, x1, z1 - 0.07, z1, deep, wall),
        _upright(x0, x0 + 0.07, z0, z1, deep, wall),
        _upright(x1 - 0.07, x1, z0, z1, deep, wall),
        _upright(middle - half, middle + half, z0, z1, deep, wall),
    ]
    edge = front.height
    return [
        *parts,
        rectangle((0, 0, -CELLAR), (front.width, 0, 0), (0, 0, CELLAR + front.plinth), wall),
        rectangle((0, 0, edge - 0.3), (front.width, 0, 0), (0, 0, 0.3), wall),
    ]


def _reveals(
    x0: Floats, x1: Floats, z0: Floats, z1: Floats, deep: float, wall: Skin
) -> list[Patches]:
    """The four cheeks of each recess, and a sill that stands out."""
    zero = np.zeros_like(x0)
    into = np.array([0, deep / 2, 0])
    along = np.stack(((x1 - x0) / 2, zero, zero), axis=1)
    rise = np.stack((zero, zero, (z1 - z0) / 2), axis=1)
    x, z = (x0 + x1) / 2, (z0 + z1) / 2

    def at(cx: Floats, cz: Floats) -> Floats:
        return np.stack((cx, zero + deep / 2, cz), axis=1)

    return [
        parallelograms(at(x0, z), into, rise, wall),
        parallelograms(at(x1, z), into, rise, wall),
        parallelograms(at(x, z1), into, along, wall),
        parallelograms(at(x, z0) - (0, 0.06, 0), into + (0, 0.06, 0), along, wall),
        _upright(x0, x1, z0 - 0.06, z0, -0.12, wall),
    ]


def _steps(front: Facade, door: int) -> list[Patches]:
    """Stairs from the ground to the door, of stone."""
    pitch = front.width / front.bays
    x0, x1 = door * pitch + 0.2, (door + 1) * pitch - 0.2
    count = max(1, round(front.plinth / 0.17))
    rise = front.plinth / count
    return [
        box((x0, -0.4 - 0.28 * (count - k), -0.5), (x1, 0, k * rise), STONE)
        for k in range(1, count + 1)
    ]


def _balconies(rng: np.random.Generator, front: Facade, door: int) -> list[Patches]:
    """Slabs with railings, one above the other in some bays of the upper floors."""
    parts: list[Patches] = []
    pitch = front.width / front.bays
    if front.floors < 2 or rng.random() < 0.45:
        return parts
    depth = rng.uniform(0.9, 1.5)
    solid = rng.random() < 0.4
    for bay in np.flatnonzero(rng.random(front.bays) < 0.4).tolist():
        if bay == door:
            continue
        x0, x1 = bay * pitch + 0.15, (bay + 1) * pitch - 0.15
        for floor in range(1, front.floors):
            z = front.plinth + floor * front.storey
            parts.append(box((x0, -depth, z - 0.18), (x1, 0, z), front.wall))
            under = (x0, -depth, z - 0.18)
            parts.append(rectangle(under, (x1 - x0, 0, 0), (0, depth, 0), front.wall))
            parts.append(_railing(x0, x1, depth, z, solid))
    return parts


def _railing(x0: float, x1: float, depth: float, z: float, solid: bool) -> Patches:
    """A panel, or bars under a handrail, round a balcony."""
    if solid:
        rise = (0, 0, 0.95)
        return join(
            [
                rectangle((x0, -depth, z), (x1 - x0, 0, 0), rise, PLASTER),
                rectangle((x0, -depth, z), (0, depth, 0), rise, PLASTER),
                rectangle((x1, -depth, z), (0, depth, 0), rise, PLASTER),
            ]
        )
    x = np.arange(x0, x1, 0.12)
    bars = np.stack((x, np.full_like(x, -depth), np.full_like(x, z + 0.5)), axis=1)
    top = z + 1.0
    return join(
        [
            parallelograms(bars, (0.015, 0, 0), (0, 0, 0.5), METAL),
            rod((x0, -depth, top), (x1, -depth, top), 0.03, METAL, sides=4),
            rod((x0, -depth, top), (x0, 0, top), 0.03, METAL, sides=4),
            rod((x1, -depth, top), (x1, 0, top), 0.03, METAL, sides=4),
        ]
    )


def _pitched_roof(rng: np.random.Generator, front: Facade, depth: float) -> list[Patches]:
    """Two slopes over eaves and gables, with a gutter, a chimney and sometimes dormers."""
    w, eave, over = front.width, front.height, rng.uniform(0.25, 0.6)
    slope = np.tan(np.radians(rng.uniform(28, 48)))
    rise = slope * depth / 2
    low = eave - slope * over
    half = depth / 2 + over
    tilt = slope * half
    ridge = eave + rise
    step = 0.4
    x, z = (0.0, w), np.arange(0, rise, step)
    inset = (z + step / 2) / rise * depth / 2
    gables = [
        parallelograms(
            np.stack(
                (np.full_like(z, side), np.full_like(z, depth / 2), eave + z + step / 2), axis=1
            ),
            np.stack((0 * z, np.maximum(depth / 2 - inset, 0.05), 0 * z), axis=1),
            (0, 0, step / 2),
            front.wall,
        )
        for side in x
    ]
    cx = rng.uniform(0.2, 0.8) * w
    parts = [
        rectangle((-0.2, -over, low), (w + 0.4, 0, 0), (0, half, tilt), TILE),
        rectangle((-0.2, depth + over, low), (w + 0.4, 0, 0), (0, -half, tilt), TILE),
        rod((-0.2, -over - 0.05, low), (w + 0.2, -over - 0.05, low), 0.07, METAL, sides=6),
        box((cx, depth * 0.4, ridge - 1.2), (cx + 0.6, depth * 0.4 + 0.6, ridge + 0.8), BRICK),
    ]
    if rng.random() < 0.5:
        for place in np.arange(1.5, w - 2.5, rng.uniform(3, 5)).tolist():
            base = eave + slope * 0.8
            parts.append(box((place, 0.8, base), (place + 1.4, 2.6, base + 1.5), TILE))
    return [*parts, *gables]


def _flat_roof(rng: np.random.Generator, front: Facade, depth: float) -> list[Patches]:
    """A slab that stands out, under a parapet."""
    w, z, out = front.width, front.height, rng.uniform(0.1, 0.5)
    return [
        box((-0.05, -out, z), (w + 0.05, depth, z + 0.35), front.wall),
        rectangle((-0.05, -out, z), (w + 0.1, 0, 0), (0, out, 0), front.wall),
    ]
