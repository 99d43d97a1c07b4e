"""Which points of scan files are ground, found from the points alone: no network, no training.

Files given together share their ground where they adjoin and name the same coordinate system.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from volseg.data.scans.context import ContextBuilder, ScanContext
from volseg.errors import InputError
from volseg.geometry.assumed import require_metres
from volseg.geometry.ground.ground import MARGIN
from volseg.geometry.ground.layers import CELL
from volseg.geometry.points import GROUND, NOISE, UNCLASSIFIED, PointCloud
from volseg.io.atomic import check_target
from volseg.io.scans.pieces import Pieces
from volseg.predict.scans.job import ScanJob, ScanOptions
from volseg.predict.scans.neighbours import Adjacency, adjoining
from volseg.predict.scans.progress import PointProgress
from volseg.progress import SILENT, Progress

BY = "volseg ground"


def mark_ground(
    jobs: Sequence[ScanJob],
    options: ScanOptions | None = None,
    *,
    progress: Progress = SILENT,
) -> Iterator[ScanJob]:
    """Write a copy of every scan whose classes are ground, noise, and unclassified.

    Memory holds the lowest points of every column of a scan and of those that adjoin it, and a
    byte a point.

    Args:
        jobs: the scans; ``ground`` and ``noise`` of each are counted.
        options: how they are read and written.
        progress: told how many points of each scan are read and written.

    Returns:
        An iterator, which does the work, over the jobs that are written or have failed.

    Raises:
        InputError: if a target exists or cannot be written.
    """
    options = options or ScanOptions()
    for job in jobs:
        check_target(job.target, overwrite=options.overwrite)
    return _mark(jobs, options, PointProgress(progress, jobs))


def _mark(
    jobs: Sequence[ScanJob], options: ScanOptions, points: PointProgress
) -> Iterator[ScanJob]:
    contexts = _Contexts(jobs, options, points)
    for job in jobs:
        began = perf_counter()
        scan = options.pieces(job.source)
        try:
            _write(job, scan, contexts.joint(job, scan), options, points)
        except InputError as error:
            job.error = error.at(job.source)
        points.end(job)
        contexts.finish(job)
        job.seconds = perf_counter() - began
        yield job


def _write(
    job: ScanJob,
    scan: Pieces,
    context: ScanContext,
    options: ScanOptions,
    points: PointProgress,
) -> None:
    """Write the copy of one scan."""
    scan.check_ids(job.target, np.array((UNCLASSIFIED, GROUND, *NOISE)))
    points.begin(job, "marking", job.points)
    found = []
    for cloud in scan:
        found.append(classes_of(cloud, context))
        points.add(job, len(cloud))
    classes = np.concatenate(found)
    job.ground = int((classes == GROUND).sum())
    job.noise = int(np.isin(classes, NOISE).sum())
    job.written = scan.relabel(
        job.target,
        lambda rows: (classes[rows].astype(np.int64), None, None),
        highest=max(NOISE),
        by=BY,
        overwrite=options.overwrite,
    )


def classes_of(cloud: PointCloud, context: ScanContext) -> NDArray[np.int8]:
    """The class in LAS of points of a scan, int8 (N,): ground, noise, or unclassified."""
    metres = cloud.metres()
    noise = context.noise_of(metres)
    classes = np.where(context.ground.holds(metres), GROUND, UNCLASSIFIED)
    return np.where(noise > 0, noise, classes).astype(np.int8)


class _Contexts:
    """What is known of every scan at work, and of those that adjoin it."""

    def __init__(
        self, jobs: Sequence[ScanJob], options: ScanOptions, points: PointProgress
    ) -> None:
        self.options, self.points = options, points
        self._contexts: dict[ScanJob, ScanContext] = {}
        self._finished: set[ScanJob] = set()
        self._near = adjoining(jobs, options.crs, Adjacency(MARGIN * CELL, overlap=CELL))

    def joint(self, job: ScanJob, scan: Pieces) -> ScanContext:
        """The context of a scan on the ground it shares with those that adjoin it.

        Raises:
            InputError: if the scan cannot be read.
        """
        own, lent = self._open(job, scan), []
        for other in self._near.get(job, ()):
            try:
                lent.append(self._open(other, self.options.pieces(other.source)))
            except InputError:  # raised again when it is its turn
                continue
        return own.beside(lent) if lent else own

    def finish(self, job: ScanJob) -> None:
        """Forget finished scans that no scan to come borrows from."""
        self._finished.add(job)
        for kept in list(self._contexts):
            if kept in self._finished and self._finished.issuperset(self._near.get(kept, ())):
                del self._contexts[kept]

    def _open(self, job: ScanJob, scan: Pieces) -> ScanContext:
        if job not in self._contexts:
            builder = ContextBuilder(ground=True)
            lower, upper = np.full(3, np.inf), np.full(3, -np.inf)
            self.points.begin(job, "reading", scan.count)
            for cloud in scan:
                metres = cloud.metres()
                builder.add(metres, {})
                if len(cloud):
                    lower = np.minimum(lower, metres.min(axis=0))
                    upper = np.maximum(upper, metres.max(axis=0))
                job.points += len(cloud)
                job.crs = cloud.crs
                self.points.add(job, len(cloud))
            self.points.end(job)
            if not job.points:
                raise InputError("has no points that count")
            require_metres(cloud, lower, upper)
            self._contexts[job] = builder.context()
        return self._contexts[job]
