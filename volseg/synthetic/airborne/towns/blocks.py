"""Where flats stand: perimeter blocks with courtyards, slabs, towers, an old centre."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.cars import fleet
from volseg.synthetic.airborne.site import Site, lot
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.towns.plots import cut, park, ranks, stalls
from volseg.synthetic.buildings.dwellings import block, church, eaves, garage
from volseg.synthetic.buildings.wings import Wing, building, draw_style
from volseg.synthetic.labels import Material
from volseg.synthetic.scenery import Scenery

PARK = ("broadleaf", "spreading", "broadleaf", "column", "spruce")


def blocks(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Blocks of three to seven floors around courtyards with trees, annexes and cars."""
    site = Site(rng, terrain, area, leaves)
    shape = str(rng.choice(["mansard", "flat", "gable", "hip"]))
    for row in ranks(site, area, rng.uniform(55, 85)):
        for plot in cut(rng, row, (45, 90)):
            style = draw_style(rng, shape, eaves(rng, int(rng.integers(3, 8))))
            letter = str(rng.choice(["O", "O", "U", "L"]))
            wide, deep = plot.length - rng.uniform(3, 9), plot.depth - rng.uniform(2, 6)
            if min(wide, deep) < 28:
                letter = "I"
                deep = min(deep, 15)
            spot = lot(plot, (0, 0), (wide, deep))
            # Its courtyard stays free: it is taken wing by wing.
            if not site.is_free(spot):
                continue
            made = block(rng, letter, wide, deep, style)
            site.build(made, spot, 2.0)
            if letter != "I":
                site.taken[-1:] = _wings(spot, letter)
                _court(site, spot)
    site.plant(PARK, 8, (5, 18), rng.uniform(0.2, 0.7), 2.5)
    site.plant(("shrub",), 5, (0.5, 2.0), rng.uniform(0.05, 0.3), 1.0)
    return site.scenery


