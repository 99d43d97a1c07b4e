"""Segment scan files of any size in memory for one tile, and go on where an earlier run stopped.

A scan is spooled to disk, segmented tile by tile, and written again with its votes. Files given
together borrow the halo of their outer tiles from each other where they adjoin and name the same
coordinate system; those without one, or that overlap, stand alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from time import perf_counter

import numpy as np

from volseg.errors import InputError
from volseg.geometry.points import NOISE
from volseg.io.atomic import check_target, disk_errors
from volseg.predict.objects.components import require_things
from volseg.predict.scans.job import ScanJob, ScanOptions, stamp
from volseg.predict.scans.ledger import Ledger
from volseg.predict.scans.local import LocalSegmenter
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.neighbours import Adjacency
from volseg.predict.scans.objects import ScanObjects, group_spools, tables_of
from volseg.predict.scans.progress import LayerProgress, PointProgress
from volseg.predict.scans.spools import Spools
from volseg.predict.scans.tile_input import Segmenter, TileInput, Votes
from volseg.predict.scans.tiles import ScanTiles
from volseg.predict.scans.views import VIEWS
from volseg.predict.scans.written import Written, WrittenLabels
from volseg.progress import SILENT, Progress


def segment_scans(
    model: ScanModel,
    jobs: Sequence[ScanJob],
    options: ScanOptions | None = None,
    *,
    segmenter: Segmenter | None = None,
    memory: int | None = None,
    progress: Progress = SILENT,
) -> Iterator[ScanJob]:
    """Do every job, and hand it back when its files are written or it has failed.

    Args:
        model: a trained model.
        jobs: what to segment.
        options: how; a plain copy with labels if not given.
        segmenter: where tiles are segmented; None for this process.
        memory: bytes a tile may take; None for what there is to spare.
        progress: told how many points of each scan are read, segmented and written.

    Returns:
        An iterator, which does the work; what is wrong with targets is raised before.

    Raises:
        InputError: if a target exists that an earlier, broken run of the same did not write, or
            cannot be written; if a rule names a class the model lacks; or if objects are wanted
            of a model without things, or the ground of one that knows none.
    """
    options = options or ScanOptions()
    options = replace(
        options,
        all_points=options.all_points or model.labels.has_noise,
        objects=options.objects or model.labels.learns_objects,
    )
    if options.objects:
        require_things(model.labels)
    if options.ground_only:
        _ = model.labels.ground
    _ = options.rules.ids(model.labels)
    run = _Run(model, jobs, options, segmenter, memory, progress)
    return iter(run)


class _Run:
    """The loop of `segment_scans`, and what it knows of the scans at work."""

    def __init__(
        self,
        model: ScanModel,
        jobs: Sequence[ScanJob],
        options: ScanOptions,
        segmenter: Segmenter | None,
        memory: int | None,
        progress: Progress,
    ) -> None:
        self.model, self.jobs, self.options, self.memory = model, list(jobs), options, memory
        self.segmenter = segmenter or LocalSegmenter(model)
        self.points = PointProgress(progress, self.jobs)
        net = model.net if segmenter is None else None
        self.layers = LayerProgress(net, VIEWS if options.tta else 1, self.points)
        self.ledger = Ledger(model, self.jobs, options)
        for job in self.jobs:
            if job not in self.ledger.done:
                for path in (job.target, *(tables_of(job.target) if options.objects else ())):
                    check_target(path, overwrite=options.overwrite)
        self.voted: set[ScanJob] = set()
        halo = (model.halo(tta=options.tta) or 0) * model.voxel_size
        reach = Adjacency(halo, model.voxel_size) if halo else None
        self.spools = Spools(self.jobs, self.ledger, reach, self.points)
        self.replaced = self._grouped_anew() if options.objects else set()
        self.ledger.done -= self.replaced
        self.tiles: dict[ScanJob, ScanTiles] = {}
        self.began: dict[ScanJob, float] = {}
        self.ended: deque[ScanJob] = deque()

    def __iter__(self) -> Iterator[ScanJob]:
        with self.layers.hooked():
            for (job, number), votes in self.segmenter(self._inputs()):
                self._take(job, number, votes)
                while self.ended:
                    yield self.ended.popleft()
        yield from self.ended
        for job in self.jobs:
            self.ledger.clear(job)

    def _inputs(self) -> Iterator[tuple[tuple[ScanJob, int], TileInput]]:
        """The tiles of every job that have no votes yet, each read when it is asked for."""
        for job in self.jobs:
            if job in self.ledger.done:
                self._end(job)
                continue
            with self._charged_to(job):
                tiles = self._open(job)
                if not tiles.todo:
                    self._settle(job)
                for number in list(tiles.todo):
                    if job.error is None:
                        tile = tiles.input(number)
                        self.layers.begin(job, tile.own)
                        yield (job, number), tile

    def _open(self, job: ScanJob) -> ScanTiles:
        """Spool a scan and plan its tiles."""
        self.began[job] = perf_counter()
        scan = self.options.pieces(job.source)
        ids = self.options.rules.ids(self.model.labels)
        scan.check_ids(job.target, np.append(ids, NOISE) if self.options.mark_noise else ids)
        spool = self.spools.open(job, scan)
        job.points, job.crs = len(spool), spool.crs
        around = self.spools.around(job)
        self.points.begin(job, "segmenting", len(spool))
        with disk_errors(job.target):
            tiles = self.tiles[job] = ScanTiles(
                self.model,
                spool,
                list(around.values()),
                tta=self.options.tta,
                settings=self.ledger.settings([stamp(other.source) for other in around]),
                free=self.segmenter.free(),
                memory=self.memory,
            )
        if self.model.learnt is not None:
            job.beyond = self.model.learnt.beyond(tiles.range, tta=self.options.tta)
        self.points.add(job, tiles.points_done())
        return tiles

    def _take(self, job: ScanJob, number: int, votes: Votes | InputError) -> None:
        """Keep the votes of a tile, and write the scan if they were the last."""
        if job.error is not None:
            return
        tiles = self.tiles[job]
        with self._charged_to(job):
            if isinstance(votes, InputError):
                raise InputError(f"{tiles.name(number)} {votes.message}")
            with disk_errors(job.target):
                tiles.keep(number, votes)
            self.layers.end(job, len(votes))
            if not tiles.todo:
                self._settle(job)

    def _grouped_anew(self) -> set[ScanJob]:
        """Scans of an earlier run whose objects may reach into others that are not done yet."""
        done = self.ledger.done
        return {job for job in done if not done.issuperset(self.spools.survey(job))}

    def _settle(self, job: ScanJob) -> None:
        """Write a scan that has its votes; where objects are wanted, with all that adjoin it.

        Those wait for each other: an object that reaches into several has one id.
        """
        self.voted.add(job)
        if not self.options.objects:
            self._write(job, None)
            return
        survey = [one for one in self.spools.survey(job) if one.error is None]
        if not self.voted.issuperset(survey):
            return
        wrong, grouped = None, list[ScanObjects]()
        try:
            grouped = self._group(survey)
        except InputError as error:
            wrong = error
        for number, one in enumerate(survey):
            with self._charged_to(one):
                if wrong is not None:
                    raise wrong
                self._write(one, grouped[number])

    def _write(self, job: ScanJob, objects: ScanObjects | None) -> None:
        """Write a scan again with its votes."""
        spool, overwrite = self.spools.open(job), self.options.overwrite or job in self.replaced
        self.points.begin(job, "writing", len(spool))
        labels = WrittenLabels(
            job, spool, self.model.labels, self.options,
            lambda metres: self.tiles[job].ground.under(metres),
        )  # fmt: skip

        def written(rows: slice) -> Written:
            self.points.add(job, min(rows.stop, len(spool)) - rows.start)
            return labels(rows)

        job.written = self.options.pieces(job.source).relabel(
            job.target,
            written,
            highest=labels.highest(),
            by=self.model.made_by,
            overwrite=overwrite,
        )
        if objects is not None:
            job.written += objects.write(job.target, overwrite=overwrite)
        self.ledger.note_written(job)
        self._end(job)

    def _group(self, jobs: Sequence[ScanJob]) -> list[ScanObjects]:
        """Tell the objects of scans apart that adjoin."""
        spools = [self.spools.open(job) for job in jobs]
        for job, spool in zip(jobs, spools, strict=True):
            self.points.begin(job, "grouping", 2 * len(spool))
        told = [partial(self.points.add, job) for job in jobs]
        with disk_errors(jobs[0].target):
            found = group_spools(spools, self.model.labels, told)
        for job, objects in zip(jobs, found, strict=True):
            job.objects = len(objects.ids)
        return found

    @contextmanager
    def _charged_to(self, job: ScanJob) -> Iterator[None]:
        """What goes wrong with a job ends that job alone."""
        try:
            yield
        except InputError as error:
            job.error = error.at(job.source)
            self._end(job)
            if job not in self.voted:
                self._go_on(job)

    def _go_on(self, failed: ScanJob) -> None:
        """Write the scans that waited for one that has failed."""
        waiting = [job for job in self.spools.survey(failed) if job.error is None]
        first = next((job for job in waiting if job in self.voted), None)
        if self.options.objects and first is not None:
            with self._charged_to(first):
                self._settle(first)

    def _end(self, job: ScanJob) -> None:
        """A job is done or has failed."""
        if job in self.began:
            job.seconds = perf_counter() - self.began[job]
        self.tiles.pop(job, None)
        self.points.end(job)
        self.spools.finish(job)
        self.ended.append(job)
