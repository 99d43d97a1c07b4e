"""The half of ``volseg predict`` that segments scans."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from volseg_cli import console
from volseg_cli.bar import WithBar

if TYPE_CHECKING:
    from volseg.predict.scans.cluster import Cluster
    from volseg.predict.scans.job import Job
    from volseg.predict.scans.model import ScanModel


def predict_scans(
    model: ScanModel,
    inputs: Sequence[Path],
    out: Path,
    *,
    columns: tuple[str, ...] | None,
    crs: str | None,
    cluster: Cluster | None,
    tta: bool,
    confidence: bool,
    mark_noise: bool,
    all_points: bool,
    preview: bool,
    overwrite: bool,
) -> None:
    """Write a labelled copy of every scan; say how quick it was."""
    from volseg.io import is_scan, output_name
    from volseg.predict.scans.job import Job
    from volseg.predict.scans.run import ScanRun
    from volseg.view.scans.preview import preview_scan
    from volseg_cli.batch import finish
    from volseg_cli.paths import expand, targets
    from volseg_cli.preview import check_previews, leave_preview, preview_of

    files = expand(inputs, out)
    is_file = is_scan(out) and not out.is_dir()
    # The run itself knows which of the files that exist it made before it was stopped.
    places = targets(
        list(files),
        out,
        name=lambda file: files[file] / output_name(file),
        is_file=is_file,
        overwrite=True,
    )
    jobs = [Job(file, place) for file, place in zip(files, places, strict=True)]
    watch = ScanWatch(len(jobs))
    run = ScanRun(
        model,
        jobs,
        watch=watch,
        columns=columns,
        crs=crs,
        segmenter=cluster,
        tta=tta,
        confidence=confidence,
        mark_noise=mark_noise,
        all_points=all_points,
        overwrite=overwrite,
    )
    if preview:  # those of an earlier, broken run are there
        check_previews([job.target for job in jobs if not job.written], overwrite=overwrite)
    done: list[Job] = []
    if model.halo() is None:
        console.note("the network normalises over whole scans, so that each is one tile")
    try:
        with cluster or nullcontext(), watch:
            for job in run:
                watch.on_end(job)
                _say(job)
                if job.error is None:
                    done.append(job)
                    if preview and not (job.seconds == 0 and preview_of(job.target).exists()):
                        draw = partial(preview_scan, job.target, model.labels)
                        leave_preview(job.target, draw, overwrite=overwrite)
    except KeyboardInterrupt:
        console.note("the same command goes on where it stopped")
        raise
    finally:
        _show(done, console.machine(model.device) if cluster is None else f"by {cluster}")
    finish([job.source.name for job in jobs if job.error is not None], len(jobs))


def _say(job: Job) -> None:
    from volseg.geometry.labels import percent

    if job.error is not None:
        console.fail(str(job.error))
    if job.beyond:
        console.note(f"{job.source.name}: {job.beyond}")
    if job.noise:
        share = percent(job.noise / job.points)
        noise = f"{job.noise:,} points ({share}) are noise, below the ground or high above it"
        console.note(f"{job.source.name}: {noise}")
    for other in job.strangers:
        console.note(
            f"{job.source.name} adjoins {other.name}, which names another coordinate system; "
            "neither sees the other's points"
        )


def _show(done: Sequence[Job], where: str) -> None:
    if not done:
        return
    table = console.table("scan", "points", "points/s", "written")
    for job in done:
        speed = f"{job.points / job.seconds:,.0f}" if job.seconds else "before"
        table.add_row(job.source.name, f"{job.points:,}", speed, " ".join(map(str, job.written)))
    console.note(where)
    console.show(table)
    console.say_metres([job.source.name for job in done if job.crs is None])


class ScanWatch(WithBar):
    """A bar of the points of each scan at work, how many a second, and the time left for them."""

    def __init__(self, scans: int) -> None:
        self.scans = scans
        self.rows: dict[Job, TaskID] = {}
        self.bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.completed:,} points"),
            _Speed(),
            TimeRemainingColumn(),
            console=console.err,
            transient=True,
            disable=not console.err.is_terminal,
        )

    def on_work(self, job: Job, what: str, points: int | None) -> None:
        """Begin the row of a scan anew."""
        if job not in self.rows:
            self.rows[job] = self.bar.add_task("", total=None)
        row = self.rows[job]
        many = f" ({row + 1} of {self.scans})" if self.scans > 1 else ""
        self.bar.reset(row, total=points, description=f"{what} {job.source.name}{many}")
        self.bar.update(row, visible=True)

    def on_points(self, job: Job, count: int) -> None:
        """Move it; one that is full waits for other work, unseen."""
        row = self.rows[job]
        self.bar.advance(row, count)
        self.bar.update(row, visible=not self.bar.tasks[row].finished)

    def on_end(self, job: Job) -> None:
        """Take away the row of a scan that is done or has failed."""
        if job in self.rows:
            self.bar.update(self.rows[job], visible=False)


class _Speed(ProgressColumn):
    """Points a second, lately."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} points/s")
