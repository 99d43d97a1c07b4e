"""What a run leaves beside its targets until all is done, so that a broken one can go on."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from volseg.io.atomic import disk_errors, read_json, write_json
from volseg.io.scans import pieces
from volseg.io.scans.pieces import Pieces
from volseg.predict.scans.job import ScanJob, ScanOptions, stamp
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.progress import PointProgress
from volseg.predict.scans.spool import LAYOUT, Spool, load_spool, make_spool
from volseg.predict.scans.tile_input import vote_type
from volseg.predict.scans.tiles import DONE, fingerprint, lattice_of

KEY, WRITTEN = "key.json", "written.json"


class Ledger:
    """Keeps spools and notes what is written; takes up what an earlier run of the same left.

    Args:
        model: what segments.
        jobs: the scans.
        options: how they are segmented.

    Attributes:
        done: scans whose targets an earlier, broken run wrote, and that are still as they were.
    """

    def __init__(self, model: ScanModel, jobs: Sequence[ScanJob], options: ScanOptions) -> None:
        self.options, self.features = options, model.features
        self.lattice = lattice_of(model, tta=options.tta)
        self._model = fingerprint(model)
        self._vote_type = vote_type(model.labels)
        self._command = [
            options.tta,
            options.confidence,
            options.crs,
            options.columns and list(options.columns),
            options.mark_noise,
            options.all_points,
            *(["ground"] if options.ground_only else []),
            *(["objects"] if options.objects else []),
            *([repr(options.rules)] if options.rules.changes else []),
            *(stamp(job.source) for job in jobs),
        ]
        self.done = {job for job in jobs if self._was_written(job)}

    def settings(self, sources: Sequence[Any]) -> dict[str, Any]:
        """What votes depend on besides the scan: the model and, by their stamps, other scans."""
        return {"model": self._model, "sources": list(sources)}

    def spool(self, job: ScanJob, scan: Pieces, points: PointProgress) -> Spool:
        """The points of a scan on disk: those of an earlier run, or spooled now."""
        key = {
            "source": stamp(job.source),
            "lattice": [self.lattice.size, self.lattice.edge],
            "features": [str(feature) for feature in self.features],
            "all_points": self.options.all_points,
            "layout": LAYOUT,
            "crs": self.options.crs,
            "columns": self.options.columns and list(self.options.columns),
        }
        rules = self.options.rules
        if rules.changes:
            key["rules"] = [rules.needs_ground, rules.keeps]
        made = load_spool(job.folder) if read_json(job.folder / KEY) == key else None
        if made is not None:
            return replace(made, vote_type=self._vote_type)
        points.begin(job, "reading", scan.count)
        written = read_json(job.folder / WRITTEN) if job in self.done else None
        shutil.rmtree(job.folder, ignore_errors=True)
        try:
            with disk_errors(job.target):
                job.folder.mkdir()
                write_json(job.folder / KEY, key)
                if written is not None:
                    write_json(job.folder / WRITTEN, written)
                read = partial(points.add, job)
                made = make_spool(
                    job.folder, scan, self.lattice, self.features, read,
                    ground=rules.needs_ground, before=rules.keeps,
                )  # fmt: skip
                return replace(made, vote_type=self._vote_type)
        except BaseException:
            shutil.rmtree(job.folder, ignore_errors=True)
            raise

    def note_written(self, job: ScanJob) -> None:
        """A target is there."""
        outputs = [stamp(path) for path in job.written]
        facts = {"points": job.points, "crs": job.crs, "outputs": outputs}
        with disk_errors(job.target):
            write_json(job.folder / WRITTEN, self.settings(self._command) | facts)

    def clear(self, job: ScanJob) -> None:
        """Remove what is left of a job, unless it failed after long work."""
        log = job.folder / DONE
        long = job.points > pieces.PIECE and log.exists() and log.stat().st_size > 0
        if job.error is None or not long:
            shutil.rmtree(job.folder, ignore_errors=True)

    def _was_written(self, job: ScanJob) -> bool:
        """Whether a target is that of an earlier run, which the job takes up then."""
        facts = read_json(job.folder / WRITTEN)
        wanted = self.settings(self._command)
        if facts is None or any(facts[name] != value for name, value in wanted.items()):
            return False
        job.written = [Path(name) for name, *_ in facts["outputs"]]
        job.points, job.crs = facts["points"], facts["crs"]
        return bool(facts["outputs"] == [stamp(path) for path in job.written])