def slabs(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Long blocks of four to ten floors in parallel, lawns with trees and car parks between."""
    site = Site(rng, terrain, area, leaves)
    style = draw_style(rng, str(rng.choice(["flat", "flat", "gable"])), 0)
    floors, turned = int(rng.integers(3, 11)), rng.random() < 0.4
    for row in ranks(site, area, rng.uniform(38, 60)):
        for plot in cut(rng, row, (24, 32) if turned else (45, 90)):
            long, deep = rng.uniform(0.6, 0.9) * max(plot.length, plot.depth), rng.uniform(10, 14)
            long = min(long, (plot.depth if turned else plot.length) - 3)
            tall = replace(style, eave=floors * 2.8 + rng.uniform(0, 2))
            spot = lot(plot, (0, rng.uniform(-2, 2)), (long, deep), turned * np.pi / 2)
            site.build(block(rng, "I", long, deep, tall), spot, 3.0)
    for _ in range(int(rng.integers(1, 4))):
        _lawn_park(site)
    site.plant(PARK, 9, (4, 20), rng.uniform(0.2, 0.7), 2.5)
    site.plant(("shrub",), 6, (0.5, 2.0), rng.uniform(0.05, 0.3), 1.0)
    return site.scenery


def towers(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Towers of 9 to 30 floors far apart, low buildings and cars at their feet."""
    site = Site(rng, terrain, area, leaves)
    for row in ranks(site, area, rng.uniform(50, 70)):
        for plot in cut(rng, row, (40, 65)):
            wide, deep = rng.uniform((16, 15), (30, 24))
            floors = int(rng.integers(9, 31))
            style = draw_style(rng, "flat", 3 * floors + rng.uniform(0, 3))
            letter = "I" if rng.random() < 0.6 else str(rng.choice(["L", "T", "H"]))
            spot = lot(plot, rng.uniform(-4, 4, 2), (wide, deep), rng.choice([0, 0, np.pi / 4]))
            site.build(block(rng, letter, wide, deep, style), spot, 4.0)
            if rng.random() < 0.5:  # shops on the ground
                long, low = rng.uniform((12, 8), (25, 14))
                at = lot(plot, (rng.uniform(-10, 10), 0.5 * plot.depth - low / 2 - 1), (long, low))
                flat = draw_style(rng, "flat", rng.uniform(3.5, 5))
                site.build(building(rng, [Wing(0, 0, long, low)], flat, 0.8), at, 2.0)
            _lawn_park(site)
    site.plant(PARK, 9, (4, 18), rng.uniform(0.2, 0.7), 2.5)
    return site.scenery


def centre(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Narrow old houses of all heights wall to wall, annexes in the yards, a church, a market."""
    site = Site(rng, terrain, area, leaves)
    if min(area.length, area.depth) > 55:
        spot = lot(
            area, (rng.uniform(-0.25, 0.25) * area.length, 0), (20, 42), rng.choice([0, np.pi])
        )
        site.pave(lot(spot, (0, 0), (34, 52)), Material.PAVING)
        site.build(church(rng, 40, rng.uniform(11, 15)), spot, 2.0)
    for row in ranks(site, area, rng.uniform(24, 36)):
        site.pave(row, Material.PAVING)
        for plot in cut(rng, row, (5.5, 15)):
            deep = min(rng.uniform(10, 16), row.depth - 1)
            turned = rng.random() < 0.4 and plot.length < 12
            shape = str(rng.choice(["gable", "gable", "hip", "mansard", "half-hip", "flat"]))
            style = draw_style(rng, shape, eaves(rng, int(rng.integers(2, 6))))
            style = replace(style, over=min(style.over, 0.3))
            wing = Wing(0, 0, *((deep, plot.length) if turned else (plot.length, deep)), turned)
            spot = lot(plot, (0, (deep - row.depth) / 2 + rng.uniform(0, 0.5)), (plot.length, deep))
            site.build(building(rng, [wing], style, 0.9), _slim(spot), 1.0)
            if rng.random() < 0.6:
                size = np.minimum(rng.uniform((3, 3), (7, 9)), plot.length - 0.4)
                back = lot(plot, (0, row.depth / 2 - size[1] / 2 - 0.3), size)
                site.build(garage(rng, *size), back, 0.5)
    site.plant(("broadleaf", "fruit", "shrub"), 7, (2, 12), rng.uniform(0.05, 0.4), 1.2)
    return site.scenery


def _slim(spot: Area) -> Area:
    """A spot a little narrower, so that neighbours may stand wall to wall."""
    return lot(spot, (0, 0), (spot.length - 0.05, spot.depth))


def _wings(spot: Area, letter: str) -> list[Area]:
    """What a block covers of its spot, at most 15 m deep from its edges."""
    wide = min(15.0, 0.45 * min(spot.length, spot.depth))
    x, y = (spot.length - wide) / 2, (spot.depth - wide) / 2
    sides = {
        "back": lot(spot, (0, y), (spot.length, wide)),
        "left": lot(spot, (-x, 0), (wide, spot.depth)),
        "right": lot(spot, (x, 0), (wide, spot.depth)),
        "front": lot(spot, (0, -y), (spot.length, wide)),
    }
    return list(sides.values())[: {"L": 2, "U": 3, "O": 4}[letter]]


def _court(site: Site, spot: Area) -> None:
    """Annexes and cars in a courtyard."""
    rng = site.rng
    if rng.random() < 0.5:
        site.pave(lot(spot, (0, 0), (spot.length - 30, spot.depth - 30)), Material.PAVING)
    for _ in range(int(rng.integers(0, 5))):
        size = rng.uniform((3, 3), (14, 8))
        along, across = rng.uniform(-0.3, 0.3, 2) * (spot.length, spot.depth)
        site.build(garage(rng, *size), lot(spot, (along, across), size), 1.0)
    for car in fleet(rng, int(rng.integers(0, 7))):
        along, across = rng.uniform(-0.3, 0.3, 2) * (spot.length, spot.depth)
        park(site, car, lot(spot, (along, across), (2.1, 4.9), rng.choice([0, np.pi / 2])))


def _lawn_park(site: Site) -> None:
    """A small car park somewhere on a lawn."""
    rng, area = site.rng, site.area
    along, across = rng.uniform(-0.45, 0.45, 2) * (area.length, area.depth)
    spot = lot(area, (along, across), (rng.uniform(12, 35), 16), rng.choice([0, np.pi / 2]))
    if site.is_free(spot):
        stalls(site, spot, rng.uniform(0.2, 0.9))
