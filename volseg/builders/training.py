"""A training run from config and folder to a run folder with models and a log."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from volseg.builders.nets import pick_device
from volseg.builders.precision import start_accelerator
from volseg.builders.pretrained import adopt, find_pretrained
from volseg.builders.run import Watcher
from volseg.builders.scans import scan_task
from volseg.builders.task import Task, run_task, shared_batch, split_batch
from volseg.builders.volumes import train_folds
from volseg.config import Config, ScanConfig, VolumeConfig
from volseg.errors import ConfigError, InputError


def train(
    config: Config,
    data: Path,
    out: Path,
    *,
    watcher: Watcher,
    folds: Sequence[int | None] = (),
    minutes: float | None = None,
    resume: bool = False,
    device: str = "auto",
) -> bool:
    """Train on the labelled scans or volumes of a folder.

    Where a launcher such as torchrun started several processes, they train one network together:
    each takes its part of every batch, and of what validates.

    Args:
        config: what to train, on what, how.
        data: folder of the scans, or dataset of volumes.
        out: run folder; gets ``best.safetensors``, ``last.safetensors``, ``state.safetensors``,
            ``config.yaml``, ``data.json`` and ``log.csv``. A run on volumes has these in
            ``fold_0`` and so on.
        watcher: told how it goes.
        folds: volumes only: which parts of the cases to hold out, one run each; None holds out
            none. Fold 0 if not given.
        minutes: fit the schedule of each run to a time instead of ``config.train.epochs``.
        resume: go on where the run in ``out`` stopped.
        device: ``cpu``, ``cuda`` or ``auto``.

    Returns:
        Whether the user stopped it before its end; the models are usable all the same.

    Raises:
        InputError: on data that cannot be used, naming the file.
    """
    place = pick_device(device)
    config = shared_batch(adopt(config, out), int(os.environ.get("WORLD_SIZE", "1")))
    if not resume:
        find_pretrained(config)  # what is wrong with it shows before the data is read
    if isinstance(config, VolumeConfig):
        return train_folds(
            config, data, out, folds or (0,),
            watcher=watcher, minutes=minutes, resume=resume, device=place,
        )  # fmt: skip
    if folds:
        raise InputError("folds are for volumes; for scans, set data.validation in the config")
    if not isinstance(config, ScanConfig):
        raise ConfigError("describes neither scans nor volumes")
    accelerator = start_accelerator(place)
    part = split_batch(config, accelerator)

    def task() -> Task:
        return scan_task(part, data, out, accelerator, watcher)

    return run_task(
        task, config, out, accelerator, data=data, watcher=watcher, minutes=minutes, resume=resume
    )
