"""Networks and losses from their specs."""

from __future__ import annotations

import functools

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from volseg.config import LossSpec, NetSpec, ScanModelSpec, VolumeModelSpec
from volseg.data.features import channels
from volseg.errors import ConfigError, InputError
from volseg.nn import EncoderDecoder, UNet
from volseg.train.loop import Loss
from volseg.train.losses import class_weights, focal_loss


def build_net(spec: NetSpec, *, nd: int, in_channels: int, classes: int) -> nn.Module:
    """The network a spec describes, with fresh weights."""
    if spec.kind == "encoder_decoder":
        return EncoderDecoder(nd, in_channels, classes, spec.widths)
    return UNet(
        nd,
        in_channels,
        classes,
        spec.widths,
        block=spec.block,
        depth=spec.depth,
        norm=spec.norm,
        activation=spec.activation,
        kernels=spec.kernels,
        strides=spec.strides,
        supervised=spec.supervised,
    )


def build_scan_net(spec: ScanModelSpec) -> nn.Module:
    """The network that takes a scan's voxels, with fresh weights."""
    width, classes = channels(spec.voxels.features), len(spec.labels.classes)
    return build_net(spec.net, nd=3, in_channels=width, classes=classes)


def build_volume_net(spec: VolumeModelSpec) -> nn.Module:
    """The network that takes a volume's patches, with fresh weights."""
    channels, classes = len(spec.images.channels), len(spec.labels.classes)
    return build_net(spec.net, nd=spec.nd, in_channels=channels, classes=classes)


def build_loss(spec: LossSpec, counts: NDArray[np.int64], device: torch.device) -> Loss:
    """The loss a spec describes, for classes that occur ``counts``, int64 (K,), times.

    Raises:
        ConfigError: if the weights given are not one a class.
    """
    weights = None
    if spec.weights == "balanced":
        weights = class_weights(counts).to(device)
    elif spec.weights is not None:
        if len(spec.weights) != len(counts):
            raise ConfigError(
                f"train.loss.weights: {len(spec.weights)} weights for {len(counts)} classes; "
                "wanted one a class"
            )
        weights = torch.tensor(spec.weights, device=device)
    gamma = spec.gamma if spec.kind == "focal" else 0.0
    return functools.partial(focal_loss, gamma=gamma, alpha=weights)


def pick_device(name: str) -> torch.device:
    """``cpu``, ``cuda``, or with ``auto`` the GPU where there is one.

    Raises:
        InputError: if a GPU is asked for and torch sees none.
    """
    if name not in ("cpu", "cuda", "auto"):
        raise InputError(f"device {name!r} is unknown; wanted cpu, cuda or auto")
    seen = torch.cuda.is_available()
    if name == "cuda" and not seen:
        raise InputError(
            "torch sees no CUDA GPU here; use --device cpu, or install torch's CUDA build"
        )
    return torch.device("cuda" if seen and name != "cpu" else "cpu")
