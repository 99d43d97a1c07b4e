"""The ground of a landscape: heights on a grid, what covers it, and where water stands."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from volseg.synthetic.facets import Floats


@dataclass(frozen=True, eq=False)
class Terrain:
    """Heights at the corners of square cells; between them, bilinear.

    Attributes:
        z: float64 (nx, ny), metres; structures level it where they stand.
        cover: int8 (nx, ny), `Material` of the ground.
        water: bool (nx, ny), where water stands over it; ``z`` is then the level of the water.
        cell: metres from one corner to the next.
        origin: x and y of the first corner, metres.
    """

    z: Floats
    cover: NDArray[np.int8]
    water: NDArray[np.bool_]
    cell: float
    origin: tuple[float, float]

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """First x, first y, last x, last y of the grid, metres."""
        (x, y), (nx, ny) = self.origin, self.z.shape
        return x, y, x + (nx - 1) * self.cell, y + (ny - 1) * self.cell

    def height(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Height of the ground, or of the water over it, at places that broadcast; metres."""
        i, j, a, b = self._cells(x, y)
        z = self.z
        low = z[i, j] * (1 - b) + z[i, j + 1] * b
        high = z[i + 1, j] * (1 - b) + z[i + 1, j + 1] * b
        return np.asarray(low * (1 - a) + high * a)

    def slope(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Rise of the ground along x and along y, metres a metre."""
        i, j, a, b = self._cells(x, y)
        z = self.z
        along = (z[i + 1, j] - z[i, j]) * (1 - b) + (z[i + 1, j + 1] - z[i, j + 1]) * b
        across = (z[i, j + 1] - z[i, j]) * (1 - a) + (z[i + 1, j + 1] - z[i + 1, j]) * a
        return np.asarray(along / self.cell), np.asarray(across / self.cell)

    def wet(self, x: ArrayLike, y: ArrayLike) -> NDArray[np.bool_]:
        """Where water stands."""
        return np.asarray(self.water[self.nearest(x, y)])

    def nearest(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Indices into the grid of the corners nearest to places."""
        i, j, a, b = self._cells(x, y)
        return i + (a > 0.5), j + (b > 0.5)

    def _cells(
        self, x: ArrayLike, y: ArrayLike
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats]:
        """First corner of the cell of each place, and how far within it, 0 to 1."""
        nx, ny = self.z.shape
        i = np.clip((np.asarray(x, dtype=np.float64) - self.origin[0]) / self.cell, 0, nx - 1.001)
        j = np.clip((np.asarray(y, dtype=np.float64) - self.origin[1]) / self.cell, 0, ny - 1.001)
        k, m = i.astype(np.int64), j.astype(np.int64)
        return k, m, i - k, j - m
