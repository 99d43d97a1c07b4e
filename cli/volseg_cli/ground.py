"""``volseg ground`` and ``volseg dtm``: the ground under scans, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.options import Columns, Crs, LabelField, Overwrite, Scans, Units, names_of


def ground(
    scans: Scans,
    out: Annotated[Path, typer.Option("--out", "-o", help="A file, or a folder.")],
    columns: Columns = None,
    crs: Crs = None,
    units: Units = None,
    all_points: Annotated[
        bool, typer.Option("--all-points", help="Mark withheld points and classes 7 and 18, too.")
    ] = False,
    overwrite: Overwrite = False,
) -> None:
    """Mark the ground of scans, found from their points alone: no model, no training.

    Copies have the classes of LAS: 2 for ground, 7 and 18 for noise below it and high above
    everything, 1 for all else. Adjoining scans that name one coordinate system share their ground.

    Example: `volseg ground tiles/*.laz -o marked`
    """
    from volseg.geometry.labels import percent
    from volseg.io.scans.crs import chosen
    from volseg.predict.scans.ground import mark_ground
    from volseg.predict.scans.job import ScanOptions
    from volseg_cli.batch import finish
    from volseg_cli.predict_scans import ScanBar, jobs_of, say_problems

    options = ScanOptions(
        crs=chosen(crs, units), columns=names_of(columns), all_points=all_points,
        overwrite=overwrite,
    )  # fmt: skip
    jobs = jobs_of(scans, out, overwrite=overwrite)
    table = console.table("scan", "points", "ground", "noise", "points/s", "written")
    with ScanBar() as bar:
        for job in mark_ground(jobs, options, progress=bar):
            say_problems(job)
            if job.error is None:
                table.add_row(
                    job.source.name, f"{job.points:,}", percent(job.ground / job.points),
                    f"{job.noise:,}", f"{job.points / job.seconds:,.0f}",
                    " ".join(map(str, job.written)),
                )  # fmt: skip
    if table.row_count:
        console.show(table)
        console.say_metres([job.source.name for job in jobs if not (job.error or job.crs)])
    finish([job.source.name for job in jobs if job.error is not None], len(jobs))


def dtm(
    scans: Scans,
    out: Annotated[Path, typer.Option("--out", "-o", help="A GeoTIFF.")],
    cell: Annotated[
        float, typer.Option(metavar="SIZE", help="Edge of a cell, in the unit of x and y.")
    ] = 1.0,
    reach: Annotated[
        float | None,
        typer.Option(
            metavar="DISTANCE",
            help="Width of the widest gaps that are bridged; 100 cells by default.",
        ),
    ] = None,
    classes: Annotated[
        list[int] | None,
        typer.Option("--class", metavar="ID", help="A class of the ground; 2 if not given."),
    ] = None,
    label_field: LabelField = None,
    columns: Columns = None,
    crs: Crs = None,
    overwrite: Overwrite = False,
) -> None:
    """Write the terrain under scans as a raster of heights, from their points called ground.

    Heights are linear between the cells that hold ground, in the scans' own unit and coordinate
    system; several scans become one raster. The ground is class 2, as `volseg predict` and
    `volseg ground` write it. Takes the extra `raster`.

    Example: `volseg dtm marked/*.laz -o dtm.tif --cell 0.5`
    """
    import volseg as vs
    from volseg.errors import InputError
    from volseg.geometry.points import GROUND
    from volseg_cli.paths import expand

    if out.suffix.lower() not in (".tif", ".tiff"):
        raise InputError("is no GeoTIFF; wanted a name that ends in .tif", path=out)
    with Bar() as bar:
        made = vs.dtm(
            list(expand(scans, out)), out, cell=cell, reach=reach, classes=classes or (GROUND,),
            label_field=label_field, crs=crs, columns=names_of(columns), overwrite=overwrite,
            progress=bar,
        )  # fmt: skip
    rows, across = made.height.shape
    console.out.print(f"written {out}: {across:,} x {rows:,} cells of {cell:g}")
