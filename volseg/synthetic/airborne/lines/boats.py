"""Boats on the water, some at jetties; they are furniture, and objects."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.site import Site, lot
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Facets, box, join, quads, rod
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scenery import Scenery, gather

HULL = Skin(Label.FURNITURE, Material.PAINT)
PLANKS = Skin(Label.FURNITURE, Material.WOOD)


def boat(rng: np.random.Generator, length: float) -> Facets:
    """A boat about the origin, its bow towards x > 0, the water at z = 0."""
    wide = min(0.34 * length, 1.2 + 0.16 * length) / 2 * rng.uniform(0.8, 1.1)
    board = (0.25 + 0.06 * length) * rng.uniform(0.8, 1.4)
    x = length * np.array([-0.5, -0.45, 0.0, 0.25, 0.42, 0.5])
    half = wide * np.array([0.8, 0.9, 1.0, 0.85, 0.4, 0.02])
    rim = board * np.array([1.0, 1.0, 1.0, 1.1, 1.25, 1.35])
    left, right = np.stack((x, half, rim), axis=1), np.stack((x, -half, rim), axis=1)
    low = (1, 0.85, 0)
    parts = [quads(s[:-1], s[1:], (s * low)[1:], (s * low)[:-1], HULL) for s in (left, right)]
    inner = (1, 0.95, 0.6 if length < 7 else 1.0)
    floor = left * inner, right * inner
    parts.append(quads(floor[0][:-1], floor[0][1:], floor[1][1:], floor[1][:-1], HULL))
    parts.append(quads(left[:1], right[:1], right[:1] * low, left[:1] * low, HULL))
    if length > 6 and rng.random() < 0.7:
        back, front = -0.35 * length, rng.uniform(-0.1, 0.2) * length
        top = board + rng.uniform(0.6, 2.2)
        parts.append(box((back, -0.7 * wide, 0.3), (front, 0.7 * wide, top), HULL))
    if 6 < length < 16 and rng.random() < 0.5:
        mast = length * rng.uniform(1.0, 1.3)
        parts.append(rod((0.05 * length, 0, 0.3), (0.05 * length, 0, mast), 0.08, HULL, 4))
    return join(parts).as_object()


def boats(rng: np.random.Generator, terrain: Terrain, area: Area) -> Scenery:
    """Boats at jetties and at anchor, where an area has water."""
    # On a site of its own: where water is, nothing else may stand.
    site = Site(rng, terrain, area)
    places = rng.uniform(-0.5, 0.5, (600, 2)) * (area.length, area.depth)
    wet = places[terrain.wet(*area.world(*places.T))]
    share = len(wet) / len(places)
    left = int(share * area.length * area.depth / rng.uniform(300, 2500)) + 2
    for place in wet:
        turn = rng.uniform(0, 2 * np.pi)
        if rng.random() < 0.9:  # most places are too far from the shore for a jetty
            size = rng.uniform((10, 1.2), (35, 2.5))
            turns = turn + np.arange(8) * np.pi / 4
            left -= any(_moored(site, lot(area, place, size, float(way))) for way in turns)
        else:
            long = float(np.exp(rng.uniform(np.log(4), np.log(28))))
            left -= _afloat(site, lot(area, place, (long, 0.4 * long), turn), long)
        if left <= 0:
            break
    return gather(site.parts)


def _wet(site: Site, spot: Area) -> bool:
    """Whether a spot is all water, within the area, and free."""
    along, across = np.meshgrid(np.linspace(-0.5, 0.5, 7), np.linspace(-0.5, 0.5, 5))
    x, y = spot.world(along.ravel() * spot.length, across.ravel() * spot.depth)
    wet = site.terrain.wet(x, y) & site.area.holds(x, y)
    return bool(wet.all() and site.free(np.stack((x, y), axis=1), 0.5).all())


def _afloat(site: Site, spot: Area, length: float) -> bool:
    """A boat on a spot, if that is free water."""
    if not _wet(site, spot):
        return False
    level = float(site.terrain.height(spot.x, spot.y))
    site.parts.append(boat(site.rng, length).moved(spot.x, spot.y, level, spot.heading))
    site.taken.append(spot)
    return True


def _moored(site: Site, jetty: Area) -> bool:
    """A jetty with boats on both of its sides, if one end is ashore and the rest in free water."""
    rng = site.rng
    ends = [lot(jetty, (s * (jetty.length / 2 + 1), 0), (1, 1)) for s in (-1, 1)]
    ashore = [bool(site.terrain.wet(end.x, end.y)) for end in ends]
    afloat = lot(jetty, (2, 0), (jetty.length - 5, jetty.depth + 6))
    if ashore != [False, True] or not _wet(site, afloat):
        return False
    level = float(site.terrain.height(afloat.x, afloat.y))
    half = jetty.length / 2, jetty.depth / 2
    top = rng.uniform(0.5, 1.2)
    deck = box((-half[0], -half[1], top - 0.2), (half[0], half[1], top), PLANKS)
    site.parts.append(deck.moved(jetty.x, jetty.y, level, jetty.heading))
    site.taken.append(jetty)
    size = rng.uniform(4.5, 11)
    for x in np.arange(6 - half[0], half[0] - 1, 0.34 * size + 1.2):
        for side in (-1, 1):
            if rng.random() < 0.7:
                long = size * rng.uniform(0.8, 1.1)
                middle = (float(x), side * (half[1] + long / 2 + 0.4))
                spot = lot(jetty, middle, (long, 0.3 * long), side * np.pi / 2)
                _afloat(site, spot, long)
    return True
