"""``volseg convert``: a scan in another format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.options import Columns, LabelField, Overwrite, names_of


def convert(
    source: Annotated[Path, typer.Argument(metavar="IN", help="A scan.")],
    target: Annotated[Path, typer.Argument(metavar="OUT", help="A file; its suffix tells how.")],
    label_field: LabelField = None,
    columns: Columns = None,
    overwrite: Overwrite = False,
) -> None:
    """Write a scan in another format, and say first what that format cannot hold.

    Coordinates, labels and attributes keep every digit the target has room for. A folder of
    Pointcept's is named by its coordinates: `hall/coord.npy`.

    Example: `volseg convert tile.laz tile.pcd`

    Example: `volseg convert survey.csv survey.laz --columns number,northing,easting,z,code`
    """
    from volseg.io.scans.convert import convert as write_converted

    with Bar() as bar:
        written = write_converted(
            source,
            target,
            label_field=label_field,
            columns=names_of(columns),
            overwrite=overwrite,
            progress=bar,
        )
    console.out.print("written " + " ".join(map(str, written)))
