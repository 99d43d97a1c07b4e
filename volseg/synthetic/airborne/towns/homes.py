"""Where houses stand in gardens: detached, in rows, in villages; and gardens without houses."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.cars import fleet
from volseg.synthetic.airborne.lines import borders
from volseg.synthetic.airborne.site import Site, lot
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.towns.plots import cut, park, ranks
from volseg.synthetic.buildings.dwellings import church, eaves, garage, house, terrace
from volseg.synthetic.buildings.wings import draw_style
from volseg.synthetic.buildings.works import barn
from volseg.synthetic.labels import Material
from volseg.synthetic.scenery import Scenery

GARDEN = ("broadleaf", "broadleaf", "spreading", "fruit", "spruce", "column")


def detached(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Houses of one or two storeys in gardens, most of them in the fashion of their street."""
    site = Site(rng, terrain, area, leaves)
    fashion = str(rng.choice(["gable", "hip", "half-hip", "flat", "pyramid", "gambrel"]))
    for row in ranks(site, area, rng.uniform(26, 38)):
        for plot in cut(rng, row, (14, 27)):
            shape = fashion if rng.random() < 0.65 else str(rng.choice(["gable", "hip", "shed"]))
            _home(site, plot, shape)
    return _gardens(site)


def rows(rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True) -> Scenery:
    """Rows of houses wall to wall, narrow gardens with sheds behind them."""
    site = Site(rng, terrain, area, leaves)
    pitch, deep = rng.uniform(5, 7.5), rng.uniform(8, 11)
    for row in ranks(site, area, rng.uniform(24, 34)):
        set_back = min(rng.uniform(2, 6), max(row.depth - deep - 2, 0))
        for run in cut(rng, row, (4 * pitch, 10 * pitch)):
            units = int((run.length - 2.5) / pitch)
            if units < 1:
                continue
            across = -run.depth / 2 + set_back + deep / 2
            spot = lot(run, (0, across), (units * pitch, deep))
            if site.build(terrace(rng, units, pitch, deep), spot):
                _yards(site, run, units, pitch, across + deep / 2)
    return _gardens(site)


