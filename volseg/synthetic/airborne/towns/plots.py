"""How land is cut into rows and plots, and how cars stand on it."""

from __future__ import annotations

import numpy as np

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.cars import fleet
from volseg.synthetic.airborne.site import Site, lean, lot
from volseg.synthetic.airborne.trees import HABITS, grow
from volseg.synthetic.facets import Facets
from volseg.synthetic.labels import Material
from volseg.synthetic.poles import lamp

MOST = 600
"""Cars on one car park at most."""


def ranks(site: Site, area: Area, depth: float) -> list[Area]:
    """Rows of about a depth, back to back in pairs, with a paved lane between pairs."""
    count = max(1, round(area.depth / depth))
    lanes = (count - 1) // 2
    deep = (area.depth - 5.0 * lanes) / count
    rows = []
    for k in range(count):
        across = -area.depth / 2 + (k + 0.5) * deep + 5.0 * (k // 2)
        if k % 2 and k + 1 < count:
            lane = lot(area, (0, across + deep / 2 + 2.5), (area.length, 5.0))
            site.pave(lane, Material.ASPHALT)
            site.taken.append(lane)
        rows.append(lot(area, (0, across), (area.length, deep), np.pi if k % 2 else 0.0))
    return rows


def cut(rng: np.random.Generator, row: Area, widths: tuple[float, float]) -> list[Area]:
    """A row cut into plots side by side, of widths at random."""
    plots, x = [], -row.length / 2
    while row.length / 2 - x > widths[0]:
        width = min(rng.uniform(*widths), row.length / 2 - x)
        if row.length / 2 - x - width < widths[0]:
            width = min(row.length / 2 - x, 1.3 * widths[1])
        plots.append(lot(row, (x + width / 2, 0), (width, row.depth)))
        x += width
    return plots


def park(site: Site, car: Facets, spot: Area) -> bool:
    """A car along the depth of a spot, its nose to either end."""
    if not site.is_free(spot):
        return False
    turn = site.rng.choice([-1, 1]) * np.pi / 2 + site.rng.normal(0, 0.03)
    site.parts.append(lean(car, site.terrain, lot(spot, (0, 0), (spot.length, spot.depth), turn)))
    site.taken.append(spot)
    return True


def stalls(site: Site, spot: Area, full: float) -> None:
    """A paved car park: rows of stalls and aisles along a spot, a share of them full, lamps."""
    rng = site.rng
    site.pave(spot, Material.ASPHALT if rng.random() < 0.7 else Material.PAVING)
    wide, pool = rng.uniform(2.45, 2.8), fleet(rng, 12)
    count = int((spot.length - 1) / wide)
    aisles, trees = max(1, int(spot.depth / 16)), rng.choice([0, 0, 0.3])
    if spot.depth < 11:
        lines = np.array([0.0])
    else:
        middle = (np.arange(aisles) - (aisles - 1) / 2) * (spot.depth / aisles)
        lines = (middle[:, None] + (-5.5, 5.5)).ravel()
    full = min(full, MOST / max(count * len(lines), 1))
    for across in lines.tolist():
        along = np.float64(wide) * (np.arange(count) + 0.5 - count / 2)
        places = np.stack(spot.world(along, np.full(count, across)), axis=1)
        free = site.free(places, 2.4) & site.area.holds(*places.T) & ~site.terrain.wet(*places.T)
        cars = free & (rng.random(count) < full)
        for x in along[cars].tolist():
            turn = rng.choice([-1, 1]) * np.pi / 2 + rng.normal(0, 0.03)
            stall = lot(spot, (x, across + rng.normal(0, 0.2)), (wide, 5.0), turn)
            site.parts.append(lean(pool[int(rng.integers(len(pool)))], site.terrain, stall))
        feet = places[free & ~cars & (rng.random(count) < trees)]
        feet = np.column_stack((feet, site.terrain.height(*feet.T)))
        height = rng.uniform(3, 9, len(feet))
        site.parts.append(grow(rng, HABITS["broadleaf"], feet, height, leafy=site.leaves))
        if rng.random() < 0.5:
            post = lot(spot, (rng.uniform(-0.4, 0.4) * spot.length, across + 2.6), (0.4, 0.4))
            site.put(lamp(rng, rng.uniform(5, 10)), post)
        site.taken.append(lot(spot, (0, across), (spot.length, 5.0)))
