"""The half of ``volseg predict`` that segments scans."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import BarColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from volseg_cli import console
from volseg_cli.bar import WithBar

if TYPE_CHECKING:
    from volseg.inference.scan import ScanModel
    from volseg.inference.scans import Job


def predict_scans(
    model: ScanModel,
    inputs: Sequence[Path],
    out: Path,
    *,
    tta: bool,
    confidence: bool,
    overwrite: bool,
) -> None:
    """Write a labelled copy of every scan; say how quick it was."""
    from volseg.inference.scans import Job, ScanRun
    from volseg.io import is_scan, output_name
    from volseg_cli.batch import finish
    from volseg_cli.paths import expand, targets

    files = expand(inputs)
    is_file = is_scan(out) and not out.is_dir()
    # The run itself knows which of the files that exist it made before it was stopped.
    places = targets(files, out, name=output_name, is_file=is_file, overwrite=True)
    jobs = [Job(file, place) for file, place in zip(files, places, strict=True)]
    watch = ScanWatch(len(jobs))
    run = ScanRun(model, jobs, watch=watch, tta=tta, confidence=confidence, overwrite=overwrite)
    done: list[Job] = []
    if model.halo() is None:
        console.note("the network normalises over whole scans, so that each is one tile")
    try:
        with watch:
            for job in run:
                _say(job)
                if job.error is None:
                    done.append(job)
    except KeyboardInterrupt:
        console.note("the same command goes on where it stopped")
        raise
    finally:
        _show(model, done)
    finish(len(jobs) - len(done), len(jobs))


def _say(job: Job) -> None:
    if job.error is not None:
        console.fail(str(job.error))
    for other in job.strangers:
        console.note(
            f"{job.source.name} adjoins {other.name}, which names another coordinate system; "
            "neither sees the other's points"
        )


def _show(model: ScanModel, done: Sequence[Job]) -> None:
    if not done:
        return
    table = console.table("scan", "points", "points/s", "written")
    for job in done:
        speed = f"{job.points / job.seconds:,.0f}" if job.seconds else "before"
        table.add_row(job.source.name, f"{job.points:,}", speed, " ".join(map(str, job.written)))
    console.note(console.machine(model.device))
    console.show(table)
    console.say_metres([job.source.name for job in done if job.crs is None])


class ScanWatch(WithBar):
    """A bar of the points of the scan at work, how many a second, and the time left for them."""

    def __init__(self, scans: int) -> None:
        self.scans = scans
        self.met: list[Job] = []
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
        self.task = self.bar.add_task("starting", total=None)

    def on_work(self, job: Job, what: str, points: int | None) -> None:
        """Begin the bar anew."""
        if job not in self.met:
            self.met.append(job)
        many = f" ({len(self.met)} of {self.scans})" if self.scans > 1 else ""
        self.bar.reset(self.task, total=points, description=f"{what} {job.source.name}{many}")

    def on_points(self, count: int) -> None:
        """Move the bar."""
        self.bar.advance(self.task, count)


class _Speed(ProgressColumn):
    """Points a second, lately."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} points/s")
