"""``volseg demo``: see it work, with nothing but the package."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volseg_cli import console
from volseg_cli.options import Device, DeviceName, Overwrite

if TYPE_CHECKING:
    from volseg.demo import Act, Lesson

MARKER = "made-by-volseg-demo"


def demo(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for all it makes.")] = Path(
        "volseg-demo"
    ),
    minutes: Annotated[float, typer.Option(min=0.01, help="Training time of the street.")] = 1.5,
    device: Device = DeviceName.auto,
    overwrite: Overwrite = False,
) -> None:
    """Segment a real scan by a model that comes with volseg; then train on one street for another.

    The scan is an airborne one that comes with the package, from a survey the model never saw;
    the streets are generated. Each act prints per-class IoU, writes the labelled LAZ, and a
    picture of truth, prediction and errors.

    Example: `volseg demo --out volseg-demo`
    """
    _open(out, overwrite)
    from volseg.demo import scenes
    from volseg.nn.allocator import keep_freed_memory

    keep_freed_memory()
    for act in scenes(out):
        console.out.rule(act.title, align="left")
        stopped = act.lesson is not None and _learn(act, act.lesson, minutes, device.value)
        _perform(act, act.folder.with_suffix(".png"), device.value)
        if stopped:
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


def _learn(act: Act, lesson: Lesson, minutes: float, device: str) -> bool:
    from volseg.demo import learn
    from volseg_cli.watch import TrainingWatch

    console.out.print(f"train on {lesson.scan.name}, segment {act.test.name}, unseen")
    with TrainingWatch() as watch:
        return learn(act, lesson, watcher=watch, minutes=minutes, device=device)


def _perform(act: Act, picture: Path, device: str) -> None:
    from volseg.demo import draw, play
    from volseg.errors import DisplayError
    from volseg_cli.scores import print_scores

    result = play(act, device)
    print_scores(result.names, result.confusion.scores())
    console.out.print(f"labelled scan: {act.labelled}", highlight=False)
    try:
        draw(act, picture)
        console.out.print(f"picture:       {picture}", highlight=False)
    except DisplayError as error:
        console.note(f"no picture: {error}")
