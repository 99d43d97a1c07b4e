"""Which points of a scan are drawn: as many as a screen can show, or half of them around a spot."""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.view.scans.extent import inliers
from volseg.view.scans.thinning import thin
from volseg.view.spots import Spot

SURROUNDINGS = 4.0
"""How much of its surroundings is seen of a spot, in its radii."""


class PointBudget:
    """Rows of a cloud to draw.

    Attributes:
        near: int64 (n,), rows of the points that do not lie far from all others.
        drawn: int64 (m,), those of them that are drawn where the scan is seen from afar.
    """

    def __init__(self, xyz: NDArray[np.float64], most: int) -> None:
        """The budget of a cloud.

        Args:
            xyz: float64 (N, 3).
            most: how many points are drawn at most.

        Raises:
            InputError: if no point has finite coordinates.
        """
        self._xyz, self._most = xyz, most
        self.near = np.flatnonzero(inliers(xyz))
        if len(self.near) == 0:
            raise InputError("has no point with finite coordinates; there is nothing to see")
        self.drawn = self.near[thin(xyz[self.near], most)]

    def around(self, focus: Spot | None) -> NDArray[np.int64]:
        """Rows to draw where a place is seen closely: half of the budget is spent around it."""
        if focus is None or len(self.drawn) == len(self.near):
            return self.drawn
        reach = SURROUNDINGS * focus.radius
        close = np.arange(len(self._xyz))
        for axis in range(3):
            close = close[np.abs(self._xyz[close, axis] - focus.centre[axis]) < reach]
        chosen = close[thin(self._xyz[close], self._most // 2)]
        return np.union1d(chosen, self._sparse)

    @cached_property
    def _sparse(self) -> NDArray[np.int64]:
        """Rows to draw of the whole where half of the budget is spent on a part."""
        return np.asarray(self.drawn[thin(self._xyz[self.drawn], self._most // 2)])
