"""What stands on roofs: chimneys, dormers, panels and windows; on flat ones parapets and huts."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.buildings.roofs import Roof, cover, draw_roof
from volseg.synthetic.facets import Facets, box, join, parallelograms
from volseg.synthetic.labels import Label, Material, Skin

BRICK = Skin(Label.BUILDING, Material.BRICK)
METAL = Skin(Label.BUILDING, Material.METAL)
GLASS = Skin(Label.BUILDING, Material.GLASS)
CELLS = Skin(Label.BUILDING, Material.SCREEN)


def chimneys(rng: np.random.Generator, roof: Roof, eave: float, count: int) -> list[Facets]:
    """Chimneys near the ridge, higher than it."""
    stacks = []
    for _ in range(count):
        wide, long = rng.uniform(0.4, 0.8), rng.uniform(0.4, 1.3)
        x = rng.uniform(0.25, 0.75) * roof.width
        y = roof.depth * rng.uniform(0.38, 0.62)
        low, high = eave + roof.height(y) - 1.0, eave + roof.top + rng.uniform(0.3, 1.2)
        stacks.append(box((x, y, low), (x + long, y + wide, high), BRICK))
    return stacks


def dormers(
    rng: np.random.Generator, roof: Roof, eave: float, tile: Skin, wall: Skin
) -> list[Facets]:
    """A row of dormers of one shape on one or both slopes, where there is room."""
    slope = roof.rise[1] / roof.across[1]
    tall = rng.uniform(1.1, 1.6)
    front = rng.uniform(0.4, 1.2)
    foot = slope * front
    reach = (foot + tall) / slope if foot + tall < roof.rise[1] else roof.depth / 2
    ends = roof.hip * max(reach - roof.start, 0) + 0.7
    room = roof.width - 2 * ends
    if foot + tall > roof.top - 0.3 or slope < 0.45 or room < 1.5:
        return []
    wide = min(rng.choice([1.2, 1.8, 3.0]) * rng.uniform(0.8, 1.2), room)
    shape = str(rng.choice(["flat", "gable", "hip"]))
    hat = draw_roof(rng, shape, reach - front + 0.4, wide)
    hat_over = 0.0 if shape == "flat" else 0.15
    count = int(rng.integers(1, max(1, int(room / (wide * 1.6))) + 1))
    row = []
    for x in ends + room * (np.arange(count) + 0.5) / count:
        low, high = eave + foot - 0.2, eave + foot + tall
        row.append(box((x - wide / 2, front, low), (x + wide / 2, reach, high), wall))
        ridge = cover(hat, high + 0.02, hat_over, tile, wall)
        row.append(ridge.moved(x + wide / 2, front - 0.1, 0, np.pi / 2))
    if rng.random() < 0.5:
        return row
    return [*row, *(part.moved(roof.width, roof.depth, 0, np.pi) for part in row)]


def panels(rng: np.random.Generator, roof: Roof, eave: float, window: bool) -> list[Facets]:
    """A field of solar panels, or windows, some centimetres over one of the slopes."""
    reach, rise = float(roof.across[1]), float(roof.rise[1])
    length = np.hypot(reach, rise)
    ends = roof.hip * max(reach - roof.start, 0) + 0.4
    room = roof.width - 2 * ends
    if room < 2 or length < 2.2 or rise <= 0:
        return []
    along, up = np.array([1.0, 0, 0]), np.array([0, reach, rise]) / length
    lift = np.cross(along, up) * (0.04 if window else 0.12)
    if window:
        size, count = np.array([rng.uniform(0.6, 1.2), rng.uniform(0.9, 1.5)]), 3
    else:
        size = rng.uniform((0.4, 0.5), (1.0, 0.95)) * (min(room, 12), min(length - 0.6, 7))
        count = 1
    x = ends + size[0] / 2 + rng.random(count) * max(room - size[0], 0)
    away = 0.3 + size[1] / 2 + rng.random(count) * max(length - 0.6 - size[1], 0)
    centre = x[:, None] * along + away[:, None] * up + lift + (0, 0, eave)
    skin = GLASS if window else CELLS
    field = parallelograms(centre, along * size[0] / 2, up * size[1] / 2, skin)
    return [field if rng.random() < 0.5 else field.moved(roof.width, roof.depth, 0, np.pi)]


def terrace(
    rng: np.random.Generator, width: float, depth: float, eave: float, wall: Skin
) -> list[Facets]:
    """The upper side of a flat roof: a parapet, and huts, machines, panels or domes on it."""
    parts = parapet(width, depth, eave, rng.uniform(0.05, 1.1), wall)
    for _ in range(rng.poisson(0.004 * width * depth)):
        size = rng.uniform((0.6, 0.6, 0.4), (2.5, 2.0, 1.6))
        parts.append(_on(rng, width, depth, eave, size, METAL))
    if width * depth > 120 and rng.random() < 0.7:  # the head of a lift or of stairs
        parts.append(_on(rng, width, depth, eave, rng.uniform((2.5, 2.5, 2.2), (5, 5, 3.5)), wall))
    if rng.random() < 0.25 and min(width, depth) > 6:
        tilt, pitch = np.radians(rng.uniform(8, 25)), rng.uniform(1.4, 2.4)
        y = np.arange(1.6, depth - 1.6, pitch)
        rows = np.stack((0 * y + width / 2, y, 0 * y + eave + 0.2 + 0.5 * np.sin(tilt)), axis=1)
        up = (0, 0.5 * np.cos(tilt), 0.5 * np.sin(tilt))
        parts.append(parallelograms(rows, (width / 2 - 1.2, 0, 0), up, CELLS))
    elif rng.random() < 0.3 and width * depth > 200:
        dome = rng.uniform(0.5, 1.0)
        for x in np.arange(3, width - 3, rng.uniform(4, 9)).tolist():
            for row in (0.3 * depth, 0.7 * depth):
                parts.append(box((x, row, eave), (x + dome, row + dome, eave + 0.4), GLASS))
    return parts


def parapet(width: float, depth: float, eave: float, height: float, wall: Skin) -> list[Facets]:
    """A rim around a flat roof."""
    top, rim = eave + height, 0.3
    return [
        box((0, 0, eave), (width, rim, top), wall),
        box((0, depth - rim, eave), (width, depth, top), wall),
        box((0, rim, eave), (rim, depth - rim, top), wall),
        box((width - rim, rim, eave), (width, depth - rim, top), wall),
    ]


def _on(
    rng: np.random.Generator,
    width: float,
    depth: float,
    eave: float,
    size: np.ndarray,
    skin: Skin,
) -> Facets:
    """A box of a size somewhere on a flat roof, within its rim where there is room."""
    size = np.minimum(size, (0.6 * width, 0.6 * depth, size[2]))
    low = rng.uniform((0.1 * width, 0.1 * depth), (0.9 * width - size[0], 0.9 * depth - size[1]))
    corner = np.array([*low, eave])
    return join([box(corner, corner + size, skin)])
