"""A training run from config and folder to a run folder with models and a log."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from volseg.config import Config, ScanConfig, VolumeConfig, load_config
from volseg.errors import ConfigError, InputError
from volseg.models.device import pick_device
from volseg.runs.folder import Silent, Watcher
from volseg.runs.precision import start_accelerator
from volseg.runs.pretrained import adopt, find_pretrained
from volseg.runs.scans.training import scan_task
from volseg.runs.task import Task, run_task, shared_batch, split_batch
from volseg.runs.volumes.training import train_folds


def train(
    config: Config | Path | str,
    data: Path | str,
    out: Path | str,
    *,
    minutes: float | None = None,
    pretrained: Path | str | None = None,
    resume: bool = False,
    folds: Sequence[int | None] = (),
    device: str = "auto",
    progress: Watcher | None = None,
) -> bool:
    """Train on the labelled scans or volumes of a folder.

    Where a launcher such as torchrun started several processes, they train one network together:
    each takes its part of every batch, and of what validates.

    Args:
        config: what to train, on what, how: a YAML file, a preset's name (``lidar/oakland``), or
            one that is loaded.
        data: folder of the scans, or dataset of volumes.
        out: run folder; gets ``best.safetensors``, ``last.safetensors``, ``state.safetensors``,
            ``config.yaml``, ``data.json`` and ``log.csv``. A run on volumes has these in
            ``fold_0`` and so on.
        minutes: fit the schedule of each run to a time instead of ``config.train.epochs``.
        pretrained: the model to start from, in place of ``config.train.pretrained``: a run
            folder, a model file, or the name of a bundled model.
        resume: go on where the run in ``out`` stopped.
        folds: volumes only: which parts of the cases to hold out, one run each; None holds out
            none. Fold 0 if not given.
        device: ``cpu``, ``cuda`` or ``auto``.
        progress: told how it goes; nobody is if not given.

    Returns:
        Whether the user stopped it (Ctrl-C) before its end; the models are usable all the same.

    Raises:
        ConfigError: if there is no such config, or it does not say what it should.
        InputError: on data that cannot be used, naming the file.

    Example:
        >>> vs.train("boxes.yaml", "tiles", "runs/mine", minutes=0.01)
        False
        >>> vs.load("runs/mine").labels.names
        ('ground', 'building')
    """
    place, data, out = pick_device(device), Path(data), Path(out)
    watcher = Silent() if progress is None else progress
    config = _started_from(
        load_config(config) if isinstance(config, Path | str) else config, pretrained
    )
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


def _started_from(config: Config, model: Path | str | None) -> Config:
    """The config of a run that starts from another model than it says, where one is named."""
    if model is None:
        return config
    told = config.train.model_copy(update={"pretrained": str(model)})
    return config.model_copy(update={"train": told})
