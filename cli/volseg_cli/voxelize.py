"""``volseg voxelize``: reversible voxel grids."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console
from volseg_cli.options import Columns, Crs, LabelField, Overwrite, Scans, Units, names_of


def voxelize(
    scans: Scans,
    out: Annotated[Path, typer.Option("--out", "-o", help="An .npz file, or a folder.")],
    voxel_size: Annotated[float, typer.Option(help="Edge of a voxel in metres.")],
    label_field: LabelField = None,
    columns: Columns = None,
    crs: Crs = None,
    units: Units = None,
    overwrite: Overwrite = False,
) -> None:
    """Sort scans into voxels, and keep the way back to every point.

    Each .npz holds the voxels (`coords`, `origin`, `size`), the voxel of every point
    (`inverse`; -1 for points without coordinates), points a voxel (`counts`), the voxels'
    mean of every numeric attribute and their majority label.

    Example: `volseg voxelize tiles/*.laz -o grids --voxel-size 0.2`
    """
    from volseg.io import scan_stem
    from volseg.io.scans.crs import chosen
    from volseg_cli.batch import for_each
    from volseg_cli.paths import expand, targets

    files = expand(scans, out)
    system, names = chosen(crs, units), names_of(columns)
    places = targets(
        list(files),
        out,
        name=lambda file: files[file] / (scan_stem(file) + ".npz"),
        is_file=out.suffix == ".npz",
        overwrite=overwrite,
    )
    table = console.table("scan", "points", "voxels", "points a voxel", "grid")
    without_crs: list[str] = []

    def work(file: Path, target: Path) -> None:
        from volseg._face.files import voxelize as sort
        from volseg.io import read
        from volseg.io.scans.pieces import placed_points, say_label_problem

        every = read(file, label_field=label_field, crs=system, columns=names)
        say_label_problem(every, file)
        cloud = placed_points(every, file)
        grid = sort(every, voxel_size, target, overwrite=overwrite)
        shape = " x ".join(map(str, grid.shape))
        mean = f"{len(cloud) / len(grid):.1f}"
        table.add_row(file.name, f"{len(cloud):,}", f"{len(grid):,}", mean, shape)
        if cloud.crs is None:
            without_crs.append(file.name)

    try:
        for_each("voxelizing", list(files), places, work)
    finally:
        if table.row_count:
            console.show(table)
            console.say_metres(without_crs)
