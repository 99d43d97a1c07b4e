"""Training that starts from a trained model instead of from chance.

What must agree for weights to mean the same is compared by name, so that the error can say it; the
rows of the head go by the names of the classes, not by their places.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import nn

from volseg.config import AnyConfig, AnyModelSpec, ScanConfig, ScanModelSpec
from volseg.config.net import OWN, NetSpec
from volseg.data.objects import ObjectHead
from volseg.errors import InputError
from volseg.models.load import load_model_spec, load_net, model_files
from volseg.models.tensors import STATE

HEADS, VOTES = ("head.", "heads."), "pyramid."
"""Layers that give one channel a class; and those that sum ways to centres over stages."""


def adopt(
    config: AnyConfig, outs: Sequence[Path] = (), *, resume: bool = False
) -> tuple[AnyConfig, Path | None]:
    """The config with what it leaves out of the model that a run starts from, and that file.

    Where the config names no network, or no features of voxels, it has those of the model.

    Args:
        config: Config of the run.
        outs: Its folders, one a fold.
        resume: Whether it goes on with what is there.

    Returns:
        The config, and the model file: None if the run starts from chance, or goes on in every
        folder with weights of its own.

    Raises:
        InputError: if there is no such model, or its weights mean something else than those of
            the network the config describes, naming what differs.
    """
    if config.train.pretrained is None:
        return config, None
    if resume and all((out / STATE).exists() for out in outs):
        return _completed(config, load_model_spec(outs[0])), None
    path = Path(config.train.pretrained)
    files, spec = model_files(path), load_model_spec(path)
    if len(files) > 1:
        raise InputError(
            f"holds {len(files)} models; start from one of them, such as {files[0].parent}",
            path=path,
        )
    config = _completed(config, spec)
    _check_same(spec, config, files[0])
    return config, files[0]


def _completed(config: AnyConfig, spec: AnyModelSpec) -> AnyConfig:
    """The config with the network, and the features of voxels, of a model, if it names none."""
    update: dict[str, Any] = {}
    if "net" not in config.model_fields_set:
        # Whether ways to centres are summed is up to the classes of the config.
        update["net"] = NetSpec(**spec.net.model_dump(exclude={"pyramid"}))
    if (
        isinstance(config, ScanConfig)
        and isinstance(spec, ScanModelSpec)
        and "features" not in config.voxels.model_fields_set
    ):
        features = {"features": spec.voxels.features}
        update["voxels"] = config.voxels.model_copy(update=features)
    return config.model_copy(update=update)


def _check_same(spec: AnyModelSpec, config: AnyModelSpec, file: Path) -> None:
    """Refuse a model whose weights mean something else than the config's network's."""
    if spec.kind != config.kind:
        raise InputError(f"segments {spec.kind}s; wanted a model of {config.kind}s", path=file)
    theirs, ours = _make(spec), _make(config)
    for key, wanted in ours.items():
        if theirs[key] != wanted:
            raise InputError(
                f"its {key} is {_text(theirs[key])}, the config's {_text(wanted)}; start from a "
                "model that has the same, or from chance (train.pretrained=null)",
                path=file,
            )


def load_pretrained(net: nn.Module, config: AnyConfig, file: Path) -> tuple[str, ...]:
    """Give a network, in place, the weights of the model `adopt` found.

    Of the layers that give one channel a class it takes the channels of classes that both name,
    and where the model votes for centres as the network does, those of its votes.

    Args:
        net: Network that the config describes.
        config: Config of the run that is to start.
        file: File of the model.

    Returns:
        The names of the classes that were taken.

    Raises:
        InputError: if the file's weights do not fit its spec.
    """
    spec, trained = load_net(file, net if config.net.kind == OWN else None)
    known = list(spec.labels.classes)
    names = [name for name in config.labels.classes if name in known]
    to = [list(config.labels.classes).index(name) for name in names]
    from_ = [known.index(name) for name in names]
    ours, theirs = (ObjectHead.of(one.labels.label_map(), one.nd) for one in (config, spec))
    same = config.net.pyramid == spec.net.pyramid
    if ours is not None and theirs is not None and same and not config.net.pyramid:
        to += range(ours.ways.start, ours.channels)
        from_ += range(theirs.ways.start, theirs.channels)
    weights = trained.state_dict()
    with torch.no_grad():
        for name, own in net.state_dict().items():
            if name.startswith(HEADS):
                own[to] = weights[name][from_].to(own)
            elif same or not name.startswith(VOTES):
                own.copy_(weights[name])
    return tuple(names)


def _make(spec: AnyModelSpec) -> dict[str, Any]:
    """What the config of two networks must have in common for weights to mean the same in both."""
    net = spec.net.model_dump(exclude={"pyramid"})  # whose layers may begin anew
    net = {f"net.{name}": value for name, value in net.items()}
    if isinstance(spec, ScanModelSpec):
        return net | {"voxels.features": tuple(feature.name for feature in spec.voxels.features)}
    return net | {"number of images.channels": len(spec.images.channels), "axes": spec.nd}


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return "not given" if value is None else str(value)
