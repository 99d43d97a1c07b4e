"""A site: an area of a terrain that fills with buildings, things and plants, one beside another."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import hypot

import numpy as np
from numpy.typing import NDArray

from volseg.synthetic.airborne.area import Area, level
from volseg.synthetic.airborne.terrain import Terrain
from volseg.synthetic.airborne.trees import HABITS, grow
from volseg.synthetic.airborne.woods.places import places
from volseg.synthetic.crowns import Crowns
from volseg.synthetic.facets import Facets, Floats
from volseg.synthetic.labels import Material
from volseg.synthetic.scenery import Scenery, gather

Pair = tuple[float, float]


def lot(area: Area, middle: Floats | Pair, size: Floats | Pair, turn: float = 0.0) -> Area:
    """A smaller area of a length and a depth about a place in another's own frame, turned in it."""
    x, y = area.world(np.array(middle[0]), np.array(middle[1]))
    return Area(float(x), float(y), float(size[0]), float(size[1]), area.heading + turn)


@dataclass(eq=False)
class Site:
    """What has been put on an area so far.

    Attributes:
        rng: the source of chance.
        terrain: what it stands on; levelled under what is built.
        area: what it keeps to.
        leaves: whether trees have leaves.
        parts: what stands there.
        taken: areas on which nothing else may stand.
    """

    rng: np.random.Generator
    terrain: Terrain
    area: Area
    leaves: bool = True
    parts: list[Scenery | Facets | Crowns] = field(default_factory=list)
    taken: list[Area] = field(default_factory=list)

    @property
    def scenery(self) -> Scenery:
        """All that stands there."""
        return gather(self.parts)

    def is_free(self, spot: Area) -> bool:
        """Whether a spot is dry, within the site, and not taken."""
        x, y = _grid(spot)
        within = np.array((self.area.length, self.area.depth)) / 2 >= np.abs(self.area.own(x, y)).T
        if not within.all() or self.terrain.wet(x, y).any():
            return False
        return bool(self.free(np.stack((x, y), axis=1), 0.0).all())

    def free(self, feet: Floats, margin: float) -> NDArray[np.bool_]:
        """Which feet, (n, 2) or (n, 3), lie at least ``margin`` from all that is taken, (n,)."""
        kept = np.ones(len(feet), dtype=bool)
        if not len(feet):
            return kept
        x, y = ((feet[:, axis].min() + feet[:, axis].max()) / 2 for axis in (0, 1))
        reach = hypot(*np.ptp(feet[:, :2], axis=0)) / 2 + margin
        for spot in self.taken:
            if hypot(spot.x - x, spot.y - y) > reach + hypot(spot.length, spot.depth) / 2 + margin:
                continue
            along, across = spot.own(feet[:, 0], feet[:, 1])
            half = spot.length / 2 + margin, spot.depth / 2 + margin
            kept &= (np.abs(along) >= half[0]) | (np.abs(across) >= half[1])
        return kept

    def build(self, made: Facets, spot: Area, bank: float = 1.5) -> bool:
        """Put a building made about the origin on a spot, levelled with a bank, if it is free."""
        if not self.is_free(spot):
            return False
        z = level(self.terrain, spot, bank)
        self.parts.append(made.moved(spot.x, spot.y, z, spot.heading))
        self.taken.append(spot)
        return True

    def put(self, made: Facets, spot: Area) -> bool:
        """Put a thing made about the origin on a spot, leaning with the ground, if it is free."""
        if not self.is_free(spot):
            return False
        self.parts.append(lean(made, self.terrain, spot))
        self.taken.append(spot)
        return True

    def plant(
        self,
        kinds: tuple[str, ...],
        pitch: float,
        heights: tuple[float, float],
        share: float,
        margin: float = 1.5,
    ) -> None:
        """Plants of some kinds on a share of what is free; shrubs are no objects."""
        feet = places(self.rng, self.terrain, self.area, (pitch, pitch))
        feet = feet[(self.rng.random(len(feet)) < share) & self.free(feet, margin)]
        chosen = self.rng.integers(len(kinds), size=len(feet))
        for number, kind in enumerate(kinds):
            own = feet[chosen == number]
            height = heights[0] + np.ptp(heights) * self.rng.beta(1.5, 2.5, len(own))
            made = grow(self.rng, HABITS[kind], own, height, leafy=self.leaves)
            if kind == "shrub":
                made.crowns.instance[:] = 0
            self.parts.append(made)

    def pave(self, spot: Area, material: Material) -> None:
        """Cover the ground of a spot."""
        window = spot.cells(self.terrain)
        self.terrain.cover[window][spot.outside(self.terrain, window) == 0] = material


def lean(made: Facets, terrain: Terrain, spot: Area) -> Facets:
    """What was made about the origin, on a spot, sheared upwards as the ground slopes."""
    east, north = (float(rise) for rise in terrain.slope(spot.x, spot.y))
    shear = np.array([[1.0, 0, 0], [0, 1, 0], [east, north, 1]])
    turned = made.moved(0, 0, 0, spot.heading).mapped(shear)
    return turned.moved(spot.x, spot.y, float(terrain.height(spot.x, spot.y)))


def _grid(spot: Area) -> tuple[Floats, Floats]:
    """World x and y of a grid of places all over a spot."""
    steps = [max(3, int(size / 3) + 1) for size in (spot.length, spot.depth)]
    along, across = np.meshgrid(*(np.linspace(-0.5, 0.5, count) for count in steps))
    return spot.world(along.ravel() * spot.length, across.ravel() * spot.depth)
