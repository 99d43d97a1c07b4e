"""``volseg train``: from a config and a folder of labelled scans to a model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from volseg.errors import InputError
from volseg_cli import console
from volseg_cli.options import Columns, Crs, Device, DeviceName, Units, names_of

ConfigName = Annotated[str, typer.Argument(metavar="CONFIG", help="A YAML file or a preset.")]
Data = Annotated[Path, typer.Option(help="Labelled scans, or a dataset of volumes.")]
Out = Annotated[Path, typer.Option(help="Folder of the run.")]
Fold = Annotated[
    list[str] | None,
    typer.Option(metavar="N|all", help="Volumes: hold out this part (0 if not given); repeatable."),
]
Epochs = Annotated[int | None, typer.Option(min=1, help="Passes; the config's if not given.")]
Minutes = Annotated[
    float | None, typer.Option(min=0.01, help="Fit the schedule to a time instead.")
]
Loss = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="focal, ce, or a sum: dice_ce, lovasz_focal, ..."),
]
Pretrained = Annotated[
    str | None,
    typer.Option(
        metavar="MODEL", help="Start from this run, file or bundled model, not from chance."
    ),
]
Changes = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Change a config value; repeatable."),
]
Devices = Annotated[
    int, typer.Option(min=1, metavar="N", help="GPUs, or processes on the CPU, to train on.")
]
Feeders = Annotated[
    int | None,
    typer.Option(
        min=0, metavar="N", help="Threads that draw batches ahead; by default, GPUs have some."
    ),
]
Resume = Annotated[bool, typer.Option("--resume", help="Go on where the run stopped.")]


def train(
    config: ConfigName,
    data: Data,
    out: Out,
    fold: Fold = None,
    epochs: Epochs = None,
    minutes: Minutes = None,
    loss: Loss = None,
    pretrained: Pretrained = None,
    columns: Columns = None,
    crs: Crs = None,
    units: Units = None,
    changes: Changes = None,
    devices: Devices = 1,
    feeders: Feeders = None,
    resume: Resume = False,
    device: Device = DeviceName.auto,
) -> None:
    """Train a network on labelled scans or volumes.

    The run folder gets `best.safetensors` and `last.safetensors` (each a whole model),
    `log.csv`, `config.yaml`, and what `--resume` needs. Ctrl-C leaves a usable model.

    Volumes are split in folds; a run has a folder for each, and `predict` averages them.

    With `--devices` the batch is split over N processes; over several machines, start
    `torchrun --nnodes ... -m volseg_cli train ...` on each.

    Example: `volseg train lidar/oakland --data tiles --out runs/oakland --minutes 15`

    Example: `volseg train lidar/street --data mine --out runs/mine --pretrained street`

    Example: `volseg train config.yaml --data Task04_Hippocampus --out runs/hippocampus --fold all`
    """
    from volseg.config import load_config
    from volseg_cli.launch import is_launched, is_ours, member, run_processes

    if devices > 1 and is_launched() and not is_ours():
        raise InputError("--devices starts processes, and torchrun has; leave out --devices")
    shortcuts = [f"train.loss.kind={loss}"] if loss is not None else []
    if pretrained is not None:
        shortcuts.append(f"train.pretrained={json.dumps(pretrained)}")
    for key, value in (("columns", names_of(columns)), ("crs", crs), ("units", units)):
        if value is not None:
            shortcuts.append(f"data.{key}={json.dumps(value)}")
    if epochs is not None:
        shortcuts.append(f"train.epochs={epochs}")
    with member():
        spec = load_config(config, [*(changes or []), *shortcuts])
        held_out = [_fold(one) for one in fold or ()]
        if devices > 1 and not is_launched():
            raise typer.Exit(run_processes(devices))
        from volseg.nn.allocator import keep_freed_memory
        from volseg.runs.train import train as run
        from volseg_cli.watch import TrainingWatch

        keep_freed_memory()
        with TrainingWatch() as watch:
            interrupted = run(
                spec,
                data,
                out,
                progress=watch,
                folds=held_out,
                minutes=minutes,
                resume=resume,
                feeders=feeders,
                device=device.value,
            )
    if interrupted:
        console.note(f"stopped; {out} is usable, --resume goes on")
        raise typer.Exit(130)
    console.out.print(f"model: {out}")


def _fold(text: str) -> int | None:
    """A fold's number; None for all cases."""
    if text == "all":
        return None
    if not text.isdecimal():
        raise InputError(f"--fold {text!r}: wanted a number, or all")
    return int(text)
