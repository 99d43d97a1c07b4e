"""Where people work: halls, works with tanks and stacks, farms, greenhouses, car parks."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.cars import fleet
from volseg.synthetic.airborne.lines import borders
from volseg.synthetic.airborne.site import Site, lot
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.towns.plots import cut, park, ranks, stalls
from volseg.synthetic.buildings import works
from volseg.synthetic.buildings.dwellings import block, eaves, house
from volseg.synthetic.buildings.wings import draw_style
from volseg.synthetic.facets import box
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scenery import Scenery

CRATE = Skin(Label.FURNITURE, Material.PAINT)
BALE = Skin(Label.FURNITURE, Material.CROP)


def halls(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Halls and offices on paved yards with lorries, containers, cars, and a fence."""
    site = Site(rng, terrain, area, leaves)
    for row in ranks(site, area, rng.uniform(50, 110)):
        for plot in cut(rng, row, (40, 110)):
            site.pave(lot(plot, (0, 0), (plot.length - 4, plot.depth - 4)), _yard(rng))
            wide, deep = rng.uniform((0.45, 0.4), (0.8, 0.7)) * (plot.length, plot.depth)
            along = rng.uniform(-0.5, 0.5) * (plot.length - wide - 6)
            spot = lot(plot, (along, rng.uniform(-3, 4)), (wide, deep))
            site.build(works.hall(rng, wide, deep), spot, 4.0)
            if rng.random() < 0.4:
                _offices(site, plot)
            _goods(site, plot)
    _enclose(site, area)
    site.plant(("broadleaf", "column", "shrub"), 12, (3, 12), rng.uniform(0.05, 0.35), 3)
    return site.scenery


