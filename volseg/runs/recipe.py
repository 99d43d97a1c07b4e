"""What a config says of learning: loss, optimizer, and classes that are not to be learnt."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from volseg.config import LossSpec, TrainSpec
from volseg.config.plugins import find_loss
from volseg.errors import ConfigError
from volseg.nn.layers import Linear
from volseg.train.loop import Loss
from volseg.train.losses.compound import compound_loss
from volseg.train.losses.dice import dice_loss
from volseg.train.losses.focal import class_weights, focal_loss
from volseg.train.losses.lovasz import lovasz_loss
from volseg.train.losses.supervision import supervised
from volseg.train.schedule import Schedule, one_cycle, poly

MOMENTUM = 0.99
"""Of stochastic gradient descent, as in nnU-Net (Isensee et al. 2021)."""

RULED_OUT = -30.0
"""Logit of a class that is not to be predicted: a chance of 1e-13, whose gradient moves nothing."""

REGION_LOSSES: dict[str, Callable[..., Tensor]] = {"dice": dice_loss, "lovasz": lovasz_loss}
"""Losses of whole regions by name."""


def rule_out(net: nn.Module, absent: Sequence[int]) -> None:
    """Let a network with fresh weights give no point to classes it will see none of.

    Training alone would leave them a few points that look like nothing else. A network whose
    ``head`` is no `Linear` with a bias is left as it is.
    """
    head = getattr(net, "head", None)
    if isinstance(head, Linear) and head.bias is not None:
        with torch.no_grad():
            head.weight[list(absent)] = 0.0
            head.bias[list(absent)] = RULED_OUT


def build_loss(
    spec: LossSpec, counts: NDArray[np.int64], device: torch.device, *, overlap: bool = False
) -> Loss:
    """The loss a spec describes, for classes that occur ``counts``, int64 (K,), times.

    With ``overlap`` the classes are regions, each with a sigmoid of its own.

    Raises:
        ConfigError: if the weights given are not one a class, or no package brings the loss.
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
    region, gamma = spec.terms
    loss = focal_loss if region is None else _region_loss(region)
    if gamma is not None:
        terms = loss if region is None else functools.partial(compound_loss, region=loss)
        loss = functools.partial(terms, gamma=gamma, alpha=weights)
    return supervised(functools.partial(loss, kind="sigmoid" if overlap else "softmax"))


def _region_loss(name: str) -> Callable[..., Tensor]:
    if name in REGION_LOSSES:
        return REGION_LOSSES[name]
    plugin = find_loss(name)
    if plugin is None:
        raise ConfigError(f"no installed package brings the loss {name!r}; install it")
    return plugin.function


def build_optimizer(spec: TrainSpec, net: nn.Module) -> torch.optim.Optimizer:
    """AdamW, or stochastic gradient descent with Nesterov's `MOMENTUM`."""
    rate, decay = spec.learning_rate, spec.weight_decay
    if spec.optimizer == "sgd":
        return torch.optim.SGD(
            net.parameters(), lr=rate, momentum=MOMENTUM, nesterov=True, weight_decay=decay
        )
    return torch.optim.AdamW(net.parameters(), lr=rate, weight_decay=decay)


def build_schedule(spec: TrainSpec, minutes: float | None) -> Schedule:
    """The epochs a spec describes, or so many minutes instead."""
    curve = poly if spec.schedule == "poly" else one_cycle
    return Schedule(spec.epochs, spec.steps, minutes, curve)
