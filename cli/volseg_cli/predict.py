"""``volseg predict``: scans or volumes in, a class for every point or voxel out."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volseg_cli import console
from volseg_cli.options import Device, DeviceName, Overwrite

if TYPE_CHECKING:
    from volseg.inference.scan import ScanModel


class PrecisionName(StrEnum):
    """Floating-point numbers of networks."""

    float32 = "float32"
    bfloat16 = "bfloat16"


def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A run folder or a model file.")],
    inputs: Annotated[
        list[Path],
        typer.Argument(metavar="INPUT...", help="Scans or images, or folders of them."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="A file, or a folder.")],
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Scans: add the probability of the class.")
    ] = False,
    tta: Annotated[
        bool, typer.Option("--tta", help="Average over turned or mirrored views; slower.")
    ] = False,
    probabilities: Annotated[
        bool, typer.Option("--probabilities", help="Volumes: write those of every class too.")
    ] = False,
    precision: Annotated[
        PrecisionName, typer.Option(help="Volumes: what networks compute in.")
    ] = PrecisionName.float32,
    overwrite: Overwrite = False,
    device: Device = DeviceName.auto,
) -> None:
    """Give every point of scans, or every voxel of volumes, a class.

    A labelled scan has its input's format, points and order; its labels are replaced or added.
    A label map has its image's grid and place, and its name; channels in files of their own are
    named `a_0000`, `a_0001`, ... Every fold of a run takes part. Processors with bfloat16
    instructions are two to four times as quick in it; about one voxel in 10,000 changes.

    Example: `volseg predict runs/oakland tiles/*.laz -o labelled --confidence`

    Example: `volseg predict runs/hippocampus images -o labels --tta`
    """
    from volseg.builders import load_model
    from volseg.errors import InputError
    from volseg.inference.scan import ScanModel
    from volseg_cli.predict_volumes import predict_volumes

    segment = load_model(model, device.value, precision=precision.value)
    if isinstance(segment, ScanModel):
        if probabilities or precision != PrecisionName.float32:
            wrong = "--probabilities and --precision go with models of volumes"
            raise InputError(wrong, path=model)
        _scans(segment, inputs, out, tta=tta, confidence=confidence, overwrite=overwrite)
    else:
        if confidence:
            raise InputError("--confidence goes with models of scans", path=model)
        predict_volumes(
            segment, inputs, out, tta=tta, probabilities=probabilities, overwrite=overwrite
        )


def _scans(
    segment: ScanModel,
    inputs: list[Path],
    out: Path,
    *,
    tta: bool,
    confidence: bool,
    overwrite: bool,
) -> None:
    from dataclasses import replace
    from time import perf_counter

    from volseg.io import is_scan, output_name, read, write
    from volseg_cli.batch import for_each
    from volseg_cli.paths import expand, targets

    files = expand(inputs)
    is_file = is_scan(out) and not out.is_dir()
    places = targets(files, out, name=output_name, is_file=is_file, overwrite=overwrite)
    table = console.table("scan", "points", "points/s", "written")
    without_crs: list[str] = []

    def work(file: Path, target: Path) -> None:
        started = perf_counter()
        cloud = segment(read(file), tta=tta)
        if not confidence:
            cloud = replace(cloud, confidence=None)
        written = write(target, cloud, like=file, overwrite=overwrite)
        speed = len(cloud) / (perf_counter() - started)
        table.add_row(file.name, f"{len(cloud):,}", f"{speed:,.0f}", " ".join(map(str, written)))
        if cloud.crs is None:
            without_crs.append(file.name)

    try:
        for_each("segmenting", files, places, work)
    finally:
        if table.row_count:
            console.note(console.machine(segment.device))
            console.show(table)
            console.say_metres(without_crs)
