"""Buildings as wings: walls under a roof each, side by side in plans of every letter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from volseg.synthetic.buildings import rooftop
from volseg.synthetic.buildings.roofs import Roof, cover, draw_roof
from volseg.synthetic.facets import Facets, join, parallelograms
from volseg.synthetic.labels import Label, Material, Skin

WALLS = tuple(Skin(Label.BUILDING, m) for m in (Material.PLASTER, Material.BRICK, Material.STONE))
TILES = tuple(Skin(Label.BUILDING, m) for m in (Material.TILE, Material.TILE, Material.METAL))
FOOT = 4.0
"""Metres that walls reach below the ground, so that they stand on slopes."""


@dataclass(frozen=True)
class Wing:
    """A rectangle of a ground plan: its middle, its size along and across its ridge, metres."""

    x: float
    y: float
    width: float
    depth: float
    turned: bool = False


@dataclass(frozen=True)
class Style:
    """What the wings of a building share.

    Attributes:
        shape: shape of the roofs, see `roofs.SHAPES`.
        eave: height of the eaves over the ground, metres.
        over: how far roofs stand out, metres.
        tile: skin of the roofs.
        wall: skin of the walls.
    """

    shape: str
    eave: float
    over: float
    tile: Skin
    wall: Skin


def draw_style(rng: np.random.Generator, shape: str, eave: float) -> Style:
    """A style with skins and eaves at random."""
    return Style(
        shape=shape,
        eave=eave,
        over=0.0 if shape == "flat" else rng.uniform(0.1, 0.9),
        tile=TILES[int(rng.integers(3))],
        wall=WALLS[int(rng.integers(3))],
    )


def plan(letter: str, width: float, depth: float, wide: float) -> list[Wing]:
    """Wings ``wide`` metres across that fill |x| <= width / 2, |y| <= depth / 2 as a letter does.

    Letters: I, L, T, U, H, and O for a courtyard.
    """
    x, y = (width - wide) / 2, (depth - wide) / 2
    back, left, right = (
        Wing(0, y, width, wide),
        Wing(-x, 0, depth, wide, turned=True),
        Wing(x, 0, depth, wide, turned=True),
    )
    letters = {
        "I": [Wing(0, 0, width, depth)],
        "L": [back, left],
        "T": [back, Wing(0, 0, depth, wide, turned=True)],
        "U": [back, left, right],
        "H": [left, right, Wing(0, 0, width, wide)],
        "O": [back, left, right, Wing(0, -y, width, wide)],
    }
    return letters[letter]


def building(
    rng: np.random.Generator, wings: list[Wing], style: Style, rich: float, seed: int | None = None
) -> Facets:
    """One object of wings in one style; roofs carry what their kind does, ``rich`` times.

    One seed gives the roofs of all wings, and of other buildings, the same pitch.
    """
    seed = int(rng.integers(2**32)) if seed is None else seed
    parts = []
    for wing in wings:
        roof = draw_roof(np.random.default_rng(seed), style.shape, wing.width, wing.depth)
        top = _top(rng, roof, style) if rng.random() < rich else []
        turn = np.pi / 2 if wing.turned else 0.0
        own = join([raised(roof, style), *top]).moved(-wing.width / 2, -wing.depth / 2, 0)
        parts.append(own.moved(wing.x, wing.y, 0, turn))
    return join(parts).as_object()


def raised(roof: Roof, style: Style) -> Facets:
    """A roof on its four walls, over 0 <= x <= width, 0 <= y <= depth."""
    half = np.array([[roof.width / 2, 0, 0], [0, roof.depth / 2, 0]])
    middle = half.sum(axis=0) + (0, 0, (style.eave - FOOT) / 2)
    upright = (0, 0, (style.eave + FOOT) / 2)
    walls = [
        parallelograms(middle + side * half[axis], half[1 - axis], upright, style.wall)
        for axis in (0, 1)
        for side in (-1, 1)
    ]
    return join([*walls, cover(roof, style.eave, style.over, style.tile, style.wall)])


def _top(rng: np.random.Generator, roof: Roof, style: Style) -> list[Facets]:
    eave = style.eave
    if style.shape == "flat":
        return rooftop.terrace(rng, roof.width, roof.depth, eave, style.wall)
    if style.shape in ("shed", "saw-tooth", "barrel"):
        return []
    parts = rooftop.chimneys(rng, roof, eave, int(rng.integers(0, 3)))
    if rng.random() < 0.35:
        parts += rooftop.dormers(rng, roof, eave, style.tile, style.wall)
    if rng.random() < 0.3:
        parts += rooftop.panels(rng, roof, eave, window=bool(rng.random() < 0.4))
    return parts