def industry(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Works: tanks in groups, silos, a stack, pipes on trestles, halls, heaps."""
    site = Site(rng, terrain, area, leaves)
    for row in ranks(site, area, rng.uniform(45, 70)):
        for plot in cut(rng, row, (35, 70)):
            site.pave(plot, _yard(rng))
            kind = rng.random()
            if kind < 0.4:
                _tanks(site, plot)
            elif kind < 0.7:
                size = rng.uniform(0.35, 0.65, 2) * (plot.length, plot.depth)
                site.build(works.hall(rng, *size), lot(plot, (0, 0), size), 3.0)
                site.build(
                    works.stack(rng), lot(plot, (0.4 * plot.length, 0.4 * plot.depth), (6, 6))
                )
            else:
                _heaps(site, plot)
            at = lot(plot, (-0.35 * plot.length, -0.35 * plot.depth), (17, 8))
            site.build(works.silo(rng).moved(-7, 0, 0), at, 1.0)
            _goods(site, plot)
    long = 0.6 * area.length
    pipe = works.conveyor(rng, long).moved(-long / 2, 0, 0)
    site.build(pipe, lot(area, (0, rng.uniform(-0.4, 0.4) * area.depth), (long, 3)), 0.5)
    _enclose(site, area)
    return site.scenery


def farm(rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True) -> Scenery:
    """A farmhouse, barns around a yard, silos, a slurry tank, machines, bales, old trees."""
    site = Site(rng, terrain, area, leaves)
    size = np.minimum((area.length, area.depth), 90)
    yard = lot(area, (0, 0), (0.5 * size[0], 0.4 * size[1]))
    site.pave(yard, _yard(rng))
    site.taken.append(lot(yard, (0, 0), (yard.length - 4, 2)))
    style = draw_style(rng, str(rng.choice(["gable", "half-hip", "hip"])), eaves(rng, 2))
    wide, deep = rng.uniform((11, 9), (18, 12))
    site.build(house(rng, wide, deep, style), lot(area, (0, -0.3 * size[1]), (wide, deep)), 2.5)
    for side, along, across in ((0, 0, 0.33), (1, -0.36, 0), (1, 0.36, 0), (0, 0.3, 0.45)):
        if rng.random() < 0.85:
            wide, deep = rng.uniform((0.25, 9), (0.55, 18)) * (size[0], 1)
            at = lot(area, (along * size[0], across * size[1]), (wide, deep), side * np.pi / 2)
            site.build(works.barn(rng, wide, deep), at, 2.5)
    for _ in range(int(rng.integers(1, 4))):
        radius = rng.uniform(4, 11)
        site.build(works.tank(rng, radius), _somewhere(site, 2 * radius, 2 * radius), 1.0)
    site.build(works.silo(rng).moved(-6, 0, 0), _somewhere(site, 16, 7), 1.0)
    for car in fleet(rng, 4, ("truck", "suv", "pickup", "van")):
        park(site, car, lot(yard, rng.uniform(-0.4, 0.4, 2) * (yard.length, yard.depth), (2.8, 8)))
    long, count = rng.uniform(6, 20), int(rng.integers(1, 4))
    bales = box((-long / 2, -2, -0.3), (long / 2, 2, 1.2 * count), BALE)
    site.put(bales, _somewhere(site, long, 4))
    site.plant(("broadleaf", "spreading", "fruit"), 10, (4, 22), rng.uniform(0.2, 0.6), 2.0)
    site.plant(("shrub",), 6, (0.5, 3), 0.25, 1.0)
    return site.scenery


def greenhouses(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Glass side by side, water tanks and a store beside it, paths between."""
    site = Site(rng, terrain, area, leaves)
    for row in ranks(site, area, rng.uniform(45, 90)):
        for plot in cut(rng, row, (40, 100)):
            wide, deep = plot.length - rng.uniform(3, 9), plot.depth - rng.uniform(3, 14)
            site.build(works.greenhouse(rng, wide, deep), lot(plot, (0, 0), (wide, deep)), 2.5)
    for _ in range(3):
        radius = rng.uniform(3, 8)
        site.build(works.tank(rng, radius), _somewhere(site, 2 * radius, 2 * radius), 1.0)
    site.plant(("shrub", "column"), 9, (1, 5), 0.1, 1.0)
    return site.scenery


def car_park(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Stalls on both sides of aisles, lamps and trees between them, cars in many."""
    site = Site(rng, terrain, area, leaves)
    stalls(site, area, rng.uniform(0.2, 0.95))
    return site.scenery


def _yard(rng: np.random.Generator) -> Material:
    return (Material.ASPHALT, Material.PAVING, Material.GRAVEL)[int(rng.integers(3))]


def _somewhere(site: Site, length: float, depth: float) -> Area:
    """A spot of a size on a site, free if a few draws find one."""
    spot = site.area
    for _ in range(12):
        reach = np.array((site.area.length - length, site.area.depth - depth))
        spot = lot(site.area, site.rng.uniform(-0.5, 0.5, 2) * reach, (length, depth))
        if site.is_free(spot):
            break
    return spot


def _offices(site: Site, plot: Area) -> None:
    rng = site.rng
    wide, deep = rng.uniform((12, 9), (30, 13))
    style = draw_style(rng, "flat", eaves(rng, int(rng.integers(2, 5))))
    spot = lot(
        plot, (rng.uniform(-0.2, 0.2) * plot.length, deep / 2 + 2 - plot.depth / 2), (wide, deep)
    )
    site.build(block(rng, "I", wide, deep, style), spot, 2.0)


def _goods(site: Site, plot: Area) -> None:
    """Containers, lorries, and cars in a row on the yard of a plot."""
    rng, half = site.rng, np.array((plot.length, plot.depth)) / 2 - 4
    for _ in range(int(rng.integers(0, 9))):
        high = int(rng.integers(1, 4)) * 2.6
        crate = box((-3.03, -1.22, -0.2), (3.03, 1.22, high), CRATE).as_object()
        at = lot(plot, rng.uniform(-half, half), (6.1, 2.5), rng.choice([0, np.pi / 2]))
        site.put(crate, at)
    for lorry in fleet(rng, int(rng.integers(0, 4)), ("truck", "van")):
        park(site, lorry, lot(plot, rng.uniform(-half, half), (3, 9), rng.choice([0, np.pi / 2])))
    if rng.random() < 0.6:
        stalls(
            site, lot(plot, (0, 4.5 - plot.depth / 2), (plot.length - 8, 5)), rng.uniform(0.2, 0.9)
        )


def _tanks(site: Site, plot: Area) -> None:
    """Equal tanks in a square, each free of the next."""
    radius = site.rng.uniform(3, 0.2 * min(plot.length, plot.depth))
    seed = int(site.rng.integers(2**32))
    for along in np.arange(-0.35 * plot.length, 0.35 * plot.length, 3 * radius):
        for across in np.arange(-0.35 * plot.depth, 0.35 * plot.depth, 3 * radius):
            made = works.tank(np.random.default_rng(seed), radius)
            site.build(made, lot(plot, (along, across), (2 * radius, 2 * radius)), 1.0)


def _heaps(site: Site, plot: Area) -> None:
    """Heaps of gravel or sand: they are ground."""
    for _ in range(int(site.rng.integers(2, 6))):
        radius, steep = site.rng.uniform((3, 0.4), (9, 0.7))
        reach = np.maximum(np.array((plot.length, plot.depth)) / 2 - radius, 0)
        spot = lot(plot, site.rng.uniform(-reach, reach), (2 * radius, 2 * radius))
        if site.is_free(spot):
            site.taken.append(spot)
            site.pave(spot, Material.GRAVEL)
            window = spot.cells(site.terrain)
            away = lot(spot, (0, 0), (0.1, 0.1)).outside(site.terrain, window)
            site.terrain.z[window] += steep * np.clip(radius - away, 0, 0.8 * radius)


def _enclose(site: Site, area: Area) -> None:
    """A fence around, but for a gate."""
    half = np.array((area.length, area.depth)) / 2 - 0.4
    corners = np.array([(0.1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1), (-0.1, -1)]) * half
    line = np.stack(area.world(*corners.T), axis=1)
    if not site.terrain.wet(*line.T).any():
        site.parts.append(borders.fence(site.rng, site.terrain, line))
