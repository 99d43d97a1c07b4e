"""What drives: vehicles on roads, trains under their wires."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.cars import fleet
from volseg.synthetic.airborne.lines.bars import bars, chain, hang
from volseg.synthetic.airborne.lines.stations import along, headings, put, sideways, stations
from volseg.synthetic.airborne.site import lean
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Facets, Floats, box, join
from volseg.synthetic.labels import Label, Material, Skin
from volseg.synthetic.scenery import Scenery, gather
from volseg.synthetic.vehicles import BODIES

WAGON = Skin(Label.VEHICLE, Material.PAINT)
MAST = Skin(Label.FURNITURE, Material.METAL)
WIRE = Skin(Label.WIRE, Material.METAL)
GAP = 9.0
"""Metres from one vehicle's middle to the next at least, twice that behind long ones."""


def traffic(rng: np.random.Generator, terrain: Terrain, line: Floats, width: float) -> Scenery:
    """Vehicles on both halves of a road along a polyline, each on its right."""
    parts = []
    for place, turn, car in queue(rng, stations(terrain, line, 2.0), width):
        spot = Area(float(place[0]), float(place[1]), 5, 2, turn)
        parts.append(lean(car, terrain, spot))
    return gather(parts)


def queue(
    rng: np.random.Generator, points: Floats, width: float
) -> list[tuple[Floats, float, Facets]]:
    """Places (3,), headings and vehicles on both halves of a road along points (n, 3)."""
    pool, rows = fleet(rng, 12, BODIES), []
    mean = float(np.exp(rng.uniform(np.log(12), np.log(150))))
    for side in (-1, 1):  # to its right is a road's own left, seen from its other end
        lane = sideways(points, side * max(width / 4, 1.3))
        turns = headings(lane) + (0 if side > 0 else np.pi)
        way = np.append(0, np.cumsum(np.linalg.norm(np.diff(lane[:, :2], axis=0), axis=1)))
        at = rng.exponential(mean)
        while at < way[-1] - 6:
            car = pool[int(rng.integers(len(pool)))]
            k = int(np.searchsorted(way, at))
            if at > 6:
                place = np.array([np.interp(at, way, column) for column in lane.T])
                rows.append((place, float(turns[k]) + rng.normal(0, 0.02), car))
            at += GAP * (1 + (np.ptp(car.anchor[:, 0]) > 6)) + rng.exponential(mean)
    return rows


def train(rng: np.random.Generator, terrain: Terrain, line: Floats) -> Scenery:
    """A railway along a polyline: masts and wires on most, a train on some."""
    points = stations(terrain, line, 2.0)
    parts: list[Facets] = []
    if rng.random() < 0.75:
        parts += _overhead(rng, terrain, line)
    if rng.random() < 0.6:
        parts += _wagons(rng, points)
    return gather(parts)


def _wagons(rng: np.random.Generator, points: Floats) -> list[Facets]:
    """Carriages, or goods wagons of several kinds, coupled behind each other."""
    length, goods = rng.uniform(14, 26), rng.random() < 0.5
    middles = along(points, length + 1.0)
    middles = (middles[:-1] + middles[1:]) / 2
    first = int(rng.integers(0, max(1, len(middles) // 2)))
    last = min(len(middles), first + int(rng.integers(2, 16)))
    turns, made = headings(middles) if len(middles) > 1 else np.zeros(1), []
    for k in range(first, last):
        tall = rng.uniform(1.3, 4.3) if goods else 4.1
        half = length / 2, rng.uniform(1.35, 1.5)
        body = box((-half[0], -half[1], 0.5), (half[0], half[1], tall), WAGON)
        if not goods:
            top = box((-half[0] + 1, -0.9, 4.1), (half[0] - 1, 0.9, 4.4), WAGON)
            body = join([body, top])
        made.append(put(body.as_object(), middles[k], turns[k]))
    return made


def _overhead(rng: np.random.Generator, terrain: Terrain, line: Floats) -> list[Facets]:
    """Masts beside a track, their arms, and the contact wire under its carrier."""
    feet = stations(terrain, line, rng.uniform(45, 65))
    side = float(rng.choice([-1, 1])) * rng.uniform(2.7, 3.5)
    beside = sideways(feet, side)
    beside[:, 2] = terrain.height(beside[:, 0], beside[:, 1])
    head = beside.copy()
    head[:, 2] = feet[:, 2] + 8.0
    arm = feet + (0, 0, 7.0)
    made = [
        join([bars(foot[None] - (0, 0, 0.5), top[None], 0.3, MAST), _arm(top, end)]).as_object()
        for foot, top, end in zip(beside, head, arm, strict=True)
    ]
    for start, end in pairwise(arm):
        made.append(chain(hang(start, end, 1.0), 0.03, WIRE))
        low = (0, 0, 1.4)
        made.append(chain(hang(start - low, end - low, 0.02), 0.03, WIRE))
    return made


def _arm(top: Floats, end: Floats) -> Facets:
    """The cantilever from a mast's top to over the track."""
    starts = np.stack((top - (0, 0, 0.3), top - (0, 0, 2.2)))
    return bars(starts, np.stack((end, end)), 0.1, MAST)
