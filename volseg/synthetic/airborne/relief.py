"""Kinds of terrain: heights as plains, hills, valleys, terraces, quarries and coasts have them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from volseg.synthetic.airborne.kinds import Relief
from volseg.synthetic.airborne.noise import fractal, waves
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Floats
from volseg.synthetic.labels import Material

Grid = tuple[Floats, Floats]

_LEVELS: dict[Relief, float] = {"coast": 0.0, "dykes": -0.75}
"""Heights of the sea and of the water in ditches, metres."""


def draw_terrain(rng: np.random.Generator, relief: Relief, size: float, cell: float) -> Terrain:
    """Ground of a kind over ``-size / 2`` to ``size / 2`` along x and y, metres, without works."""
    side = np.arange(-size / 2, size / 2 + cell, cell)
    # Somewhere in a landscape, so that small tiles are parts of it like any other.
    heading, (a, b) = rng.uniform(0, 2 * np.pi), rng.uniform(-1e4, 1e4, 2)
    u, v = np.meshgrid(side, side, indexing="ij")
    c, s = np.cos(heading), np.sin(heading)
    grid = (c * u - s * v + a, s * u + c * v + b)
    z = _KINDS[relief](rng, grid, (c * u - s * v, s * u + c * v))
    z = z + rng.uniform(0.01, 0.05) * fractal(rng, grid, 8.0, max(2.0, cell), 0.5)
    cover = np.full(z.shape, Material.GRASS, dtype=np.int8)
    terrain = Terrain(z, cover, np.zeros(z.shape, dtype=bool), cell, (-size / 2, -size / 2))
    _clothe(rng, terrain, grid)
    if relief in _LEVELS:
        flood(terrain, _LEVELS[relief])
    return terrain


def flood(terrain: Terrain, level: float) -> None:
    """Let water stand wherever the ground is lower than a level."""
    low = terrain.z < level
    terrain.z[low] = level
    terrain.water[low] = True
    terrain.cover[low] = Material.WATER


def _clothe(rng: np.random.Generator, terrain: Terrain, grid: Grid) -> None:
    """Rock where it is steep, and fields of grass, crop and soil."""
    along, across = np.gradient(terrain.z, terrain.cell)
    patches = fractal(rng, grid, 120.0, 4.0, 0.5)
    terrain.cover[patches > 1.5] = Material.SOIL
    terrain.cover[patches < -1.5] = Material.CROP
    terrain.cover[np.hypot(along, across) > 1.1] = Material.STONE


def _plain(rng: np.random.Generator, grid: Grid, _: Grid) -> Floats:
    rise = np.exp(rng.uniform(np.log(0.4), np.log(4)))
    return np.asarray(rise * fractal(rng, grid, 700, 10, rng.uniform(1.0, 1.4)))


def _hills(rng: np.random.Generator, grid: Grid, _: Grid) -> Floats:
    longest = rng.uniform(500, 1000)
    rise = longest * rng.uniform(0.02, 0.07)
    return np.asarray(rise * fractal(rng, grid, longest, 6, rng.uniform(0.95, 1.3), calm=0.1))


def _steep(rng: np.random.Generator, grid: Grid, _: Grid) -> Floats:
    """Ridges and valleys: a folded field, warped, with gullies down the slopes."""
    longest = rng.uniform(350, 900)
    warped = _warped(rng, grid, longest, 0.25)
    ridges = 1 - 2 * np.abs(np.tanh(0.9 * waves(rng, *warped, longest)))
    sharp = rng.uniform(0.0, 0.6)
    folded = sharp * ridges + (1 - sharp) * waves(rng, *warped, longest)
    rough = fractal(rng, warped, longest / 3, 4, rng.uniform(0.85, 1.1), calm=0.15)
    return np.asarray(longest * rng.uniform(0.1, 0.22) * (folded + 0.3 * rough))


def _terraces(rng: np.random.Generator, grid: Grid, _: Grid) -> Floats:
    """Slopes in steps: nearly level treads, and risers of stone or earth."""
    longest = rng.uniform(250, 600)
    z = longest * rng.uniform(0.08, 0.2) * fractal(rng, grid, longest, 60, 1.3)
    step = rng.uniform(1.0, 4.5)
    tread, share = np.floor(z / step), z / step % 1
    # Here and there the slope is as it was.
    kept = np.clip(1.2 - np.abs(waves(rng, *grid, 150)), 0, 1) ** 0.3
    riser = rng.uniform(0.04, 0.25)
    lean = rng.uniform(0.0, 0.25)
    level = np.clip((share - 1 + riser) / riser, 0, 1) * (1 - lean) + lean * share
    return np.asarray(kept * step * (tread + level) + (1 - kept) * z)


def _quarry(rng: np.random.Generator, grid: Grid, near: Grid) -> Floats:
    """A pit in hills, down in benches, with heaps beside it."""
    z = _hills(rng, grid, near)
    reach = rng.uniform(0.2, 0.55) * float(np.clip(np.ptp(near[0]), 60, 600))
    deep = rng.uniform(0.15, 0.35) * reach
    outline = np.hypot(*near) + 0.25 * reach * fractal(rng, grid, 120, 12, 0.8)
    bench, wide = rng.uniform(4, 14), rng.uniform(6, 18)
    inward = np.maximum(reach + rng.uniform(-0.5, 1.0) * reach - outline, 0)
    steps, share = np.floor(inward / wide), inward / wide % 1
    face = rng.uniform(0.06, 0.3)
    depth = bench * (steps + np.clip(share / face, 0, 1) - 1)
    floor = deep + 0.4 * fractal(rng, grid, 60, 3, 0.6)
    z -= np.clip(depth, 0, floor)
    bumps = 1.5 * fractal(rng, grid, 30, 4, 0.8)
    for _ in range(int(rng.integers(2, 9))):
        middle = rng.uniform(-1.6, 1.6, 2) * reach
        away = np.hypot(near[0] - middle[0], near[1] - middle[1]) + bumps
        tall = rng.uniform(2, 12)
        z = np.maximum(z, z + tall - 0.7 * np.maximum(away - 0.1 * reach * rng.random(), 0))
    return z + 0.15 * fractal(rng, grid, 12, 2, 0.4)


def _cliffs(rng: np.random.Generator, grid: Grid, near: Grid) -> Floats:
    """Steps of rock across a slope, with scree at their feet."""
    z = _hills(rng, grid, near)
    for _ in range(int(rng.integers(2, 6))):
        warped = _warped(rng, grid, 160, 0.2)
        line = rng.uniform(60, 200) * (waves(rng, *warped, 200) + rng.normal(0, 0.3))
        line += 3 * fractal(rng, grid, 25, 2, 0.7)
        most, wide = rng.uniform(4, 35), rng.uniform(0.5, 4)
        height = most * np.clip(0.7 + 0.5 * waves(rng, *grid, 200), 0.05, 1.3)
        z += height * np.clip(line / wide, 0, 1)
        scree = np.clip(1 + line / (1.1 * height + 1), 0, 1) * (line < 0)
        z += 0.35 * height * scree**2
    return z + 0.25 * fractal(rng, grid, 10, 2, 0.4) * np.clip(waves(rng, *grid, 90), 0, 1)


def _dykes(rng: np.random.Generator, grid: Grid, near: Grid) -> Floats:
    """A polder: parallel ditches between fields, and dykes that bend."""
    z = 0.3 * fractal(rng, grid, 400, 10, 1.1)
    pitch, wide, deep = rng.uniform(15, 60), rng.uniform(0.6, 2.5), rng.uniform(0.5, 1.6)
    away = np.abs((near[0] + 3 * waves(rng, *grid, 300)) % pitch - pitch / 2)
    bulge = 0.15 * np.cos(away / pitch * 2 * np.pi)
    z += bulge - deep * np.clip(1.4 - away / wide, 0, 1)
    for _ in range(int(rng.integers(1, 3))):
        bent = np.abs(near[1] - rng.uniform(-150, 150) + 40 * waves(rng, *grid, 350))
        crest, flat = rng.uniform(1.5, 8), rng.uniform(1, 4)
        z = np.maximum(z, crest - np.maximum(bent - flat, 0) / rng.uniform(1.8, 3.5))
    return z


def _coast(rng: np.random.Generator, grid: Grid, near: Grid) -> Floats:
    """From the sea over a beach to dunes, a bluff, or flats with creeks; the sea is at 0."""
    inland = (
        near[0]
        + 40 * fractal(rng, grid, 250, 8, 0.9)
        + rng.uniform(-0.4, 0.5) * min(np.ptp(near[0]), 250.0)
    )
    z = np.where(inland > 0, rng.uniform(0.02, 0.08) * inland, 0.02 * inland)
    shape = rng.random()
    if shape < 0.4:
        dunes = 1 - np.abs(np.tanh(fractal(rng, _warped(rng, grid, 90, 0.3), 70, 5, 0.9)))
        z = np.minimum(z, 4) + rng.uniform(5, 16) * dunes * np.clip((inland - 25) / 50, 0, 1)
    elif shape < 0.75:
        bluff = np.clip((inland - 12) / rng.uniform(2, 12), 0, 1)
        z = np.minimum(z, 5) + rng.uniform(5, 35) * bluff
    else:
        creeks = np.abs(fractal(rng, _warped(rng, grid, 150, 0.3), 120, 8, 0.8))
        z = np.minimum(z, 1.2) - 2.0 * np.clip(1 - 8 * creeks, 0, 1)
    return np.asarray(z + 0.1 * fractal(rng, grid, 30, 3, 0.8))


def _warped(rng: np.random.Generator, grid: Grid, length: float, share: float) -> Grid:
    """Places moved to and fro by about a share of a length, smoothly."""
    x, y = (axis + share * length * waves(rng, *grid, 0.8 * length) for axis in grid)
    return x, y


_KINDS: dict[Relief, Callable[[np.random.Generator, Grid, Grid], Floats]] = {
    "plain": _plain,
    "hills": _hills,
    "steep": _steep,
    "terraces": _terraces,
    "quarry": _quarry,
    "cliffs": _cliffs,
    "dykes": _dykes,
    "coast": _coast,
}
