"""A landscape: a terrain, and all that stands on it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.airborne import lines
from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.blocks import Border, divide
from volseg.synthetic.airborne.clearing import clear, fell, patches
from volseg.synthetic.airborne.courses import Route, lay
from volseg.synthetic.airborne.kinds import Relief
from volseg.synthetic.airborne.relief import draw_terrain
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.themes import SLOPES, THEMES, USES, Theme
from volseg.synthetic.airborne.towns import TOWNS
from volseg.synthetic.airborne.trees import clumped
from volseg.synthetic.airborne.woods import WOODS
from volseg.synthetic.airborne.works import Course, graded, nearness, shape, spaced
from volseg.synthetic.facets import Floats
from volseg.synthetic.labels import Material
from volseg.synthetic.scenery import Scenery, gather

MARGIN = 12.0
"""Metres of landscape around a tile."""
LEAST = 130.0
"""Side of the land that is divided, at least: a small tile is a part of it."""
TOO_STEEP = 0.4
"""Mean rise a metre above which nobody builds or ploughs."""
DEEP = 0.15
"""Share of a street in water from which on it is not built."""
CLOSE, FEW = 0.5, 12_000
"""Metres of a cell, and number of crowns, below which these have clumps of leaves."""
STEP = 2.0
"""Metres from corner to corner of streets."""


@dataclass(frozen=True, eq=False)
class World:
    """A landscape.

    Attributes:
        terrain: the ground.
        scenery: what stands on it.
        use: what the land is used for, see `THEMES`.
    """

    terrain: Terrain
    scenery: Scenery
    use: str


def draw_world(rng: np.random.Generator, relief: Relief, size: float, cell: float) -> World:
    """A landscape of a kind of terrain over a tile of ``size`` metres around (0, 0)."""
    terrain = draw_terrain(rng, relief, size + 2 * MARGIN, cell)
    use = choose(rng, USES[relief])
    theme = THEMES[use]
    blocks, cuts = divide(rng, _land(rng, size), theme.division)
    cuts = [cut for cut in cuts if _lies_on(terrain, cut.line)]
    streets = [(cut, *_pave(rng, terrain, cut)) for cut in cuts if cut.width]
    laid = [lay(rng, terrain, k) for k, share in theme.courses.items() if rng.random() < share]
    routes = [pair for pair in laid if pair]
    nothing = np.zeros(terrain.z.shape, dtype=bool)
    spanned = np.logical_or.reduce([nothing, *(bed for _, bed in routes)])
    beds = np.logical_or.reduce([spanned, *(bed for *_, bed in streets)])
    leaves = bool(rng.random() < 0.75)
    parts = [_filled(rng, terrain, block, theme, leaves) for block in blocks]
    parts += [_bordered(rng, terrain, cut, theme, leaves) for cut in cuts]
    standing = clear(gather(parts), terrain, beds)
    if rng.random() < theme.glades:
        standing = fell(standing, terrain, patches(rng, terrain))
    for route, _ in routes:
        if route.kind == "power":
            standing = fell(
                standing, terrain, nearness(terrain, route.line, route.half)[0] < np.inf
            )
    parts = [standing, *(_equipped(rng, terrain, route, leaves) for route, _ in routes)]
    for cut, line, levels, _ in streets:
        parts.append(_bridged(rng, terrain, line, levels, cut.width, spanned | terrain.water))
    harbours = [block for block in blocks if terrain.wet(*block.corners()).any()]
    parts += [lines.boats(rng, terrain, block) for block in harbours if rng.random() < 0.4]
    scenery = gather(parts)
    if cell < CLOSE and len(scenery.crowns) < FEW:
        scenery = replace(scenery, crowns=clumped(rng, scenery.crowns))
    return World(terrain, scenery, use)


def choose(rng: np.random.Generator, shares: dict[str, float]) -> str:
    """A name by how often each is wanted."""
    often = np.array([*shares.values()])
    return [*shares][int(rng.choice(len(often), p=often / often.sum()))]


def _land(rng: np.random.Generator, size: float) -> Area:
    """What is divided: a square that is turned, and holds the tile somewhere."""
    heading = rng.normal(0, 0.25) + float(rng.integers(4)) * np.pi / 2
    spread = abs(np.cos(heading)) + abs(np.sin(heading))
    side = (size + 2 * MARGIN) * spread
    wide = max(side, LEAST)
    x, y = rng.uniform(-0.5, 0.5, 2) * (wide - side)
    return Area(float(x), float(y), wide, wide, heading)


def _lies_on(terrain: Terrain, line: Floats) -> bool:
    """Whether a line comes near the terrain at all, and does not lead into the sea."""
    x0, y0, x1, y1 = terrain.extent
    x, y = spaced(line, 5.0).T
    near = (x > x0 - 20) & (x < x1 + 20) & (y > y0 - 20) & (y < y1 + 20)
    return bool(near.any() and terrain.wet(x[near], y[near]).mean() < DEEP)


def _pave(
    rng: np.random.Generator, terrain: Terrain, cut: Border
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Shape the ground for a street: its line, its heights, and where it lies."""
    line = spaced(cut.line, STEP)
    levels = graded(terrain, line, 18.0)
    covers = (Material.ASPHALT, Material.GRAVEL, Material.SOIL)
    cover = covers[0] if cut.width > 4 else covers[int(rng.integers(3))]
    course = Course(cut.width / 2, cover, cut=0.7, fill=0.7, camber=0.02)
    return line, levels, shape(terrain, line, levels, course)


