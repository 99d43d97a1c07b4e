"""``volseg train``: from a config and a folder of labelled scans to a model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from volseg_cli import console
from volseg_cli.options import Device, DeviceName


def train(
    config: Annotated[str, typer.Argument(metavar="CONFIG", help="A YAML file or a preset.")],
    data: Annotated[Path, typer.Option(help="Folder of the labelled scans.")],
    out: Annotated[Path, typer.Option(help="Folder of the run.")],
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Passes; the config's if not given.")
    ] = None,
    minutes: Annotated[
        float | None, typer.Option(min=0.01, help="Fit the schedule to a time instead.")
    ] = None,
    loss: Annotated[str | None, typer.Option(help="focal or cross_entropy.")] = None,
    changes: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Change a config value; repeatable."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the run stopped.")] = False,
    device: Device = DeviceName.auto,
) -> None:
    """Train a network on labelled scans.

    The run folder gets `best.safetensors` and `last.safetensors` (each a whole model),
    `log.csv`, `config.yaml`, and what `--resume` needs. Ctrl-C leaves a usable model.

    Example: `volseg train lidar/oakland --data tiles --out runs/oakland --minutes 15`
    """
    from volseg.config import load_config

    shortcuts = [f"train.loss.kind={loss}"] if loss is not None else []
    if epochs is not None:
        shortcuts.append(f"train.epochs={epochs}")
    spec = load_config(config, [*(changes or []), *shortcuts])
    from volseg.builders.training import train as run
    from volseg_cli.watch import TrainingWatch

    with TrainingWatch() as watch:
        interrupted = run(
            spec, data, out, watcher=watch, minutes=minutes, resume=resume, device=device.value
        )
    model = out / "best.safetensors"
    if interrupted:
        console.note(f"stopped; {model} is usable, --resume goes on")
        raise typer.Exit(130)
    console.out.print(f"model: {model}", highlight=False)
