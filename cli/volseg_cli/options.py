"""Options that several commands share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from volseg.errors import InputError


class DeviceName(StrEnum):
    """Where networks run; auto takes a CUDA GPU where there is one."""

    auto = "auto"
    cpu = "cpu"
    cuda = "cuda"


class TruthName(StrEnum):
    """How labels say which voxels are one object."""

    ids = "ids"
    thousands = "thousands"
    file = "file"
    components = "components"


class Unit(StrEnum):
    """Units of coordinates: metres, feet, US survey feet."""

    m = "m"
    ft = "ft"
    us_ft = "us-ft"


Crs = Annotated[
    str | None,
    typer.Option(
        metavar="EPSG:NUMBER",
        help="Scans: their coordinate system, in place of what the files say.",
    ),
]
Units = Annotated[
    Unit | None, typer.Option(help="Scans: the unit of x, y and z, in place of what files say.")
]
Columns = Annotated[
    str | None,
    typer.Option(
        metavar="NAME,NAME,...",
        help="Text scans: what their columns are, in order, such as number,northing,easting,z.",
    ),
]
Device = Annotated[DeviceName, typer.Option("--device", help="Where the network runs.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON in place of text.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace existing outputs.")]
LabelField = Annotated[
    str | None, typer.Option("--label-field", metavar="NAME", help="Field that holds the labels.")
]
Model = Annotated[
    Path | None,
    typer.Option("--model", help="Take the classes from a run, a model file or a bundled model."),
]
Labels = Annotated[
    Path | None,
    typer.Option(
        "--labels",
        help="Take the classes from a YAML file, a preset, or a text of ids and names (aal.txt).",
    ),
]
Scans = Annotated[list[Path], typer.Argument(metavar="SCAN...", help="Scans, or folders of them.")]
Series = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="The DICOM series to take where a folder holds several."),
]
Truth = Annotated[
    TruthName | None,
    typer.Option(
        "--objects",
        help="Labels tell objects apart: every id is one; or ids are class * 1000 + number; or a "
        "file in a folder objects beside them numbers them; or what touches is one.",
    ),
]


def names_of(columns: str | None) -> tuple[str, ...] | None:
    """The names in an option `Columns`.

    Raises:
        InputError: if one is empty.
    """
    if columns is None:
        return None
    names = tuple(name.strip() for name in columns.split(","))
    if not all(names):
        raise InputError(f"--columns {columns!r}: wanted a name between all commas, such as x,y,z")
    return names


def refuse(other: str, path: Path | None = None, **options: object) -> None:
    """Refuse options that would change nothing here.

    Args:
        other: what they go with.
        path: what they were given with.
        options: their values; those of flags that are not set, or options not given, pass.

    Raises:
        InputError: naming the first that is given.
    """
    for name, value in options.items():
        if value is not None and value is not False:
            raise InputError(f"--{name.replace('_', '-')} goes with {other}", path=path)