def village(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """A church among houses and barns of all sizes, askew to each other, and big trees."""
    site = Site(rng, terrain, area, leaves)
    if min(area.length, area.depth) > 45:
        spot = lot(area, (rng.uniform(-0.2, 0.2) * area.length, 0), (13, 32), rng.normal(0, 0.3))
        site.build(church(rng, 30, rng.uniform(8, 12)), spot)
    for row in ranks(site, area, rng.uniform(30, 45)):
        for plot in cut(rng, row, (18, 40)):
            turned = lot(plot, (0, 0), (plot.length, plot.depth), rng.normal(0, 0.12))
            _home(site, turned, str(rng.choice(["gable", "gable", "half-hip", "hip"])))
            if rng.random() < 0.45:
                wide, deep = rng.uniform((9, 8), (18, 13))
                spot = lot(turned, (rng.uniform(-4, 4), 0.25 * plot.depth), (wide, deep))
                site.build(barn(rng, wide, deep), spot)
    return _gardens(site)


def allotments(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Small gardens side by side: a shed, fruit trees, beds and a hedge each."""
    site = Site(rng, terrain, area, leaves)
    for row in ranks(site, area, 18):
        for plot in cut(rng, row, (9, 15)):
            size = rng.uniform((2.2, 2.0), (5.5, 4.0))
            away = rng.uniform(-0.2, 0.3) * plot.depth
            site.build(garage(rng, *size), lot(plot, (rng.uniform(-2, 2), away), size), 0.5)
            _border(site, plot, rng.random() < 0.7)
    site.plant(("fruit", "shrub", "fruit"), 5.0, (1.5, 4.5), 0.6, 0.5)
    site.plant(("shrub",), 2.2, (0.2, 0.8), 0.3, 0.3)
    return site.scenery


def _home(site: Site, plot: Area, shape: str) -> None:
    """A house with a drive, a garage, a shed, and borders to the neighbours."""
    rng = site.rng
    deep = min(rng.uniform(8, 12), plot.depth - 3)
    wide = min(rng.uniform(0.42, 0.66) * plot.length, 14)
    if deep < 6 or wide < 5:
        return
    front = min(rng.uniform(3, 8), plot.depth - deep - 1)
    across = -plot.depth / 2 + front + deep / 2
    side = float(rng.choice([-1, 1]))
    along = side * (plot.length - wide - 3) / 2 * rng.uniform(0.5, 1)
    style = draw_style(rng, shape, eaves(rng, int(rng.choice([1, 1, 1, 2, 2, 3]))))
    built = site.build(house(rng, wide, deep, style), lot(plot, (along, across), (wide, deep)), 2.5)
    gap = plot.length / 2 - abs(along) - wide / 2 + max(abs(along) - 1, 0)
    if built and gap > 3:
        _drive(site, plot, -side * (plot.length / 2 - 2.2), across)
    if rng.random() < 0.45:
        size = rng.uniform((2.0, 2.0), (4.5, 3.5))
        corner = side * rng.uniform(0.2, 0.35) * plot.length, 0.5 * plot.depth - size[1]
        site.build(garage(rng, *size), lot(plot, corner, size), 0.8)
    _border(site, plot, rng.random() < 0.5)


def _drive(site: Site, plot: Area, along: float, across: float) -> None:
    """Paving from the road to a garage, or to nowhere, and a car on it."""
    rng, front = site.rng, -plot.depth / 2
    length = across - front
    site.pave(lot(plot, (along, (front + across) / 2), (3, length)), Material.PAVING)
    if rng.random() < 0.6:
        size = rng.uniform((2.9, 5.2), (3.4, 7))
        site.build(garage(rng, *size), lot(plot, (along, across + rng.uniform(0, 3)), size), 1.0)
    if rng.random() < 0.5 and length > 5.5:
        park(site, fleet(rng, 1)[0], lot(plot, (along, front + 2.8), (2.0, 4.9)))


def _yards(site: Site, run: Area, units: int, pitch: float, back: float) -> None:
    """Behind each house of a row a narrow garden with a shed and a border."""
    rng, room = site.rng, run.depth / 2 - back
    for k in range(units):
        x = (k - (units - 1) / 2) * pitch
        if rng.random() < 0.5 and room > 5:
            size = np.minimum(rng.uniform((2, 1.8), (3.5, 2.8)), pitch - 1.2)
            spot = lot(
                run,
                (
                    x + rng.choice([-1, 1]) * (pitch - size[0] - 0.8) / 2,
                    run.depth / 2 - size[1] / 2 - 0.3,
                ),
                size,
            )
            site.build(garage(rng, *size), spot, 0.5)
        if rng.random() < 0.6 and room > 3:
            ends = np.array([[x + pitch / 2, back + 0.3], [x + pitch / 2, run.depth / 2 - 0.2]])
            _line(site, run, ends)


def _border(site: Site, plot: Area, closed: bool) -> None:
    """A border on one side of a plot and at its back, and sometimes before it."""
    x, y = plot.length / 2, plot.depth / 2
    corners = np.array([[x, -y + 0.5], [x, y - 0.2], [-x, y - 0.2]])
    _line(site, plot, corners)
    if closed:
        _line(site, plot, np.array([[-x, -y + 0.5], [x - 4, -y + 0.5]]))


def _line(site: Site, plot: Area, corners: np.ndarray) -> None:
    """A border of some kind along corners (k, 2) in the frame of a plot."""
    rng = site.rng
    line = np.stack(plot.world(corners[:, 0], corners[:, 1]), axis=1)
    if not (site.area.holds(*line.T).all() and site.free(line, 0.0).all()):
        return
    if site.terrain.wet(*line.T).any():
        return
    kind = rng.random()
    if kind < 0.45:
        site.parts.append(borders.hedge(rng, site.terrain, line, leaves=site.leaves))
    elif kind < 0.85:
        build = borders.fence if kind < 0.72 else borders.wall
        site.parts.append(build(rng, site.terrain, line))


def _gardens(site: Site) -> Scenery:
    """Trees and shrubs over what is left of a site."""
    green = site.rng.uniform(0.2, 1.0)
    site.plant(GARDEN, 7.5, (2.5, 16), 0.7 * green, 1.8)
    site.plant(("shrub",), 4.0, (0.4, 2.8), 0.5 * green, 0.8)
    return site.scenery