def _filled(
    rng: np.random.Generator, terrain: Terrain, block: Area, theme: Theme, leaves: bool
) -> Scenery:
    """What stands on a block, if it lies on the terrain at all."""
    window = block.cells(terrain)
    z = terrain.z[window]
    inside = block.outside(terrain, window) == 0
    if not inside.any() or min(z.shape) < 3:
        return Scenery()
    along, across = np.gradient(z, terrain.cell)
    steep = float(np.hypot(along, across)[inside].mean())
    if terrain.water[window][inside].mean() > 0.9:
        return Scenery()
    kind = choose(rng, SLOPES if steep > TOO_STEEP else theme.fills)
    if kind in WOODS:
        covers = (Material.GRASS, Material.GRASS, Material.CROP, Material.SOIL)
        land = inside & (terrain.cover[window] == Material.GRASS)
        terrain.cover[window][land] = covers[int(rng.integers(len(covers)))]
    return {**TOWNS, **WOODS}[kind](rng, terrain, block, leaves=leaves)


def _bordered(
    rng: np.random.Generator, terrain: Terrain, cut: Border, theme: Theme, leaves: bool
) -> Scenery:
    """What stands along a cut: a border between fields, or trees along a street."""
    line = spaced(cut.line, 10.0)
    kind = choose(rng, theme.borders)
    if cut.width:
        if rng.random() > 0.35:
            return Scenery()
        kind = str(rng.choice(["avenue", "telephone", "lamps"]))
        c, s = np.diff(cut.line, axis=0)[0] / max(np.ptp(cut.line, axis=0).max(), 1e-9)
        line = line + np.array([-s, c]) * (cut.width / 2 + 1.0)
    if kind == "ditch":
        course = Course(rng.uniform(0.3, 1.0), Material.SOIL, cut=rng.uniform(0.6, 1.5), fill=0)
        shape(terrain, line, graded(terrain, line, 20.0) - rng.uniform(0.4, 1.2), course)
        return Scenery()
    if kind == "avenue":
        return lines.avenue(rng, terrain, line, leaves=leaves)
    if kind == "hedge":
        return lines.hedge(rng, terrain, line, leaves=leaves)
    make = {
        "fence": lines.fence,
        "wall": lines.wall,
        "lamps": lines.lamps,
        "telephone": lines.telephone_line,
    }
    return make[kind](rng, terrain, line) if kind in make else Scenery()


def _bridged(
    rng: np.random.Generator,
    terrain: Terrain,
    line: Floats,
    levels: Floats,
    width: float,
    spanned: NDArray[np.bool_],
) -> Scenery:
    """Bridges where a street lies higher than what it spans, and traffic where it does not."""
    high = levels - terrain.height(*line.T) > 1.0
    edges = np.flatnonzero(np.diff(np.concatenate(([False], high, [False])).astype(int)))
    parts = []
    last = 0
    for start, stop in edges.reshape(-1, 2):
        low, past = max(start - 1, 0), min(stop + 1, len(line))
        crosses = spanned[terrain.nearest(*line[start:stop].T)].any()
        if past - low < 4 or (past - low) * STEP > 150 or not crosses:
            continue
        deck = np.column_stack((line, levels))[low:past]
        parts.append(lines.bridge(rng, terrain, deck, width + 1.5))
        parts.append(_traffic(rng, terrain, line[last:low], width))
        last = past
    return gather([*parts, _traffic(rng, terrain, line[last:], width)])


def _traffic(rng: np.random.Generator, terrain: Terrain, line: Floats, width: float) -> Scenery:
    if len(line) < 5 or width < 4 or terrain.wet(*line.T).any():
        return Scenery()
    return lines.traffic(rng, terrain, line, width)


def _equipped(rng: np.random.Generator, terrain: Terrain, run: Route, leaves: bool) -> Scenery:
    """What belongs to a course: wires, trains, traffic, boats."""
    x0, y0, x1, y1 = terrain.extent
    x, y = run.line.T
    near = (x > x0 - 60) & (x < x1 + 60) & (y > y0 - 60) & (y < y1 + 60)
    line = run.line[near]
    if run.kind == "power":
        return lines.power_line(rng, terrain, run.line)
    if len(line) < 5:
        return Scenery()
    if run.kind == "rail":
        return lines.train(rng, terrain, line)
    if run.kind in ("river", "canal"):
        return lines.riverside(rng, terrain, line, run.half, leaves=leaves)
    if run.kind in ("motorway", "road"):
        return _traffic(rng, terrain, line, 2 * run.half)
    return Scenery()
