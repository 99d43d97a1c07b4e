"""Open grounds with things on them: sports, campsites, cemeteries, fields of solar panels."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.cars import fleet
from volseg.synthetic.airborne.lines import borders
from volseg.synthetic.airborne.lines.bars import bars
from volseg.synthetic.airborne.site import Site, lean, lot
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.towns.plots import cut, park, ranks
from volseg.synthetic.buildings.dwellings import eaves, house
from volseg.synthetic.buildings.wings import Wing, building, draw_style
from volseg.synthetic.buildings.works import barn, ring
from volseg.synthetic.facets import Facets, box, join, parallelograms
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scenery import Scenery

STEEL = Skin(Label.FURNITURE, Material.METAL)
STONE = Skin(Label.FURNITURE, Material.STONE)
CANVAS = Skin(Label.FURNITURE, Material.PAINT)
CELLS = Skin(Label.FURNITURE, Material.SCREEN)
CARAVAN = Skin(Label.VEHICLE, Material.PAINT)


def sports(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Level pitches and courts with goals, floodlights and fences, a stand and a clubhouse."""
    site = Site(rng, terrain, area, leaves)
    for row in ranks(site, area, rng.uniform(45, 75)):
        for plot in cut(rng, row, (35, 110)):
            half = plot.length / 2 - 5, plot.depth / 2 - 6
            field = lot(plot, (0, 2), (2 * half[0], 2 * half[1]))
            if not site.build(_goals(2 * half[0]), field, 3.0):
                continue
            site.pave(field, (Material.GRASS, Material.SOIL, Material.PAVING)[int(rng.integers(3))])
            for x in (-0.5, 0.5):
                mast = lot(field, (x * field.length, field.depth / 2 + 1.5), (1, 1))
                site.put(_mast(rng.uniform(10, 24)), mast)
            seats = lot(plot, (0, 3 - plot.depth / 2), (rng.uniform(0.2, 0.5) * plot.length, 5))
            style = draw_style(rng, "shed", rng.uniform(3, 5))
            stand = building(rng, [Wing(0, 0, seats.length, 5)], style, 0.0)
            site.build(stand, seats, 1.0)
    half_size = np.array((area.length, area.depth)) / 2 - 0.5
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)]) * half_size
    line = np.stack(area.world(*corners.T), axis=1)
    if not terrain.wet(*line.T).any():
        site.parts.append(borders.fence(rng, terrain, line))
    site.plant(("broadleaf", "column"), 9, (5, 16), rng.uniform(0.3, 0.9), 1.5)
    return site.scenery


