"""The half of ``volseg predict`` that segments scans."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import ProgressColumn, Task, TextColumn
from rich.text import Text

from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.scan_summary import summarise

if TYPE_CHECKING:
    from volseg.predict.scans.cluster import Cluster
    from volseg.predict.scans.job import ScanJob, ScanOptions
    from volseg.predict.scans.model import ScanModel


def predict_scans(
    model: ScanModel,
    inputs: Sequence[Path],
    out: Path,
    options: ScanOptions,
    bar: ScanBar,
    *,
    cluster: Cluster | None,
    preview: bool,
) -> None:
    """Write a labelled copy of every scan; say how quick it was."""
    from volseg.predict.scans.run import segment_scans
    from volseg.view.scans.preview import preview_scan
    from volseg_cli.batch import finish
    from volseg_cli.preview import check_previews, leave_preview, preview_of

    # The run itself knows which of the files that exist it made before it was stopped.
    jobs = jobs_of(inputs, out, overwrite=True)
    run = segment_scans(model, jobs, options, segmenter=cluster, progress=bar)
    if preview:  # those of an earlier, broken run are there
        targets = [job.target for job in jobs if not job.written]
        check_previews(targets, overwrite=options.overwrite)
    done: list[ScanJob] = []
    if model.halo() is None:
        console.note("the network normalises over whole scans, so that each is one tile")
    try:
        with cluster or nullcontext(), bar:
            for job in run:
                say_problems(job)
                if job.error is None:
                    done.append(job)
                    if preview and not (job.seconds == 0 and preview_of(job.target).exists()):
                        draw = partial(preview_scan, job.target, model.labels)
                        leave_preview(job.target, draw, overwrite=options.overwrite)
    except KeyboardInterrupt:
        console.note("the same command goes on where it stopped")
        raise
    finally:
        _show(done, console.machine(model.device) if cluster is None else f"by {cluster}")
        summarise(done, model.labels, options)
    finish([job.source.name for job in jobs if job.error is not None], len(jobs))


def jobs_of(inputs: Sequence[Path], out: Path, *, overwrite: bool) -> list[ScanJob]:
    """What is read and where it goes."""
    from volseg.io import is_scan, output_name
    from volseg.predict.scans.job import ScanJob
    from volseg_cli.paths import expand, targets

    files = expand(inputs, out)
    made = targets(
        list(files),
        out,
        name=lambda file: files[file] / output_name(file),
        is_file=is_scan(out) and not out.is_dir(),
        overwrite=overwrite,
    )
    return [ScanJob(file, target) for file, target in zip(files, made, strict=True)]


def say_problems(job: ScanJob) -> None:
    """Say what went wrong with a scan, and what is odd about it."""
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


def _show(done: Sequence[ScanJob], where: str) -> None:
    if not done:
        return
    counted = any(job.objects for job in done)
    table = console.table("scan", "points", *["objects"][:counted], "points/s", "written")
    for job in done:
        speed = f"{job.points / job.seconds:,.0f}" if job.seconds else "before"
        sizes = [f"{job.points:,}", f"{job.objects:,}"][: 1 + counted]
        table.add_row(job.source.name, *sizes, speed, " ".join(map(str, job.written)))
    console.note(where)
    console.show(table)
    console.say_metres([job.source.name for job in done if job.crs is None])


class ScanBar(Bar):
    """A bar of the points of each scan at work, how many a second, and the time left for them."""

    def __init__(self) -> None:
        super().__init__(TextColumn("{task.completed:,} points"), _Speed())


class _Speed(ProgressColumn):
    """Points a second, lately."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} points/s")
