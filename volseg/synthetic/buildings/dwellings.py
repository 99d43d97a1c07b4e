"""Where people live and meet: houses, blocks, towers, churches, about the origin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from volseg.synthetic.buildings.facade import Facade
from volseg.synthetic.buildings.outworks import balconies
from volseg.synthetic.buildings.roofs import Roof
from volseg.synthetic.buildings.wings import Style, Wing, building, draw_style, plan, raised
from volseg.synthetic.facets import Facets, box, join
from volseg.synthetic.labels import Label, Material, Skin

METAL = Skin(Label.BUILDING, Material.METAL)
STOREY = (2.6, 3.4)


def eaves(rng: np.random.Generator, floors: int) -> float:
    """Height of the eaves over so many floors."""
    return rng.uniform(0.3, 0.9) + floors * rng.uniform(*STOREY)


def house(rng: np.random.Generator, width: float, depth: float, style: Style) -> Facets:
    """A detached house within |x| <= width / 2, |y| <= depth / 2: one wing, or an L or a T."""
    letter = str(rng.choice(["I", "L", "T"], p=(0.65, 0.2, 0.15)))
    wide = min(width, depth) * rng.uniform(0.55, 0.7)
    wings = plan(letter, width, depth, wide)
    if letter == "I" and (width < depth or rng.random() < 0.2):
        wings = [Wing(0, 0, depth, width, turned=True)]
    parts = [building(rng, wings, style, 0.9)]
    if rng.random() < 0.35:  # a conservatory, a porch or a terrace with a roof at the back
        long, deep, tall = rng.uniform((2, 1.5, 2.2), (0.6 * width, 3.5, 2.8))
        x, y = rng.uniform(-0.5, 0.5) * (width - long), depth / 2
        parts.append(box((x - long / 2, y - 0.3, 0), (x + long / 2, y + deep, tall), METAL))
    return join(parts).as_object()


def garage(rng: np.random.Generator, width: float, depth: float) -> Facets:
    """A garage, carport or shed under a flat roof, a low gable or a lean-to."""
    shape = str(rng.choice(["flat", "flat", "gable", "shed"]))
    style = replace(draw_style(rng, shape, rng.uniform(2.1, 2.8)), over=rng.uniform(0, 0.3))
    return building(rng, [Wing(0, 0, depth, width, turned=True)], style, 0.0)


def terrace(rng: np.random.Generator, units: int, pitch: float, depth: float) -> Facets:
    """A row of houses in one style under one roof; each has its own chimney, dormer or panels."""
    shape = str(rng.choice(["gable", "gable", "gambrel", "flat", "mansard"]))
    style = draw_style(rng, shape, eaves(rng, int(rng.integers(1, 4))))
    style = replace(style, over=min(style.over, 0.4))
    seed = int(rng.integers(2**32))
    middle = (np.arange(units) - (units - 1) / 2) * pitch
    row = []
    for x in middle.tolist():
        # The same pitch for all, and what stands on it at random.
        unit = building(rng, [Wing(0, 0, pitch, depth)], style, 0.8, seed)
        row.append(unit.moved(x, rng.choice([0.0, 0.0, 0.4]), rng.choice([0, 0, 0.3])))
    return join(row).as_object()


def block(
    rng: np.random.Generator, letter: str, width: float, depth: float, style: Style
) -> Facets:
    """A block of flats as a letter, 10 to 15 m deep, with balconies before its long sides."""
    wide = min(rng.uniform(10, 15), 0.45 * min(width, depth))
    wings = plan(letter, width, depth, wide if letter != "I" else depth)
    made = [building(rng, wings, style, 1.0)]
    floors = max(1, round(style.eave / 3))
    front = Facade(
        width=width,
        bays=max(2, round(width / 4.5)),
        floors=floors,
        storey=style.eave / floors,
        plinth=0.0,
        recess=0.0,
        glazed=1.0,
        blind=1.0,
        wall=style.wall,
    )
    if rng.random() < 0.6 and width < 90:
        made += [
            slab.moved(-width / 2, -depth / 2, 0)
            for slab in balconies(rng, front, -1)
            if len(slab) < 12  # no bars: from the air they are a haze
        ]
    return join(made).as_object()


def church(rng: np.random.Generator, length: float, wide: float) -> Facets:
    """A nave along y with a tower of three to six storeys under a spire at its front."""
    style = replace(draw_style(rng, "gable", rng.uniform(7, 13)), over=0.2)
    nave = Wing(0, wide / 4, length - wide / 2, wide, turned=True)
    cross = [Wing(0, length / 4, 1.7 * wide, 0.7 * wide)] if rng.random() < 0.5 else []
    size = wide * rng.uniform(0.45, 0.65)
    rise = size * rng.uniform(0.4, 3.0)
    spire = Roof(size, np.array([0, size / 2, size]), np.array([0, rise, 0]), hip=1.0)
    tower = replace(style, eave=style.eave + rng.uniform(6, 25))
    front = raised(spire, tower).moved(-size / 2, -length / 2, 0)
    return join([building(rng, [nave, *cross], style, 0.0), front]).as_object()
