"""Segment scan files of any size in memory for one tile, and go on where an earlier run stopped.

A scan is spooled to disk, segmented tile by tile, and written again with its votes. Files given
together borrow the halo of their outer tiles from each other where they adjoin and name the same
coordinate system; those without one, or that overlap, stand alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry.labels import IGNORE
from volseg.geometry.points import NOISE
from volseg.io.atomic import check_target, disk_errors
from volseg.io.scans import pieces
from volseg.io.scans.crs import same_crs
from volseg.io.scans.extent import ScanExtent
from volseg.io.scans.pieces import Pieces, extent_of
from volseg.predict.scans.headway import Headway
from volseg.predict.scans.job import Job, Watch, stamp
from volseg.predict.scans.local import Here
from volseg.predict.scans.model import VIEWS, ScanModel
from volseg.predict.scans.part import Part, Segmenter, Votes
from volseg.predict.scans.spool import LAYOUT, Spool, load_spool, make_spool, read_json, write_json
from volseg.predict.scans.tiles import DONE, Tiles, fingerprint, lattice_of

KEY, WRITTEN = "key.json", "written.json"


class ScanRun:
    """The segmentation of some scans.

    Args:
        model: a trained model.
        jobs: what to segment.
        segmenter: where tiles are segmented; None for this process.
        tta: take the mean over turned and mirrored views.
        confidence: write the probability of classes too.
        overwrite: replace existing files.
        crs: as in `volseg.io.read`.
        columns: as in `volseg.io.read`.
        mark_noise: write what is found to be noise below the ground, or high above all else, as
            classes 7 and 18 of LAS.
        all_points: segment what files call noise or withhold, too; else it keeps its class.
        watch: told of all progress.
        memory: bytes a tile may take; None for what there is to spare.

    Raises:
        InputError: if a target exists that an earlier, broken run of the same did not write, or
            cannot be written.
    """

    def __init__(
        self,
        model: ScanModel,
        jobs: Sequence[Job],
        *,
        watch: Watch,
        segmenter: Segmenter | None = None,
        tta: bool = False,
        confidence: bool = False,
        overwrite: bool = False,
        crs: str | None = None,
        columns: tuple[str, ...] | None = None,
        mark_noise: bool = False,
        all_points: bool = False,
        memory: int | None = None,
    ) -> None:
        self.model, self.jobs, self.watch = model, list(jobs), watch
        self.tta, self.confidence = tta, confidence
        self.overwrite, self.memory = overwrite, memory
        self.crs, self.columns = crs, columns
        self.mark_noise, self.all_points = mark_noise, all_points or model.labels.has_noise
        self.lattice = lattice_of(model, tta=tta)
        self._halo = (model.halo(tta=tta) or 0) * model.voxel_size
        self._model_key = fingerprint(model)
        self._command = [
            tta,
            confidence,
            crs,
            columns and list(columns),
            mark_noise,
            self.all_points,
            *(stamp(job.source) for job in jobs),
        ]
        self.segmenter = segmenter or Here(model)
        net = model.net if segmenter is None else None
        self._headway = Headway(net, VIEWS if tta else 1, watch)
        self._spools: dict[Job, Spool] = {}
        self._tiles: dict[Job, Tiles] = {}
        self._began: dict[Job, float] = {}
        self._finished: list[Job] = []
        self._told = 0
        self._done = {job for job in jobs if self._was_written(job)}
        for job in self.jobs:
            if job not in self._done:
                check_target(job.target, overwrite=overwrite)
        self._near = self._neighbours()

    def __iter__(self) -> Iterator[Job]:
        """Do every job, and hand it back when its files are written or it has failed."""
        with self._headway:
            for (job, number), votes in self.segmenter(self._parts()):
                self._take(job, number, votes)
                yield from self._ended()
        yield from self._ended()
        for job in self.jobs:
            if job.error is None or not _worth_keeping(job):
                shutil.rmtree(job.folder, ignore_errors=True)

    def _parts(self) -> Iterator[tuple[tuple[Job, int], Part]]:
        """What is to be segmented of every job, each read when it is asked for."""
        for job in self.jobs:
            if job in self._done:
                self._end(job)
                continue
            with self._charged_to(job):
                tiles = self._open(job)
                if not tiles.todo:
                    self._write(job)
                for number in list(tiles.todo):
                    if job.error is None:
                        part = tiles.part(number)
                        self._headway.begin(job, part.own)
                        yield (job, number), part

    def _open(self, job: Job) -> Tiles:
        """Spool a scan and plan its tiles."""
        self._began[job] = perf_counter()
        scan = self._pieces(job)
        ids = self.model.labels.decode(np.arange(len(self.model.labels)))
        scan.check_ids(job.target, np.append(ids, NOISE) if self.mark_noise else ids)
        spool = self._spool(job, scan)
        job.points, job.crs = len(spool), spool.crs
        around = self._around(job, spool)
        self.watch.on_work(job, "segmenting", len(spool))
        with disk_errors(job.target):
            self._tiles[job] = Tiles(
                self.model,
                spool,
                [self._spools[one] for one in around],
                tta=self.tta,
                settings=self._settings([stamp(one.source) for one in around]),
                free=self.segmenter.free(),
                memory=self.memory,
            )
        if self.model.learnt is not None:
            job.beyond = self.model.learnt.beyond(self._tiles[job].range, tta=self.tta)
        self.watch.on_points(job, self._tiles[job].points_done())
        return self._tiles[job]

    def _take(self, job: Job, number: int, votes: Votes | InputError) -> None:
        """Keep the votes of a tile, and write the scan if they were the last."""
        if job.error is not None:
            return
        tiles = self._tiles[job]
        with self._charged_to(job):
            if isinstance(votes, InputError):
                raise InputError(f"{tiles.name(number)} {votes.message}")
            with disk_errors(job.target):
                tiles.keep(number, votes)
            self._headway.end(job, len(votes))
            if not tiles.todo:
                self._write(job)

    def _write(self, job: Job) -> None:
        """Write a scan again with its votes."""
        spool = self._spools[job]
        self.watch.on_work(job, "writing", len(spool))
        job.written = self._pieces(job).relabel(
            job.target,
            lambda rows: self._labels(job, rows),
            highest=max(*NOISE, int(self._decode(spool.classes()).max())),
            by=self.model.made_by,
            overwrite=self.overwrite,
        )
        said = {"points": job.points, "crs": job.crs, "outputs": [*map(stamp, job.written)]}
        with disk_errors(job.target):
            write_json(job.folder / WRITTEN, self._settings(self._command) | said)
        self._end(job)

    @contextmanager
    def _charged_to(self, job: Job) -> Iterator[None]:
        """What goes wrong with a job ends that job alone."""
        try:
            yield
        except InputError as error:
            job.error = error.at(job.source)
            self._end(job)

    def _end(self, job: Job) -> None:
        """A job is done or has failed."""
        if job in self._began:
            job.seconds = perf_counter() - self._began[job]
        self._tiles.pop(job, None)
        self._finished.append(job)
        self._forget()

    def _ended(self) -> Iterator[Job]:
        """Jobs that ended since this was last asked, in that order."""
        while self._told < len(self._finished):
            self._told += 1
            yield self._finished[self._told - 1]

    def _labels(
        self, job: Job, rows: slice
    ) -> tuple[NDArray[np.int64], NDArray[np.float32] | None, NDArray[np.int64] | None]:
        """Class ids, confidences and objects of some rows, as they are written."""
        votes = self._spools[job].votes(rows)
        self.watch.on_points(job, len(votes))
        labels, noise = self._decode(votes["label"]), votes["label"] < 0
        job.noise += int(noise.sum())
        if self.mark_noise:
            labels[noise] = -votes["label"][noise]
        return labels, np.array(votes["confidence"]) if self.confidence else None, None

    def _decode(self, votes: NDArray[Any]) -> NDArray[np.int64]:
        """Class ids of votes; of noise that of no class."""
        return self.model.labels.decode(np.maximum(votes, IGNORE))

    def _pieces(self, job: Job) -> Pieces:
        return Pieces(job.source, crs=self.crs, columns=self.columns, noise=self.all_points)

    def _spool(self, job: Job, scan: Pieces) -> Spool:
        """The points of a scan on disk: those of an earlier run, or spooled now."""
        key = {
            "source": stamp(job.source),
            "lattice": [self.lattice.size, self.lattice.edge],
            "features": [str(feature) for feature in self.model.features],
            "all_points": self.all_points,
            "layout": LAYOUT,
            "crs": self.crs,
            "columns": self.columns and list(self.columns),
        }
        if job not in self._spools:
            made = load_spool(job.folder) if read_json(job.folder / KEY) == key else None
            self._spools[job] = made or self._make_spool(job, scan, key)
        return self._spools[job]

    def _make_spool(self, job: Job, scan: Pieces, key: dict[str, Any]) -> Spool:
        self.watch.on_work(job, "reading", scan.count)
        said = read_json(job.folder / WRITTEN) if job in self._done else None
        shutil.rmtree(job.folder, ignore_errors=True)
        try:
            with disk_errors(job.target):
                job.folder.mkdir()
                write_json(job.folder / KEY, key)
                if said is not None:
                    write_json(job.folder / WRITTEN, said)
                return make_spool(
                    job.folder,
                    scan,
                    self.lattice,
                    self.model.features,
                    partial(self.watch.on_points, job),
                )
        except BaseException:
            shutil.rmtree(job.folder, ignore_errors=True)
            raise

    def _neighbours(self) -> dict[Job, list[Job]]:
        """The jobs each may borrow from, as far as headers tell."""
        near: dict[Job, list[Job]] = {job: [] for job in self.jobs}
        frames = {job: extent_of(job.source, self.crs) for job in self.jobs} if self._halo else {}
        placed = [(job, one) for job, one in frames.items() if one is not None]
        for job, own in placed:
            gaps = own.gaps([one for _, one in placed])
            for (other, theirs), gap in zip(placed, gaps, strict=True):
                if job is other or not self._adjoins(gap):
                    continue
                if same_crs(own.crs, theirs.crs):
                    near[job].append(other)
                else:
                    job.strangers.append(other.source)
        return near

    def _adjoins(self, gap: float) -> bool:
        """Whether scans touch or nearly do; those that overlap are no tiles of one survey."""
        return -self.model.voxel_size < gap <= self._halo

    def _around(self, job: Job, spool: Spool) -> list[Job]:
        """The jobs one borrows from, by the coordinates found; one that fails lends nothing."""
        found = []
        for other in self._near[job]:
            try:
                theirs = self._spool(other, self._pieces(other))
            except InputError:  # said when it is its turn
                continue
            if self._adjoins(float(_frame_of(spool).gaps([_frame_of(theirs)])[0])):
                found.append(other)
        return found

    def _forget(self) -> None:
        """Drop the points of finished scans that no scan to come borrows from."""
        finished = set(self._finished)
        for job in list(self._spools):
            if job in finished and job.error is None and finished.issuperset(self._near[job]):
                self._spools.pop(job).drop_points()

    def _settings(self, sources: Sequence[Any]) -> dict[str, Any]:
        """What votes depend on besides the scan."""
        return {"model": self._model_key, "sources": list(sources)}

    def _was_written(self, job: Job) -> bool:
        """Whether an earlier, broken run of the same wrote a target that is still as it was."""
        said = read_json(job.folder / WRITTEN)
        wanted = self._settings(self._command)
        if said is None or any(said[name] != value for name, value in wanted.items()):
            return False
        job.written = [Path(name) for name, *_ in said["outputs"]]
        job.points, job.crs = said["points"], said["crs"]
        return bool(said["outputs"] == [*map(stamp, job.written)])


def _frame_of(spool: Spool) -> ScanExtent:
    return ScanExtent(spool.crs or "", spool.lower[:2], spool.upper[:2])


def _worth_keeping(job: Job) -> bool:
    """Whether long work was done on a job that failed."""
    log = job.folder / DONE
    return job.points > pieces.PIECE and log.exists() and log.stat().st_size > 0
