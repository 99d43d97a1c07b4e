"""``volseg plan``: from a dataset to a config that suits it and this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from volseg_cli import console
from volseg_cli.bar import Bar
from volseg_cli.options import Overwrite, Truth

if TYPE_CHECKING:
    from volseg.plan import Plan


def plan(
    dataset: Annotated[Path, typer.Argument(metavar="DATASET", help="A folder, or a CSV file.")],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="CONFIG", help="A YAML file.")],
    nd: Annotated[
        int | None, typer.Option("--nd", min=2, max=3, help="Axes of the network; 2 sees slices.")
    ] = None,
    memory: Annotated[
        str | None, typer.Option(metavar="SIZE", help="What training may take: 8GB, 500MiB.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(min=0.01, help="How long training will be given, on this machine."),
    ] = None,
    objects: Truth = None,
    overwrite: Overwrite = False,
) -> None:
    """Look at a dataset and write the config to train with.

    One training step is run to measure its memory. Without --memory it may take most of what is
    free, up to 8 GiB. With --minutes steps of several networks are timed, of slices and of volumes,
    and the config takes the largest that learns enough in them. Where labels number objects, these
    are turned into what a network would learn and back, by every grouping, and the config takes
    the simplest that loses next to none.

    Example: `volseg plan Task04_Hippocampus -o hippocampus.yaml --minutes 15`

    Example: `volseg plan nuclei --objects ids -o nuclei.yaml`
    """
    from volseg._face.training import plan as make

    with Bar() as bar:
        made = make(
            dataset, out, nd=nd, memory=memory, minutes=minutes,
            objects=None if objects is None else objects.value, overwrite=overwrite, progress=bar,
        )  # fmt: skip
    _tell(made)
    console.out.print(f"config: {out}")


def _tell(made: Plan) -> None:
    from volseg.geometry.labels import percent
    from volseg.geometry.volume import times

    config, facts = made.config, made.facts
    classes = [
        f"{name} {percent(facts.share(one.numbers))}" for name, one in config.labels.classes.items()
    ]
    channels = [f"{one.name} ({one.normalize})" for one in config.images.channels]
    rows = {
        "cases": f"{len(facts.frames)} ({made.dataset.layout})",
        "channels": console.several(channels),
        "classes": console.several(classes),
        "spacing": " x ".join(f"{one:g}" for one in config.images.spacing) + f" {facts.unit}",
        "median image": times(made.median),
        "network": f"{config.nd}-D, widths {', '.join(map(str, config.net.widths))}",
        "patch": times(config.images.patch),
        "batch": str(config.train.batch),
        "memory": f"expected {made.expected / 1e9:.2f} GB, measured {made.measured / 1e9:.2f} GB, "
        f"may take {made.budget.memory / 1e9:.2f} GB",
    }
    if made.pace is not None:
        rows["time"] = (
            f"{made.pace.seconds:.2g} s a step: {made.pace.steps:,} steps in "
            f"{made.pace.minutes:g} minutes"
        )
    for name, known in () if made.objects is None else made.objects.ceilings.items():
        ceilings = (f"{grouping} {quality:.2f}" for grouping, quality in known.quality.items())
        rows[f"objects: {name}"] = f"by {known.grouping}; ceilings (PQ) {', '.join(ceilings)}"
    table = console.table("", "")
    table.columns[1].justify = "left"
    table.show_header = False
    for name, value in rows.items():
        table.add_row(name, value)
    console.show(table)
    for note in made.notes:
        console.note(note)
