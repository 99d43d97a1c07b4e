"""What stands out of the fronts of houses: balconies, oriels and ledges, porches."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.buildings.facade import Facade
from volseg.synthetic.facets import Facets, box, join, parallelograms, rectangle, rod
from volseg.synthetic.labels import Label, Material, Skin

PLASTER = Skin(Label.BUILDING, Material.PLASTER)
METAL = Skin(Label.BUILDING, Material.METAL)


def balconies(rng: np.random.Generator, front: Facade, door: int) -> list[Facets]:
    """Slabs with railings, one above the other in some bays of the upper floors."""
    parts: list[Facets] = []
    pitch = front.width / front.bays
    if front.floors < 2:
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


def _railing(x0: float, x1: float, depth: float, z: float, solid: bool) -> Facets:
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


def oriels(rng: np.random.Generator, front: Facade, door: int) -> list[Facets]:
    """Bays that stand out of the wall over all floors, and ledges along it."""
    pitch, parts = front.width / front.bays, []
    out = rng.uniform(0.05, 0.4)
    for floor in range(1, front.floors + 1):
        z = front.plinth + floor * front.storey
        if rng.random() < 0.4:
            parts.append(box((0, -out, z - 0.15), (front.width, 0, z + 0.1), front.wall))
    for bay in np.flatnonzero(rng.random(front.bays) < rng.choice([0.0, 0.3])).tolist():
        if bay != door:
            deep, x = rng.uniform(0.4, 1.0), bay * pitch
            corner = (x + 0.1, -deep, float(rng.choice([-0.3, front.plinth + front.storey])))
            parts.append(box(corner, (x + pitch - 0.1, 0, front.height - 0.4), front.wall))
    return parts


def porch(rng: np.random.Generator, front: Facade, door: int) -> list[Facets]:
    """A roof on posts before the door, or along the whole front."""
    pitch, deep = front.width / front.bays, rng.uniform(1.2, 2.6)
    whole = rng.random() < 0.4
    x0, x1 = (0.0, front.width) if whole else (door * pitch - 0.4, (door + 1) * pitch + 0.4)
    top = front.plinth + rng.uniform(2.5, 3.2)
    thick = rng.uniform(0.05, 0.2)
    posts = np.linspace(x0 + thick, x1 - thick, 2 + int((x1 - x0) / 3.5))
    return [
        box((x0, -deep, top), (x1, 0, top + 0.25), front.wall),
        rectangle((x0, -deep, top), (x1 - x0, 0, 0), (0, deep, 0), front.wall),
        *(rod((x, thick - deep, -0.3), (x, thick - deep, top), thick, front.wall) for x in posts),
    ]
