"""Where people work: halls, barns, greenhouses, tanks, silos, stacks, about the origin."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from volseg.synthetic.buildings.roofs import Roof
from volseg.synthetic.buildings.wings import FOOT, Wing, building, draw_style, raised
from volseg.synthetic.facets import Facets, Floats, box, join, quads, rod
from volseg.synthetic.labels import Label, Material, Skin

METAL = Skin(Label.BUILDING, Material.METAL)
BRICK = Skin(Label.BUILDING, Material.BRICK)
GLASS = Skin(Label.BUILDING, Material.GLASS)


def hall(rng: np.random.Generator, width: float, depth: float) -> Facets:
    """A hall within |x| <= width / 2, |y| <= depth / 2, sometimes with offices before it."""
    shape = str(rng.choice(["flat", "gable", "saw-tooth", "shed", "barrel"], p=SHARES))
    style = replace(draw_style(rng, shape, rng.uniform(5, 14)), tile=METAL, over=0.0)
    roof = [Wing(0, 0, width, depth)]
    if shape in ("gable", "barrel") and depth > 25:  # several naves side by side
        naves = int(np.ceil(depth / 22))
        roof = [
            Wing(0, (k - (naves - 1) / 2) * depth / naves, width, depth / naves)
            for k in range(naves)
        ]
    parts = [building(rng, roof, style, 1.0, int(rng.integers(2**32)))]
    if rng.random() < 0.4:
        long, high = rng.uniform(0.2, 0.5) * width, rng.uniform(3, 1.3 * style.eave)
        low = (-width / 2, -depth / 2 - rng.uniform(2, 6), -FOOT)
        parts.append(box(low, (long - width / 2, -depth / 2 + 1, high), style.wall))
    return join(parts).as_object()


SHARES = (0.45, 0.25, 0.12, 0.1, 0.08)


def barn(rng: np.random.Generator, width: float, depth: float) -> Facets:
    """A barn or stable under a wide low gable, or a lean-to open to the front."""
    shape = str(rng.choice(["gable", "gable", "half-hip", "shed", "gambrel"]))
    style = replace(draw_style(rng, shape, rng.uniform(3, 6.5)), over=rng.uniform(0.2, 1.2))
    wing = Wing(0, 0, width, depth) if width > depth else Wing(0, 0, depth, width, turned=True)
    return building(rng, [wing], style, 0.3)


def greenhouse(rng: np.random.Generator, width: float, depth: float) -> Facets:
    """Glass over |x| <= width / 2, |y| <= depth / 2: many low gables or round tunnels."""
    span, eave = rng.choice([3.2, 4.0, 6.4, 8.0]), rng.uniform(2.2, 6.0)
    spans = max(1, round(depth / span))
    if rng.random() < 0.7:
        across, rise = np.array([0, 0.5]), np.array([0, 0.22])
    else:
        angle = np.linspace(0, np.pi, 7)[:-1]
        across, rise = 0.5 - 0.5 * np.cos(angle), 0.35 * np.sin(angle)
    y = np.append((np.arange(spans)[:, None] + across).ravel(), spans) * depth / spans
    z = np.append(np.tile(rise, spans), 0) * depth / spans
    style = replace(draw_style(rng, "flat", eave), tile=GLASS, wall=GLASS, over=0.0)
    return raised(Roof(width, y, z), style).moved(-width / 2, -depth / 2, 0).as_object()


def drum(radius: float, height: float, cap: float, skin: Skin, sides: int = 20) -> Facets:
    """An upright drum on the origin under a cone that rises by ``cap``, or falls in if negative."""
    mantle = ring(radius, -FOOT, radius, height, skin, sides)
    if cap > 0:
        return join([mantle, ring(radius, height, 0.0, height + cap, skin, sides)])
    return join([mantle, ring(radius, height + cap, 0.0, height + cap, skin, sides)])


def ring(low: float, foot: float, high: float, head: float, skin: Skin, sides: int = 20) -> Facets:
    """The mantle of a cone cut between two heights, with a radius at each."""
    angle = 2 * np.pi * np.arange(sides + 1) / sides

    def circle(radius: float, z: float) -> Floats:
        return np.stack((radius * np.cos(angle), radius * np.sin(angle), 0 * angle + z), axis=1)

    a, b = circle(low, foot), circle(high, head)
    return quads(a[:-1], a[1:], b[1:], b[:-1], skin)


def tank(rng: np.random.Generator, radius: float) -> Facets:
    """A tank for oil, water or slurry: wide, under a low cone, or open."""
    height = min(rng.uniform(3, 18), 2.5 * radius)
    cap = radius * rng.uniform(0.08, 0.3) if rng.random() < 0.7 else -0.6 * height
    return drum(radius, height, cap, METAL, 24).as_object()


def silo(rng: np.random.Generator) -> Facets:
    """One to four silos in a row, taller than wide, under cones or domes."""
    radius, height = rng.uniform(1.2, 3.5), rng.uniform(7, 22)
    cap = radius * rng.uniform(0.3, 0.9)
    count = int(rng.integers(1, 5))
    shaft = drum(radius, height, cap, METAL, 14)
    return join(shaft.moved(2.1 * radius * k, 0, 0) for k in range(count)).as_object()


def stack(rng: np.random.Generator) -> Facets:
    """A chimney of a works, 18 to 70 m high, narrower towards its mouth."""
    height = rng.uniform(18, 70)
    radius = 0.8 + 0.03 * height
    tube = ring(radius, -FOOT, 0.6 * radius, height, BRICK, 12)
    return join([tube, ring(0.6 * radius, height - 3, 0.0, height - 3, BRICK, 12)]).as_object()


def conveyor(rng: np.random.Generator, length: float) -> Facets:
    """A covered bridge or pipe on trestles along x, as between the parts of a works."""
    height = rng.uniform(4, 9)
    feet = np.arange(1.0, length, 8.0).tolist()
    posts = [rod((x, 0, -1), (x, 0, height), 0.25, METAL, 5) for x in feet]
    tube = [
        rod((a, 0, height), (min(a + 8.0, length), 0, height), rng.uniform(0.3, 1.2), METAL, 8)
        for a in np.arange(0, length, 8.0).tolist()
    ]
    return join([*posts, *tube]).as_object()
