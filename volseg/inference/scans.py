"""Segment scan files of any size in memory for one tile, and go on where an earlier run stopped.

A scan is spooled to disk, segmented tile by tile, and written again with its votes. Files given
together borrow the halo of their outer tiles from each other where they adjoin and name the same
coordinate system; those without one, or that overlap, stand alone.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.inference.scan import ScanModel
from volseg.inference.spool import Spool, load_spool, make_spool, read_json, write_json
from volseg.inference.tiles import DONE, fingerprint, lattice_of, segment_spool
from volseg.io import pieces
from volseg.io.atomic import check_target, disk_errors
from volseg.io.crs import same_crs
from volseg.io.frame import Frame
from volseg.io.pieces import Pieces, frame

KEY, WRITTEN = "key.json", "written.json"


@dataclass(eq=False)
class Job:
    """One scan to segment, and how that went.

    Attributes:
        source: the scan.
        target: where the labelled copy goes.
        points: it has.
        crs: the coordinate system it names, or None.
        strangers: scans that adjoin it but name another coordinate system.
        seconds: spent on it.
        written: the files made; none if there is an error.
        error: why there is no copy.
    """

    source: Path
    target: Path
    points: int = 0
    crs: str | None = None
    strangers: list[Path] = field(default_factory=list)
    seconds: float = 0.0
    written: list[Path] = field(default_factory=list)
    error: InputError | None = None

    @property
    def folder(self) -> Path:
        """Where its spool lies until all is done: beside the target, hidden."""
        return self.target.with_name(f".{self.target.name}.volseg")


class Watch(Protocol):
    """Sees what is done."""

    def on_work(self, job: Job, what: str, points: int | None) -> None:
        """Some work begins on so many points, or on a number not known yet."""

    def on_points(self, count: int) -> None:
        """So many more points are done."""


class ScanRun:
    """The segmentation of some scans.

    Args:
        model: a trained model.
        jobs: what to segment.
        tta: take the mean over turned and mirrored views.
        confidence: write the probability of classes too.
        overwrite: replace existing files.
        watch: told of all progress.
        memory: bytes a tile may take; None for what this machine has to spare.

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
        tta: bool = False,
        confidence: bool = False,
        overwrite: bool = False,
        memory: int | None = None,
    ) -> None:
        self.model, self.jobs, self.watch = model, list(jobs), watch
        self.tta, self.confidence = tta, confidence
        self.overwrite, self.memory = overwrite, memory
        self.lattice = lattice_of(model, tta=tta)
        self._halo = (model.halo(tta=tta) or 0) * model.voxel_size
        self._model_key = fingerprint(model)
        self._command = [tta, confidence, *(_stamp(job.source) for job in jobs)]
        self._spools: dict[Job, Spool] = {}
        self._done = {job for job in jobs if self._was_written(job)}
        for job in self.jobs:
            if job not in self._done:
                check_target(job.target, overwrite=overwrite)
        self._near = self._neighbours()

    def __iter__(self) -> Iterator[Job]:
        """Do every job, and hand it back when its files are written or it has failed."""
        finished = set(self._done)
        for job in self.jobs:
            if job not in self._done:
                started = perf_counter()
                try:
                    self._segment(job)
                except InputError as error:
                    job.error = error.at(job.source)
                job.seconds = perf_counter() - started
                finished.add(job)
            self._forget(finished)
            yield job
        for job in self.jobs:
            if job.error is None or not _worth_keeping(job):
                shutil.rmtree(job.folder, ignore_errors=True)

    def _segment(self, job: Job) -> None:
        scan = Pieces(job.source)
        scan.check_ids(job.target, self.model.labels.decode(np.arange(len(self.model.labels))))
        spool = self._spool(job, scan)
        job.points, job.crs = len(spool), spool.crs
        around = self._around(job, spool)
        self.watch.on_work(job, "segmenting", len(spool))
        with disk_errors(job.target):
            segment_spool(
                self.model,
                spool,
                [self._spools[one] for one in around],
                tta=self.tta,
                settings=self._settings([_stamp(one.source) for one in around]),
                memory=self.memory,
                on_points=self.watch.on_points,
            )
        self.watch.on_work(job, "writing", len(spool))
        job.written = scan.relabel(
            job.target, lambda rows: self._labels(spool, rows), overwrite=self.overwrite
        )
        said = {"points": job.points, "crs": job.crs, "outputs": [*map(_stamp, job.written)]}
        with disk_errors(job.target):
            write_json(job.folder / WRITTEN, self._settings(self._command) | said)

    def _labels(
        self, spool: Spool, rows: slice
    ) -> tuple[NDArray[np.int64], NDArray[np.float32] | None]:
        """Class ids and confidences of some rows, as they are written."""
        votes = spool.votes(rows)
        self.watch.on_points(len(votes))
        labels = self.model.labels.decode(votes["label"])
        return labels, np.array(votes["confidence"]) if self.confidence else None

    def _spool(self, job: Job, scan: Pieces) -> Spool:
        """The points of a scan on disk: those of an earlier run, or spooled now."""
        key = {
            "source": _stamp(job.source),
            "lattice": [self.lattice.size, self.lattice.edge],
            "features": list(self.model.features),
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
                    job.folder, scan, self.lattice, self.model.features, self.watch.on_points
                )
        except BaseException:
            shutil.rmtree(job.folder, ignore_errors=True)
            raise

    def _neighbours(self) -> dict[Job, list[Job]]:
        """The jobs each may borrow from, as far as headers tell."""
        near: dict[Job, list[Job]] = {job: [] for job in self.jobs}
        frames = {job: frame(job.source) for job in self.jobs} if self._halo else {}
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
                theirs = self._spool(other, Pieces(other.source))
            except InputError:  # said when it is its turn
                continue
            if self._adjoins(float(_frame_of(spool).gaps([_frame_of(theirs)])[0])):
                found.append(other)
        return found

    def _forget(self, finished: set[Job]) -> None:
        """Drop the points of finished scans that no scan to come borrows from."""
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
        return bool(said["outputs"] == [*map(_stamp, job.written)])


def _frame_of(spool: Spool) -> Frame:
    return Frame(spool.crs or "", spool.lower[:2], spool.upper[:2])


def _stamp(path: Path) -> list[Any]:
    """What tells a file from what it was before."""
    try:
        facts = path.stat()
    except OSError:
        return [str(path.absolute())]
    return [str(path.absolute()), facts.st_size, facts.st_mtime_ns]


def _worth_keeping(job: Job) -> bool:
    """Whether long work was done on a job that failed."""
    log = job.folder / DONE
    return job.points > pieces.PIECE and log.exists() and log.stat().st_size > 0
