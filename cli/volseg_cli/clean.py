"""``volseg clean``: noise of scans marked, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console
from volseg_cli.options import Columns, Crs, Overwrite, Scans, Units, names_of


def clean(
    scans: Scans,
    out: Annotated[Path, typer.Option("--out", "-o", help="A file, or a folder.")],
    step: Annotated[
        float, typer.Option(metavar="METRES", help="Edge of the cells that isolation counts in.")
    ] = 4.0,
    isolated: Annotated[
        int, typer.Option(metavar="NUMBER", help="Others, at most, in 27 cells round a point.")
    ] = 5,
    columns: Columns = None,
    crs: Crs = None,
    units: Units = None,
    overwrite: Overwrite = False,
) -> None:
    """Mark the noise of scans: low and doubled points as class 7, high ones as 18.

    Isolated points become 7 below the ground and 18 above it. All other points keep their class,
    and no point goes: `volseg predict` leaves these classes out. Each scan is looked at alone.

    Example: `volseg clean tiles/*.laz -o cleaned`
    """
    from volseg.errors import InputError
    from volseg.io.scans.crs import chosen
    from volseg.predict.scans.clean import clean_scan
    from volseg.predict.scans.job import ScanOptions
    from volseg_cli.batch import for_each
    from volseg_cli.predict_scans import jobs_of

    if step <= 0 or isolated < 0:
        raise InputError("--step and --isolated: wanted a positive edge, and 0 points or more")
    options = ScanOptions(crs=chosen(crs, units), columns=names_of(columns), overwrite=overwrite)
    jobs = jobs_of(scans, out, overwrite=overwrite)
    table = console.table("scan", "points", "low", "high", "isolated", "doubled", "written")

    def work(source: Path, target: Path) -> None:
        done = clean_scan(source, target, options, step=step, others=isolated)
        counts = (done.points, done.low, done.high, done.isolated, done.duplicates)
        table.add_row(source.name, *(f"{n:,}" for n in counts), " ".join(map(str, done.written)))

    try:
        sources, targets = [job.source for job in jobs], [job.target for job in jobs]
        for_each("cleaning", sources, targets, work)
    finally:
        if table.row_count:
            console.show(table)
