"""A training run from config and folder to a run folder with models and a log."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from torch import nn

from volseg.config import AnyConfig, ScanConfig, VolumeConfig, load_config
from volseg.errors import InputError
from volseg.models.device import pick_device
from volseg.models.nets import own_net
from volseg.progress import SILENT, Progress
from volseg.runs.folder import check_folders
from volseg.runs.precision import Precision, pick_precision, start_accelerator
from volseg.runs.pretrained import adopt
from volseg.runs.request import TrainRequest
from volseg.runs.scans.training import scan_tasks
from volseg.runs.task import run_task, share_batch
from volseg.runs.volumes.splits import folder_name
from volseg.runs.volumes.training import volume_tasks
from volseg.train.loop import CellLoss


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
    feeders: int | None = None,
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
            (M, K), and of class ids (N, *grid) or (M,), -1 where none counts. Where objects are
            learnt, that of their centres stays beside it; borders between them are a class more.
        feeders: Threads that draw batches ahead of the steps that take them; none on a CPU and up
            to 8 for a GPU, if not given. What is learnt does not depend on it.
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
    config = load_config(config) if isinstance(config, Path | str) else config
    precision: Precision = "float32"
    if isinstance(config, VolumeConfig):
        precision, folds = pick_precision(place), tuple(dict.fromkeys(folds or (0,)))
    elif folds:
        raise InputError("folds are for volumes; for scans, set data.validation in the config")
    outs = [out / folder_name(fold) for fold in folds] or [out]
    begun = check_folders(outs, resume=resume)
    config = _changed(config, pretrained, net)
    config, origin = adopt(config, outs, resume=resume)
    accelerator = start_accelerator(place, precision)
    requests = [
        TrainRequest(data, out, accelerator, progress, minutes, goes_on, net, loss, origin, feeders)
        for out, goes_on in zip(outs, begun, strict=True)
    ]
    if isinstance(config, ScanConfig):
        tasks = scan_tasks(config, requests[0])
    else:
        tasks = volume_tasks(config, requests, folds)
    return any(run_task(task(), request) for task, request in zip(tasks, requests, strict=True))


def _changed(config: AnyConfig, pretrained: Path | str | None, net: nn.Module | None) -> AnyConfig:
    """The config of a run with the model, the network and the batch that it is asked for."""
    train = share_batch(config.train, int(os.environ.get("WORLD_SIZE", "1")))
    if pretrained is not None:
        train = train.model_copy(update={"pretrained": str(pretrained)})
    update = {"train": train} if net is None else {"train": train, "net": own_net(net)}
    return config.model_copy(update=update)
