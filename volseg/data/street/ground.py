"""The ground of the synthetic street: cambered road, kerbs, pavements, verges, yards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from volseg.data.street.labels import Label, Material, Skin
from volseg.data.street.patches import Floats, Patches, box, join, sheet

ROAD = Skin(Label.MAN_MADE_TERRAIN, Material.ASPHALT)
PAVEMENT = Skin(Label.MAN_MADE_TERRAIN, Material.PAVING)
LAWN = Skin(Label.NATURAL_TERRAIN, Material.GRASS)
KERB = Skin(Label.HARDSCAPE, Material.STONE)

CAMBER = 0.025
YARD_DEPTH = 28.0
KERB_WIDTH = 0.16


@dataclass(frozen=True)
class Section:
    """One side of the street across its length, outwards from the road's middle, in metres.

    Attributes:
        lane: half of the driven road.
        parking: width of the parking lane, 0 for none.
        kerb: height of the kerb.
        verge: width of the grass strip behind the kerb, 0 for none.
        pavement: width of the pavement.
        setback: from the pavement to the houses; 0 where they stand on it.
    """

    lane: float
    parking: float
    kerb: float
    verge: float
    pavement: float
    setback: float

    @property
    def road(self) -> float:
        """Where the kerb stands."""
        return self.lane + self.parking

    @property
    def line(self) -> float:
        """Where the pavement ends."""
        return self.road + KERB_WIDTH + self.verge + self.pavement

    def height(self, y: float) -> float:
        """Ground height at y >= 0, with the road's middle at 0."""
        if y <= self.road:
            return -CAMBER * y
        return -CAMBER * self.road + self.kerb + 0.015 * (y - self.road)


def draw_section(rng: np.random.Generator, lane: float, rich: bool) -> Section:
    """A random side of a street; a rich one has gardens, a verge and a parking lane."""
    green = rich or rng.random() < 0.5
    return Section(
        lane=lane,
        parking=rng.uniform(2.0, 2.3) if rich or rng.random() < 0.6 else 0.0,
        kerb=rng.uniform(0.08, 0.15),
        verge=rng.uniform(1.2, 2.6) if rich or rng.random() < 0.4 else 0.0,
        pavement=rng.uniform(1.8, 3.2),
        setback=rng.uniform(2.5, 6.0) if green else 0.0,
    )


def strips(rng: np.random.Generator, section: Section, start: float, stop: float) -> Patches:
    """Everything from the road's middle to the end of the pavement, for start <= x <= stop."""
    x = np.arange(start, stop + 1.5, 1.5)
    settled = rng.normal(0, 0.006, len(x))
    settled[:: len(x) - 1] = 0
    kerb, verge = section.road + KERB_WIDTH, section.road + KERB_WIDTH + section.verge

    def strip(low: float, high: float, skin: Skin, rough: float) -> Patches:
        y = np.linspace(low, high, max(2, round((high - low) / 1.3) + 1))
        level = np.array([section.height(value) for value in y])
        inner = (y > low) & (y < high)
        z = level + np.where(inner, settled[:, None] + rng.normal(0, rough, (len(x), len(y))), 0)
        return sheet(x, y, z, skin)

    top = section.height(kerb)
    parts = [
        strip(0, section.road, ROAD, 0.004),
        strip(verge, section.line, PAVEMENT, 0.004),
        box((x[0], section.road, top - 0.3), (x[-1], kerb, top), KERB),
    ]
    if section.verge:
        parts.append(strip(kerb, verge, LAWN, 0.03))
    return join(parts)


def yard(
    rng: np.random.Generator, section: Section, start: float, stop: float, green: bool
) -> Patches:
    """The ground of one lot from the pavement on: an uneven lawn, or paving."""
    x = _steps(start, stop)
    y = section.line + _steps(0, YARD_DEPTH)
    level = np.array([section.height(value) for value in y])
    bumps = rng.normal(0, 0.06 if green else 0.01, (len(x), len(y)))
    bumps[:, 0] = 0
    return sheet(x, y, level + bumps, LAWN if green else PAVEMENT)


def _steps(start: float, stop: float) -> Floats:
    return np.linspace(start, stop, max(2, round((stop - start) / 1.6) + 1))
