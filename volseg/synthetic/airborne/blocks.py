"""How land is divided: blocks between streets, tracks and bare borders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.facets import Floats


@dataclass(frozen=True)
class Border:
    """A straight street between blocks, or a border without one.

    Attributes:
        line: float64 (2, 2), x and y of both ends, metres.
        width: of what is driven on, metres; 0 for a border.
        main: whether it was laid first, past many blocks.
    """

    line: Floats
    width: float
    main: bool


@dataclass(frozen=True)
class Division:
    """How land is cut up.

    Attributes:
        longest: side of a block above which it is cut, metres.
        streets: share of cuts that are streets, not mere borders.
        width: of streets, narrowest and widest, metres.
    """

    longest: float
    streets: float
    width: tuple[float, float]


def divide(
    rng: np.random.Generator, land: Area, division: Division
) -> tuple[list[Area], list[Border]]:
    """Cut land into blocks by streets and borders, each across the longer side of a piece."""
    blocks, streets = [], []
    pieces = [(-land.length / 2, -land.depth / 2, land.length / 2, land.depth / 2, 0)]
    while pieces:
        x0, y0, x1, y1, depth = pieces.pop(0)
        wide, deep = x1 - x0, y1 - y0
        if max(wide, deep) < division.longest * rng.uniform(0.7, 1.4):
            blocks.append(_facing(rng, land, (x0, y0, x1, y1)))
            continue
        width = rng.uniform(*division.width) * (1.4 if depth < 2 else 1.0)
        width = width if rng.random() < division.streets else 0.0
        gap = width / 2 + (rng.uniform(0.8, 3.5) if width else rng.uniform(0.3, 1.5))
        cut = rng.uniform(0.35, 0.65)
        if wide > deep:
            x = x0 + cut * wide
            ends = np.array([[x, y0 - 2], [x, y1 + 2]])
            pieces += [(x0, y0, x - gap, y1, depth + 1), (x + gap, y0, x1, y1, depth + 1)]
        else:
            y = y0 + cut * deep
            ends = np.array([[x0 - 2, y], [x1 + 2, y]])
            pieces += [(x0, y0, x1, y - gap, depth + 1), (x0, y + gap, x1, y1, depth + 1)]
        line = np.stack(land.world(*ends.T), axis=1)
        streets.append(Border(line, width, depth < 2))
    return blocks, streets


def _facing(rng: np.random.Generator, land: Area, sides: tuple[float, float, float, float]) -> Area:
    """A block whose front is one of its longer sides."""
    x0, y0, x1, y1 = sides
    x, y = land.world(np.array((x0 + x1) / 2), np.array((y0 + y1) / 2))
    wide, deep, turn = x1 - x0, y1 - y0, np.pi * float(rng.integers(2))
    if deep > wide:
        wide, deep, turn = deep, wide, turn + np.pi / 2
    return Area(float(x), float(y), wide, deep, land.heading + turn)
