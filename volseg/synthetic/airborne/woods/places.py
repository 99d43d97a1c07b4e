"""Where plants stand: grids that are more or less regular, with clearings."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from volseg.synthetic.airborne.area import Area
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.facets import Floats
from volseg.synthetic.scenery import Scenery

MOST = 7_000
"""Plants of one layer in an area at most; wider areas have them farther apart."""


class Fill(Protocol):
    """Something that fills an area of a terrain, in the world's frame."""

    def __call__(
        self, rng: np.random.Generator, terrain: Terrain, area: Area, *, leaves: bool = True
    ) -> Scenery:
        """What stands there, with leaves or without."""


def places(
    rng: np.random.Generator,
    terrain: Terrain,
    area: Area,
    pitch: tuple[float, float],
    jitter: float = 0.45,
    most: int = MOST,
    ragged: float = 0.0,
) -> Floats:
    """Feet, (N, 3), on dry ground, ``pitch`` metres apart along and across an area.

    Args:
        rng: the source of chance.
        terrain: what they stand on.
        area: what they keep to.
        pitch: metres from one to the next along the area's x and its y.
        jitter: how far they stray from their grid, as a share of the pitch.
        most: how many there are at most.
        ragged: metres by which the edge of the area withdraws here and there.
    """
    step = np.array(pitch)
    step = step * max(1.0, np.sqrt(area.length * area.depth / (step.prod() * most)))
    counts = np.maximum(1, np.floor((area.length, area.depth) / step)).astype(int)
    grid = np.moveaxis(np.mgrid[: counts[0], : counts[1]], 0, -1).astype(np.float64)
    grid[:, 1::2, 0] += 0.25 if jitter else 0.0  # every other row is set off, as if at random
    own = (grid.reshape(-1, 2) - (counts - 1) / 2 - (0.125 if jitter else 0.0, 0)) * step
    own += rng.uniform(-jitter, jitter, own.shape) * step
    half = np.array([area.length, area.depth]) / 2
    own = own[(np.abs(own) < half).all(axis=1)]
    x, y = area.world(own[:, 0], own[:, 1])
    feet = np.stack((x, y, terrain.height(x, y)), axis=1)
    kept = ~terrain.wet(x, y)
    if ragged:
        inside = (half - np.abs(own)).min(axis=1)
        kept &= inside > ragged * (patches(rng, feet, 15) - 0.3)
    return feet[kept]


def clearings(rng: np.random.Generator, feet: Floats, size: float, share: float) -> Floats:
    """The feet outside of clearings about ``size`` metres wide over a share of the land."""
    return feet[patches(rng, feet, size) > share] if len(feet) else feet


def patches(rng: np.random.Generator, feet: Floats, size: float) -> Floats:
    """A smooth random field at feet, (N,), spread evenly from 0 to 1, ``size`` metres coarse."""
    waves = rng.normal(0, 2.2 / size, (2, 12))
    field = np.cos(feet[:, :2] @ waves + rng.uniform(0, 2 * np.pi, 12)).sum(axis=1)
    return np.asarray(1 / (1 + np.exp(-0.7 * field)))
