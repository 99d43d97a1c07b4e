"""The points of scans on disk, for as long as a scan to come borrows from them."""

from __future__ import annotations

from collections.abc import Sequence

from volseg.errors import InputError
from volseg.io.scans.extent import ScanExtent
from volseg.io.scans.pieces import Pieces
from volseg.predict.scans.job import ScanJob
from volseg.predict.scans.ledger import Ledger
from volseg.predict.scans.neighbours import Adjacency, adjoining
from volseg.predict.scans.progress import PointProgress
from volseg.predict.scans.spool import Spool


class Spools:
    """The spools of scans: made when asked for, dropped when nobody needs them.

    Jobs are told which scans adjoin theirs in another coordinate system.

    Args:
        jobs: all scans.
        ledger: makes spools, or finds them.
        reach: how near scans lie that borrow from each other; None where none does.
        points: where points that are read are counted.
    """

    def __init__(
        self,
        jobs: Sequence[ScanJob],
        ledger: Ledger,
        reach: Adjacency | None,
        points: PointProgress,
    ) -> None:
        self.ledger, self.reach, self.points = ledger, reach, points
        self._jobs = jobs
        self._spools: dict[ScanJob, Spool] = {}
        self._finished: set[ScanJob] = set()
        self._near: dict[ScanJob, list[ScanJob]] = {}
        if reach is not None:
            self._near = adjoining(jobs, ledger.options.crs, reach)

    def open(self, job: ScanJob, scan: Pieces | None = None) -> Spool:
        """The spool of a scan.

        Raises:
            InputError: if the scan cannot be read.
        """
        if job not in self._spools:
            scan = scan or self.ledger.options.pieces(job.source)
            self._spools[job] = self.ledger.spool(job, scan, self.points)
        return self._spools[job]

    def around(self, job: ScanJob) -> dict[ScanJob, Spool]:
        """Those a scan borrows from, by the coordinates read; a broken one lends nothing."""
        own, lent = _extent(self.open(job)), {}
        for other in self._near.get(job, ()):
            try:
                spool = self.open(other)
            except InputError:  # raised again when it is its turn
                continue
            if self.reach is not None and self.reach.adjoin(own, [_extent(spool)])[0]:
                lent[other] = spool
        return lent

    def survey(self, job: ScanJob) -> list[ScanJob]:
        """A scan, those that adjoin it, those that adjoin them, and so on, in one order for all."""
        found, more = {job}, [job]
        while more:
            more = [
                other for one in more for other in self._near.get(one, ()) if other not in found
            ]
            found.update(more)
        return [one for one in self._jobs if one in found]

    def finish(self, job: ScanJob) -> None:
        """Drop the points of finished scans that no scan to come borrows from."""
        self._finished.add(job)
        for kept in list(self._spools):
            last = kept in self._finished and self._finished.issuperset(self._near.get(kept, ()))
            if last and kept.error is None:
                self._spools.pop(kept).drop_points()


def _extent(spool: Spool) -> ScanExtent:
    return ScanExtent(spool.crs or "", spool.lower[:2], spool.upper[:2])
