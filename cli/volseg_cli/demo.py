"""``volseg demo``: see it work, with nothing but the package."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volseg_cli import console
from volseg_cli.options import Device, DeviceName, Overwrite

if TYPE_CHECKING:
    from volseg.demo import Act

MARKER = "made-by-volseg-demo"


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for all it makes.")] = Path(
        "volseg-demo"
    ),
    minutes: Annotated[
        float, typer.Option(min=0.01, help="Training time of each of the two acts.")
    ] = 1.5,
    device: Device = DeviceName.auto,
    overwrite: Overwrite = False,
) -> None:
    """Train on half of a real scan and segment the other; then the same with streets.

    The first act uses an airborne scan that comes with the package, the second one two streets
    that volseg generates. Each prints per-class IoU, writes the labelled LAZ, and a picture of
    truth, prediction and errors.

    Example: `volseg demo --out volseg-demo`
    """
    _open(out, overwrite)
    from volseg.demo import set_scan, set_street

    for number, (name, scene) in enumerate((("scan", set_scan), ("street", set_street)), start=1):
        console.out.rule(f"act {number} of 2", align="left")
        _perform(scene(out / name), out / f"{name}.png", minutes, device.value)


def _open(out: Path, overwrite: bool) -> None:
    """Make the folder; replace an earlier demo's, and never anything else."""
    from volseg.errors import InputError
    from volseg.io.atomic import make_folder, replacing

    if (out / MARKER).exists() and overwrite:
        shutil.rmtree(out)
    elif out.exists():
        remedy = "pass --overwrite" if (out / MARKER).exists() else "name another folder by --out"
        raise InputError(f"exists already; {remedy}", path=out)
    make_folder(out)
    with replacing(out / MARKER):
        pass  # empty: its name says all


def _perform(act: Act, picture: Path, minutes: float, device: str) -> None:
    from volseg.demo import draw, play
    from volseg.errors import DisplayError
    from volseg_cli.scores import print_scores
    from volseg_cli.watch import TrainingWatch

    console.out.print(f"{act.title}: train on {act.train.name}, segment {act.test.name}, unseen")
    with TrainingWatch() as watch:
        result = play(act, watcher=watch, minutes=minutes, device=device)
    print_scores(result.names, result.confusion.scores())
    console.out.print(f"labelled scan: {act.labelled}", highlight=False)
    try:
        draw(act, picture)
        console.out.print(f"picture:       {picture}", highlight=False)
    except DisplayError as error:
        console.note(f"no picture: {error}")
    if result.interrupted:
        raise typer.Exit(130)
