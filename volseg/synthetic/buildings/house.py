"""Houses: walls, doors, what stands out of the front, rooms, roofs."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.buildings.facade import Facade
from volseg.synthetic.buildings.outworks import balconies, oriels, porch
from volseg.synthetic.buildings.roofs import Roof, cover
from volseg.synthetic.facets import Facets, Floats, box, join, parallelograms, rectangle, rod
from volseg.synthetic.labels import Label, Material, Skin

PLASTER = Skin(Label.BUILDING, Material.PLASTER)
BRICK = Skin(Label.BUILDING, Material.BRICK)
GLASS = Skin(Label.BUILDING, Material.GLASS)
TILE = Skin(Label.BUILDING, Material.TILE)
METAL = Skin(Label.BUILDING, Material.METAL)
WOOD = Skin(Label.BUILDING, Material.WOOD)
STONE = Skin(Label.BUILDING, Material.STONE)

CELLAR = 2.0
"""Metres that walls reach below the ground before them."""
ROOM = 5.0
"""Metres at most that one looks into a house through windows without blinds."""


def house(rng: np.random.Generator, width: float, depth: float, floors: int) -> Facets:
    """A house over 0 <= x <= width, 0 <= y <= depth, its front at y = 0, the ground at z = 0."""
    front = Facade(
        width=width,
        bays=max(2, round(width / rng.uniform(1.8, 4.5))),
        floors=floors,
        storey=rng.uniform(2.6, 4.0),
        plinth=rng.uniform(0.1, 1.0),
        recess=rng.uniform(0.05, 0.35),
        glazed=rng.uniform(0.5, 1.0),
        blind=rng.uniform(0.3, 1.0),
        wall=PLASTER if rng.random() < 0.7 else BRICK,
    )
    door = int(rng.integers(front.bays))
    parts = [*_front(rng, front, door), *_steps(front, door), *_rooms(rng, front)]
    parts += balconies(rng, front, door) if rng.random() < 0.4 else oriels(rng, front, door)
    parts += porch(rng, front, door) if rng.random() < 0.35 else []
    foot, size = -CELLAR, front.height + CELLAR
    parts += [
        rectangle((0, 0, foot), (0, depth, 0), (0, 0, size), front.wall),
        rectangle((width, 0, foot), (0, depth, 0), (0, 0, size), front.wall),
        rectangle((0, depth, foot), (width, 0, 0), (0, 0, size), front.wall),
        rod((0.12, -0.07, 0), (0.12, -0.07, front.height), 0.05, METAL, sides=6),
    ]
    roof = _pitched_roof if rng.random() < 0.7 else _flat_roof
    return join([*parts, *roof(rng, front, depth)]).as_object()


def _upright(x0: Floats, x1: Floats, z0: Floats, z1: Floats, y: float, skin: Skin) -> Facets:
    """Rectangles parallel to the front, each within 2.5 m or so, limits (P,)."""
    zero = np.zeros_like(x0)
    centre = np.stack(((x0 + x1) / 2, zero + y, (z0 + z1) / 2), axis=1)
    u = np.stack(((x1 - x0) / 2, zero, zero), axis=1)
    v = np.stack((zero, zero, (z1 - z0) / 2), axis=1)
    return parallelograms(centre, u, v, skin)


def _front(rng: np.random.Generator, front: Facade, door: int) -> list[Facets]:
    """The wall at y = 0 with a recessed window in every bay, and one door."""
    floor, bay = (i.ravel() for i in np.mgrid[: front.floors, : front.bays])
    pitch = front.width / front.bays
    left, base = bay * pitch, front.plinth + floor * front.storey
    right, top = left + pitch, base + front.storey
    margin = pitch * rng.uniform(0.12, 0.32)
    sill, head = base + rng.uniform(0.3, 1.0), top - rng.uniform(0.3, 0.7)
    is_door = (floor == 0) & (bay == door)
    sill[is_door] = base[is_door] + 0.02
    wall, deep = front.wall, front.recess
    blank = (rng.random(len(bay)) > front.glazed) & ~is_door
    solid = [_upright(left[blank], right[blank], base[blank], top[blank], 0, wall)]
    left, right, base, top, sill, head, is_door = (
        side[~blank] for side in (left, right, base, top, sill, head, is_door)
    )
    x0, x1 = left + margin, right - margin
    parts = [
        *solid,
        _upright(left, x0, base, top, 0, wall),
        _upright(x1, right, base, top, 0, wall),
        _upright(x0, x1, base, sill, 0, wall),
        _upright(x0, x1, head, top, 0, wall),
        _upright(x0[is_door], x1[is_door], sill[is_door], head[is_door], deep, WOOD),
        *_reveals(x0, x1, sill, head, deep + 0.02, wall),
    ]
    x0, x1, z0, z1 = (side[~is_door] for side in (x0, x1, sill, head))
    middle, half = (x0 + x1) / 2, 0.035
    closed = rng.random(len(x0)) < front.blind
    a, b, c, d = (side[closed] for side in (x0, x1, z0, z1))
    parts += [
        _upright(a, b, c, d, deep + 0.02, GLASS if rng.random() < 0.5 else PLASTER),
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
) -> list[Facets]:
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


def _steps(front: Facade, door: int) -> list[Facets]:
    """Stairs from the ground to the door, of stone."""
    pitch = front.width / front.bays
    x0, x1 = door * pitch + 0.2, (door + 1) * pitch - 0.2
    count = max(1, round(front.plinth / 0.17))
    rise = front.plinth / count
    return [
        box((x0, -0.4 - 0.28 * (count - k), -0.5), (x1, 0, k * rise), STONE)
        for k in range(1, count + 1)
    ]


def _rooms(rng: np.random.Generator, front: Facade) -> list[Facets]:
    """Back wall and ceiling of one deep room a storey, seen through open windows."""
    y, deep = front.recess + 0.1, rng.uniform(1.5, ROOM)
    parts = []
    for floor in range(front.floors):
        z = front.plinth + floor * front.storey
        wide = (front.width, 0, 0)
        parts.append(rectangle((0, deep, z), wide, (0, 0, front.storey), PLASTER))
        top = z + front.storey - 0.2
        parts.append(rectangle((0, y, top), wide, (0, deep - y, 0), PLASTER))
    return parts


def _pitched_roof(rng: np.random.Generator, front: Facade, depth: float) -> list[Facets]:
    """Two slopes over eaves and gables, with a gutter, a chimney and sometimes dormers."""
    w, eave, over = front.width, front.height, rng.uniform(0.25, 0.6)
    slope = np.tan(np.radians(rng.uniform(28, 48)))
    rise = slope * depth / 2
    roof = Roof(w, np.array([0, depth / 2, depth]), np.array([0, rise, 0]))
    low, ridge = eave - slope * over, eave + rise
    x = rng.uniform(0.2, 0.8) * w
    parts = [
        cover(roof, eave, over, TILE, front.wall, verge=0.2),
        rod((-0.2, -over - 0.05, low), (w + 0.2, -over - 0.05, low), 0.07, METAL, sides=6),
        box((x, depth * 0.4, ridge - 1.2), (x + 0.6, depth * 0.4 + 0.6, ridge + 0.8), BRICK),
    ]
    if rng.random() < 0.5:
        for place in np.arange(1.5, w - 2.5, rng.uniform(3, 5)).tolist():
            base = eave + slope * 0.8
            parts.append(box((place, 0.8, base), (place + 1.4, 2.6, base + 1.5), TILE))
    return parts


def _flat_roof(rng: np.random.Generator, front: Facade, depth: float) -> list[Facets]:
    """A slab that stands out, under a parapet."""
    w, z, out = front.width, front.height, rng.uniform(0.1, 0.5)
    return [
        box((-0.05, -out, z), (w + 0.05, depth, z + 0.35), front.wall),
        rectangle((-0.05, -out, z), (w + 0.1, 0, 0), (0, out, 0), front.wall),
    ]
