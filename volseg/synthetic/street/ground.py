"""The ground of the synthetic street: cambered road, kerbs, pavements, verges, yards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from volseg.synthetic.facets import Facets, Floats, box, join, sheet
from volseg.synthetic.labels import Label, Material, Skin

ROAD = Skin(Label.GROUND, Material.ASPHALT)
PAVEMENT = Skin(Label.GROUND, Material.PAVING)
LAWN = Skin(Label.GROUND, Material.GRASS)
KERB = Skin(Label.GROUND, Material.STONE)

CAMBER = 0.025
YARD_DEPTH = 40.0
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
        bank: slope of the ground over the setback.
    """

    lane: float
    parking: float
    kerb: float
    verge: float
    pavement: float
    setback: float
    bank: float

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
        banked = np.clip(y - self.line, 0, self.setback)
        return float(-CAMBER * self.road + self.kerb + 0.015 * (y - self.road) + self.bank * banked)


def draw_section(
    rng: np.random.Generator, lane: float, rich: bool, setbacks: tuple[float, float]
) -> Section:
    """A random side of a street; a rich one has a parking lane."""
    setback = rng.uniform(*setbacks)
    return Section(
        lane=lane,
        parking=rng.uniform(2.0, 2.5) if rich or rng.random() < 0.6 else 0.0,
        kerb=rng.uniform(0.02, 0.2),
        verge=rng.uniform(0.8, 3.5) if rng.random() < 0.5 else 0.0,
        pavement=rng.uniform(1.2, 4.5),
        setback=setback,
        bank=max(0.0, rng.normal(0, 1.2)) / max(setback, 6.0),
    )


def strips(rng: np.random.Generator, section: Section, start: float, stop: float) -> Facets:
    """Everything from the road's middle to the end of the pavement, for start <= x <= stop."""
    x = np.arange(start, stop + 1.5, 1.5)
    settled = rng.normal(0, 0.008, len(x))
    settled[:: len(x) - 1] = 0
    kerb, verge = section.road + KERB_WIDTH, section.road + KERB_WIDTH + section.verge

    def strip(low: float, high: float, skin: Skin, rough: float) -> Facets:
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
) -> Facets:
    """The ground of one lot from the pavement on: an uneven lawn, or paving."""
    x = _steps(start, stop)
    y = section.line + _steps(0, YARD_DEPTH)
    level = np.array([section.height(value) for value in y])
    bumps = rng.normal(0, rng.uniform(0.01, 0.09) if green else 0.01, (len(x), len(y)))
    bumps[:, 0] = 0
    return sheet(x, y, level + bumps, LAWN if green else PAVEMENT)


def _steps(start: float, stop: float) -> Floats:
    return np.linspace(start, stop, max(2, round((stop - start) / 1.6) + 1))
