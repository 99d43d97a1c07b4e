"""``volseg index``: where scans lie, and what is in each, for a map."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.options import Crs, Overwrite, Scans


def index(
    scans: Scans,
    out: Annotated[Path, typer.Option("--out", "-o", help="A GeoJSON file.")],
    crs: Crs = None,
    overwrite: Overwrite = False,
) -> None:
    """Write the footprints of scans as GeoJSON: density, system, classes, version of each.

    Every GIS opens it; it is in longitude and latitude. A scan that names no coordinate system
    is left out.

    Example: `volseg index tiles -o index.geojson`
    """
    from volseg.io.scans.crs import chosen
    from volseg.io.scans.index import index_scans
    from volseg_cli.batch import finish_pairs
    from volseg_cli.paths import expand

    files = list(expand(scans, out))
    with Bar() as bar:
        wrong = index_scans(files, out, crs=chosen(crs, None), overwrite=overwrite, progress=bar)
    console.out.print(f"written {out}: {len(files) - len(wrong)} scans")
    finish_pairs(wrong, len(files))
