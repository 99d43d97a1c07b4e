"""Crowns: ellipsoids of leaves or twigs that let part of the rays pass."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from volseg.synthetic.facets import Floats
from volseg.synthetic.labels import Skin


@dataclass(frozen=True, eq=False)
class Crowns:
    """C ellipsoids with upright axes, in metres, in which a ray meets a leaf sooner or later.

    The way from where a ray enters to the first leaf is exponential, ``1 / density`` on average.

    Attributes:
        centre: float64 (C, 3).
        radii: float64 (C, 3), half-axes along x, y and z.
        density: float64 (C,), leaves that a ray meets in a metre, on average.
        label: int8 (C,), class.
        material: int8 (C,), material.
        instance: int32 (C,), object that a crown is of, 1 to the number of objects; 0 of none.
    """

    centre: Floats
    radii: Floats
    density: Floats
    label: NDArray[np.int8]
    material: NDArray[np.int8]
    instance: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.centre)

    def moved(self, x: float, y: float, z: float) -> Crowns:
        """The same crowns elsewhere."""
        return replace(self, centre=self.centre + (x, y, z))

    def as_object(self) -> Crowns:
        """The same crowns as one object."""
        return replace(self, instance=np.ones_like(self.instance))


def crowns(
    centre: ArrayLike,
    radii: ArrayLike,
    density: ArrayLike,
    skin: Skin,
    instance: ArrayLike = 0,
) -> Crowns:
    """Ellipsoids of centres and half-axes that broadcast to (C, 3), densities and ids to (C,)."""
    middle = np.array(np.atleast_2d(centre), dtype=np.float64)
    size = len(middle)
    return Crowns(
        centre=middle,
        radii=np.array(np.broadcast_to(radii, (size, 3)), dtype=np.float64),
        density=np.array(np.broadcast_to(density, size), dtype=np.float64),
        label=np.full(size, skin.label, dtype=np.int8),
        material=np.full(size, skin.material, dtype=np.int8),
        instance=np.array(np.broadcast_to(instance, size), dtype=np.int32),
    )