def campsite(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Caravans and tents with their cars between hedges, under trees."""
    site = Site(rng, terrain, area, leaves)
    rows = ranks(site, area, 14)
    style = draw_style(rng, "gable", eaves(rng, 1))
    site.build(house(rng, 12, 8, style), lot(rows[0], (0.3 * area.length, 0), (12, 8)), 1.5)
    for row in rows:
        for plot in cut(rng, row, (8, 13)):
            spot = lot(plot, (-1.5, 0.5), (6.2, 2.5), rng.normal(0, 0.1))
            if rng.random() < 0.5:
                high = rng.uniform(2.4, 2.8)
                van = join([box((-2.9, -1.1, 0.4), (2.4, 1.1, high), CARAVAN)])
                site.put(van.as_object(), spot)
            elif rng.random() < 0.6:
                site.put(ring(rng.uniform(1.2, 2.5), 0, 0, rng.uniform(1.4, 2.4), CANVAS, 6), spot)
            if rng.random() < 0.5:
                park(site, fleet(rng, 1)[0], lot(plot, (3.2, -1), (2.0, 4.9)))
            if rng.random() < 0.5:
                ends = np.array([[plot.length / 2, -plot.depth / 2], [plot.length / 2, 4]])
                line = np.stack(plot.world(*ends.T), axis=1)
                if area.holds(*line.T).all() and not terrain.wet(*line.T).any():
                    site.parts.append(borders.hedge(rng, terrain, line, leaves=leaves))
    site.plant(("broadleaf", "pine", "fruit"), 9, (3, 16), rng.uniform(0.2, 0.8), 0.8)
    return site.scenery


def cemetery(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Rows of gravestones between hedges and paths, a chapel, old trees."""
    site = Site(rng, terrain, area, leaves)
    rows = ranks(site, area, rng.uniform(10, 16))
    site.build(barn(rng, 15, 8), lot(rows[len(rows) // 2], (0, 0), (15, 8)), 1.5)
    for row in rows:
        for across in np.arange(1.5 - row.depth / 2, row.depth / 2 - 1, 2.6).tolist():
            along = np.arange(1.5 - row.length / 2, row.length / 2 - 1, 1.6)
            along = along[rng.random(len(along)) < 0.75]
            spots = [lot(row, (float(x), across), (0.9, 0.3)) for x in along]
            places = np.array([(spot.x, spot.y) for spot in spots]).reshape(-1, 2)
            free = site.free(places, 0.5) & ~terrain.wet(*places.T)
            for spot in (spots[k] for k in np.flatnonzero(free)[:40]):
                low, high = rng.uniform((0.3, 0.5), (0.5, 1.5))
                stone = parallelograms((0, 0, high / 2), (low, 0, 0), (0, 0, high / 2), STONE)
                site.parts.append(lean(stone, terrain, spot))
    site.plant(("broadleaf", "column", "spreading"), 8, (4, 22), rng.uniform(0.3, 0.8), 1.0)
    site.plant(("shrub",), 4, (0.4, 1.5), 0.3, 0.5)
    return site.scenery


def solar(
    rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
) -> Scenery:
    """Rows of panels that lean towards the front, and follow the ground; a turbine, sometimes."""
    site = Site(rng, terrain, area, leaves)
    if rng.random() < 0.4:
        spot = lot(area, (0.35 * area.length, 0.35 * area.depth), (9, 9))
        site.build(_turbine(rng), spot, 4.0)
    deep, tilt = rng.uniform(2, 5), np.radians(rng.uniform(12, 30))
    rise, run = deep / 2 * np.sin(tilt), deep / 2 * np.cos(tilt)
    low = rng.uniform(0.5, 1.0) + rise
    for across in np.arange(3 - area.depth / 2, area.depth / 2 - 3, deep * rng.uniform(1.6, 2.4)):
        for along in np.arange(4 - area.length / 2, area.length / 2 - 4, 8.2):
            spot = lot(area, (float(along), float(across)), (8.0, deep))
            if site.is_free(spot):
                table = parallelograms((0, 0, low), (4.0, 0, 0), (0, run, rise), CELLS)
                site.parts.append(lean(table, terrain, spot))
    site.plant(("shrub",), 7, (0.3, 1.5), 0.15, 0.5)
    return site.scenery


def _goals(length: float) -> Facets:
    """Two goals at the ends of a pitch about the origin."""
    posts = []
    for end in (-1, 1):
        x = end * (length / 2 - 2)
        corners = np.array([(x, -3.6, -0.2), (x, -3.6, 2.4), (x, 3.6, 2.4), (x, 3.6, -0.2)])
        posts.append(bars(corners[:-1], corners[1:], 0.12, STEEL))
    return join(posts)


def _mast(height: float) -> Facets:
    """A floodlight on the origin."""
    foot, head = np.array([[0.0, 0, -0.3]]), np.array([[0.0, 0, height]])
    lights = box((-1.2, -0.2, height - 0.8), (1.2, 0.2, height), STEEL)
    return join([bars(foot, head, 0.4, STEEL), lights]).as_object()


def _turbine(rng: np.random.Generator) -> Facets:
    """A wind turbine: a round tower, and three blades on a hub before it."""
    height = rng.uniform(40, 90)
    tower = ring(0.025 * height, -2, 0.014 * height, height, STEEL, 12)
    hub = box((-2, -4, height - 1.5), (2, 4, height + 2), STEEL)
    angle = rng.uniform(0, 2) + 2 * np.pi * np.arange(3) / 3
    out = np.stack((np.cos(angle), 0 * angle, np.sin(angle)), axis=1) * 0.45 * height
    start = np.tile((0.0, -4.5, height), (3, 1))
    blades = [bars(start + a * out, start + (a + 0.2) * out, 1.6, STEEL) for a in np.arange(5) / 5]
    return join([tower, hub, *blades]).as_object()
