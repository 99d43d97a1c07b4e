"""Where a prediction is worst: connected clusters of what is wrong, the largest first."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from volseg.geometry.voxelgrid import voxelize_metres

MOST = 100
# The half of the 26 neighbours of a cell that come after it in the order of cells.
AHEAD = np.array([step for step in itertools.product((-1, 0, 1), repeat=3) if step > (0, 0, 0)])


@dataclass(frozen=True, eq=False)
class Spot:
    """A connected cluster of places.

    Attributes:
        count: how many places it holds.
        centre: float64 (3,), where the one lies that is nearest to their mean: clusters bend, and
            in the middle of a shell nothing is wrong.
        sides: float64 (3,), those of the box around all.
        name: of the object that is wrong; nothing of places that are wrong.
    """

    count: int
    centre: NDArray[np.float64]
    sides: NDArray[np.float64]
    name: str = ""

    @property
    def radius(self) -> float:
        """Half the diagonal of the box."""
        return float(np.linalg.norm(self.sides)) / 2


def find_spots(places: NDArray[np.float64], reach: float, most: int = MOST) -> list[Spot]:
    """Clusters of places, the largest first; of equal ones, the first in order of x, y, z.

    Space is cut into cubes of side ``reach``; places are connected where their cubes are the
    same or touch by a face, an edge or a corner. So places nearer than ``reach`` always are, and
    clusters lie at least ``reach`` apart.

    Args:
        places: float64 (n, 3), any number.
        reach: a length in their unit, above 0.
        most: how many clusters to return.

    Raises:
        InputError: if ``reach`` is not a positive length, or too small for their extent.
    """
    if len(places) == 0:
        return []
    grid = voxelize_metres(places, reach)
    cluster, many = _connected(grid.coords)
    counts = np.zeros(many, dtype=np.int64)
    np.add.at(counts, cluster, grid.counts)
    members = np.split(np.argsort(cluster, kind="stable"), np.cumsum(np.bincount(cluster))[:-1])
    spots = []
    for number in np.argsort(-counts, kind="stable")[:most].tolist():
        cells = (grid.coords[members[number]] + grid.origin + 0.5) * reach
        nearest = np.argmin(((cells - cells.mean(axis=0)) ** 2).sum(axis=1))
        sides = cells.max(axis=0) - cells.min(axis=0) + reach
        spots.append(Spot(int(counts[number]), cells[nearest], sides))
    return spots


def _connected(cells: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """The cluster of every cell, (M,), numbered as they begin, and how many there are.

    Args:
        cells: int64 (M, 3), at least 0, unique, in order of x, y, z.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    # One empty cell more along each axis: no step leads from one row into the next.
    _, rows, columns = cells.max(axis=0) + 2
    factors = np.array([rows * columns, columns, 1])
    keys = cells @ factors
    pairs = []
    for step in AHEAD @ factors:
        wanted = keys + step
        at = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        here = np.flatnonzero(keys[at] == wanted)
        pairs.append(np.stack([here, at[here]]))
    one, other = np.concatenate(pairs, axis=1)
    links = coo_array((np.ones(len(one), dtype=bool), (one, other)), shape=(len(cells),) * 2)
    many, cluster = connected_components(links, directed=False)
    return cluster.astype(np.int64), int(many)
