"""A training run from config and folder to a run folder with models and a log."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

from torch import nn

from volseg.config import AnyConfig, Config, ScanConfig, load_config
from volseg.errors import InputError
from volseg.models.device import pick_device
from volseg.models.nets import own_net
from volseg.progress import SILENT, Progress
from volseg.runs.precision import pick_precision, start_accelerator
from volseg.runs.pretrained import adopt, find_pretrained
from volseg.runs.request import TrainRequest
from volseg.runs.scans.training import train_scans
from volseg.runs.task import shared_batch
from volseg.runs.volumes.training import train_folds
from volseg.train.loop import CellLoss

C = TypeVar("C", bound=Config)


def train(
    config: AnyConfig | Path | str,
    data: Path | str,
    out: Path | str,
    *,
    minutes: float | None = None,
    pretrained: Path | str | None = None,
    resume: bool = False,
    folds: Sequence[int | None] = (),
    device: str = "auto",
    net: nn.Module | None = None,
    loss: CellLoss | None = None,
    progress: Progress = SILENT,
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
        net: A network of your own, in place of ``config.net``; a copy of it is trained, with the
            weights that it has. It takes and gives a `volseg.nn.Map`: of scans a `Voxels`, of
            volumes a tensor (B, C, *grid); its output has a channel a class.
        loss: A loss of your own, in place of ``config.train.loss``: of logits (N, K, *grid) or
            (M, K), and of class ids (N, *grid) or (M,), -1 where none counts.
        progress: Hears how it goes; silent if not given.

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
    config = _started_from(
        load_config(config) if isinstance(config, Path | str) else config, pretrained
    )
    if net is not None:
        config = config.model_copy(update={"net": own_net(net)})
    config = shared_batch(adopt(config, out), int(os.environ.get("WORLD_SIZE", "1")))
    if not resume:
        find_pretrained(config)  # what is wrong with it shows before the data is read
    if isinstance(config, ScanConfig):
        if folds:
            raise InputError("folds are for volumes; for scans, set data.validation in the config")
        accelerator = start_accelerator(place)
        request = TrainRequest(data, out, accelerator, progress, minutes, resume, net, loss)
        return train_scans(config, request)
    accelerator = start_accelerator(place, pick_precision(place))
    request = TrainRequest(data, out, accelerator, progress, minutes, resume, net, loss)
    return train_folds(config, request, folds or (0,))


def _started_from(config: C, model: Path | str | None) -> C:
    """The config of a run that starts from another model than it says, where one is named."""
    if model is None:
        return config
    train = config.train.model_copy(update={"pretrained": str(model)})
    return config.model_copy(update={"train": train})
