"""``volseg demo``: see it work, with nothing but the package."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volseg_cli import console
from volseg_cli.options import Device, DeviceName, Overwrite

if TYPE_CHECKING:
    from volseg.demo import Result, ScanResult, VolumeResult

MARKER = "made-by-volseg-demo"


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for all it makes.")] = Path(
        "volseg-demo"
    ),
    device: Device = DeviceName.auto,
    overwrite: Overwrite = False,
) -> None:
    """Segment a real scan, a street and volumes, none of them seen before, in two minutes.

    The airborne scan comes with the package, from a survey no bundled model learnt; the street is
    generated. The volumes are made up, and a small network is trained for them first. Each act
    prints its scores, and writes the labels and a picture of truth, prediction and errors.

    Example: `volseg demo --out volseg-demo`
    """
    _open(out, overwrite)
    from volseg.demo import play_abdomen, play_airborne, play_street
    from volseg.nn.allocator import keep_freed_memory
    from volseg_cli.watch import TrainingWatch

    keep_freed_memory()
    _begin("1. A real airborne scan, by the model 'aerial' that comes with volseg")
    _show_scan(play_airborne(out / "airborne", device.value), out / "airborne.png")
    _begin("2. A generated street, by the model 'street' that comes with volseg")
    _show_scan(play_street(out / "street", device.value), out / "street.png")
    _begin("3. Made-up abdomens, by a network trained on others of them now")
    with TrainingWatch() as watch:
        result = play_abdomen(out / "abdomen", watch, device.value)
    _show_volumes(result, out / "abdomen.png")
    if result.stopped:
        raise typer.Exit(130)


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


def _begin(title: str) -> None:
    console.out.print()
    console.out.rule(title, align="left")


def _show_scan(result: ScanResult, picture: Path) -> None:
    from volseg_cli.scores import print_scores

    print_scores(result.names, result.confusion.scores())
    _show_files(result, picture)


def _show_volumes(result: VolumeResult, picture: Path) -> None:
    from volseg.evaluate.volumes.summary import average
    from volseg_cli.scores import print_summaries

    background = next(iter(result.classes))
    print_summaries(result.classes, average(result.classes, background), background, None)
    _show_files(result, picture)


def _show_files(result: Result, picture: Path) -> None:
    from volseg.view import save

    if result.note:
        console.note(result.note)
    save(result.draw(), picture)
    for what, path in (("picture", picture), ("labels", result.labelled), ("truth", result.truth)):
        console.out.print(f"{what + ':':9}{path}")
