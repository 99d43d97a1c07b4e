"""Which scans adjoin, so that they lend each other the halo of their outer tiles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from volseg.io.scans.crs import same_crs
from volseg.io.scans.extent import ScanExtent
from volseg.io.scans.pieces import extent_of
from volseg.predict.scans.job import ScanJob

K = TypeVar("K")


@dataclass(frozen=True)
class Adjacency:
    """How near scans must lie to be tiles of one survey; those that overlap are none.

    Attributes:
        halo: metres that may lie between them.
        overlap: metres, less than which they may overlap by.
    """

    halo: float
    overlap: float

    def adjoin(self, extent: ScanExtent, others: Sequence[ScanExtent]) -> NDArray[np.bool_]:
        """Whether a scan adjoins others, bool (n,)."""
        gaps = extent.gaps(others)
        return (-self.overlap < gaps) & (gaps <= self.halo)


def neighbours(
    extents: Mapping[K, ScanExtent], reach: Adjacency
) -> tuple[dict[K, list[K]], dict[K, list[K]]]:
    """The scans each may borrow from, and those that adjoin it in another coordinate system.

    Args:
        extents: where scans lie.
        reach: how near they must.
    """
    near: dict[K, list[K]] = {key: [] for key in extents}
    strangers: dict[K, list[K]] = {key: [] for key in extents}
    for key, own in extents.items():
        adjoin = reach.adjoin(own, list(extents.values()))
        for (other, theirs), adjoins in zip(extents.items(), adjoin, strict=True):
            if adjoins and other is not key:
                (near if same_crs(own.crs, theirs.crs) else strangers)[key].append(other)
    return near, strangers


def adjoining(
    jobs: Sequence[ScanJob], crs: str | None, reach: Adjacency
) -> dict[ScanJob, list[ScanJob]]:
    """The scans each may borrow from, as their headers say; each is told its strangers.

    Args:
        jobs: the scans.
        crs: their coordinate system as WKT, in place of the files'.
        reach: how near they must lie.
    """
    extents = {job: extent_of(job.source, crs) for job in jobs}
    placed = {job: extent for job, extent in extents.items() if extent is not None}
    near, strangers = neighbours(placed, reach)
    for job, others in strangers.items():
        job.strangers += [other.source for other in others]
    return near
