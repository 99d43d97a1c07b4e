"""``volseg predict``: scans in, the same scans with a class for every point out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console
from volseg_cli.options import Device, DeviceName, Overwrite, Scans


def predict(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A run folder or a model file.")],
    scans: Scans,
    out: Annotated[Path, typer.Option("--out", "-o", help="A scan file, or a folder.")],
    confidence: Annotated[
        bool, typer.Option("--confidence", help="Add the probability of the class.")
    ] = False,
    overwrite: Overwrite = False,
    device: Device = DeviceName.auto,
) -> None:
    """Give every point of scans a class; everything else in the files stays as it is.

    Each output has its input's format, points and order; its labels are replaced or added.

    Example: `volseg predict runs/oakland tiles/*.laz -o labelled --confidence`
    """
    from dataclasses import replace
    from time import perf_counter

    from volseg.builders import load_scan_model
    from volseg.io import is_scan, output_name, read, write
    from volseg_cli.batch import for_each
    from volseg_cli.paths import expand, targets

    files = expand(scans)
    segment = load_scan_model(model, device.value)
    is_file = is_scan(out) and not out.is_dir()
    places = targets(files, out, name=output_name, is_file=is_file, overwrite=overwrite)
    table = console.table("scan", "points", "points/s", "written")
    without_crs: list[str] = []

    def work(file: Path, target: Path) -> None:
        started = perf_counter()
        cloud = segment(read(file))
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
