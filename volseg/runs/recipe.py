"""A network and how it learns: all that training builds from a config, built once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from volseg.config import AnyConfig, LossSpec, TrainSpec
from volseg.config.plugins import find_loss
from volseg.data.objects import ObjectHead
from volseg.errors import ConfigError
from volseg.models.nets import build_net, output_channels
from volseg.nn.layers import Linear
from volseg.runs.request import TrainRequest
from volseg.train.loop import CellLoss, Loss
from volseg.train.losses.compound import compound_loss
from volseg.train.losses.dice import dice_loss
from volseg.train.losses.focal import class_weights, focal_loss
from volseg.train.losses.lovasz import lovasz_loss
from volseg.train.losses.objects import object_loss
from volseg.train.losses.partial import partial_loss
from volseg.train.losses.supervision import supervised
from volseg.train.schedule import Schedule, one_cycle, poly

MOMENTUM = 0.99
"""Of stochastic gradient descent, as in nnU-Net (Isensee et al. 2021)."""

LEAST_SHARE = 1e-4
"""Share that a class is expected to have at least, at first."""

RULED_OUT = -30.0
"""Logit of a class that is not to be predicted: a chance of 1e-13, whose gradient moves nothing."""

REGION_LOSSES: dict[str, Callable[..., Tensor]] = {"dice": dice_loss, "lovasz": lovasz_loss}
"""Losses of whole regions by name."""


@dataclass(frozen=True, eq=False)
class Recipe:
    """A network and how it learns.

    Attributes:
        net: Network with its first weights, on its device.
        outputs: Number of channels that the network gives.
        loss: Function of its output and of targets that training makes small.
        optimizer: Optimizer of its parameters.
        schedule: How long it learns, and how fast.
    """

    net: nn.Module
    outputs: int
    loss: Loss
    optimizer: torch.optim.Optimizer
    schedule: Schedule


def build_recipe(
    config: AnyConfig,
    request: TrainRequest,
    counts: NDArray[np.int64],
    *,
    border: int = 0,
    cells: int = 0,
    sets: Sequence[Sequence[int]] = (),
) -> Recipe:
    """What a config and a request ask for, for classes that occur ``counts``, int64 (K,), times.

    Args:
        config: Config of the run.
        request: Request for the run: its device, its length, a network or a loss of one's own.
        counts: Labelled cells of every class.
        border: Number of cells at the borders of objects.
        cells: Number of cells that ``counts`` is of; its sum if not given.
        sets: Training ids of the classes in each set that some target leaves open.
    """
    device, labels = request.accelerator.device, config.labels.label_map()
    torch.manual_seed(config.seed)
    net = build_net(config, request.net).to(device)
    head = ObjectHead.of(labels, config.nd)
    if config.kind == "volume" and head is None:
        start_at_shares(net, counts / max(1, cells or counts.sum()), overlap=labels.overlap)
    rule_out(net, sorted(set(np.flatnonzero(counts == 0).tolist()).difference(*sets)))
    if head is not None:
        start_at_cells(net, head)
    loss = build_loss(
        config.train.loss,
        counts,
        device,
        overlap=labels.overlap,
        head=head,
        border=border,
        sets=sets,
        own=request.loss,
    )
    optimizer = build_optimizer(config.train, net)
    schedule = build_schedule(config.train, request.minutes)
    return Recipe(net, output_channels(config), loss, optimizer, schedule)


def start_at_shares(net: nn.Module, shares: NDArray[np.floating[Any]], *, overlap: bool) -> None:
    """Let fresh weights give every class about the share of the cells that it has.

    Otherwise the first tens of steps are spent on learning how much of a case is background, and a
    short run has few (as the prior of Lin et al. 2017). A network whose ``head`` is no `Linear`
    with a bias is left as it is.

    Args:
        net: Network with fresh weights.
        shares: Share of every class, (K,).
        overlap: Whether classes are regions, each with a sigmoid of its own.
    """
    known = torch.from_numpy(shares.clip(LEAST_SHARE, 1 - LEAST_SHARE))
    bias = torch.logit(known) if overlap else torch.log(known)
    for layer in (getattr(net, "head", None), *getattr(net, "heads", ())):
        if isinstance(layer, Linear) and layer.bias is not None:
            with torch.no_grad():
                # Fresh features are alike on average: weights that sum to 0 cancel them, and
                # smaller ones leave the shares near what the bias says.
                layer.weight.sub_(layer.weight.mean(dim=1, keepdim=True)).mul_(0.5)
                layer.bias.copy_(bias)


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


def start_at_cells(net: nn.Module, head: ObjectHead) -> None:
    """Let every cell vote for its own place at first: fresh weights would vote far away.

    How far depends on the features of the stage before, those of a trained network most of all. A
    network whose ``head`` is no `Linear` is left as it is.
    """
    for layer in (getattr(net, "head", None), *getattr(net, "heads", ())):
        if isinstance(layer, Linear):
            with torch.no_grad():
                layer.weight[head.logits :] = 0.0
                if layer.bias is not None:
                    layer.bias[head.logits :] = 0.0


def build_loss(
    spec: LossSpec,
    counts: NDArray[np.int64],
    device: torch.device,
    *,
    overlap: bool = False,
    head: ObjectHead | None = None,
    border: int = 0,
    sets: Sequence[Sequence[int]] = (),
    own: CellLoss | None = None,
) -> Loss:
    """The loss a spec describes, for classes that occur ``counts``, int64 (K,), times.

    Args:
        spec: Spec of the loss of classes.
        counts: Labelled cells of every class.
        device: Device of the network.
        overlap: Whether classes are regions, each with a sigmoid of its own.
        head: Channels of a network that learns objects, whose votes have a loss beside.
        border: Number of cells at the borders of objects, the last class of such a head.
        sets: Training ids of the classes in each set that some target leaves open.
        own: Loss of classes in place of the spec's.

    Raises:
        ConfigError: if the weights given are not one a class, or no package brings the loss.
    """
    loss = own or _class_loss(spec, counts, device, head, border, overlap)
    loss = partial_loss(loss, sets) if sets else loss
    return supervised(loss if head is None else object_loss(loss, head, balance=spec.votes))


def _class_loss(
    spec: LossSpec,
    counts: NDArray[np.int64],
    device: torch.device,
    head: ObjectHead | None,
    border: int,
    overlap: bool,
) -> CellLoss:
    if isinstance(spec.weights, tuple) and len(spec.weights) != len(counts):
        raise ConfigError(
            f"train.loss.weights: {len(spec.weights)} weights for {len(counts)} classes; "
            "wanted one a class"
        )
    bordered = head is not None and head.bordered
    weights = None
    if spec.weights == "balanced":
        weights = class_weights(np.append(counts, border) if bordered else counts).to(device)
    elif spec.weights is not None:
        # The border weighs as much as a class without a weight.
        weights = torch.tensor((*spec.weights, 1.0) if bordered else spec.weights, device=device)
    region, gamma = spec.terms
    loss = focal_loss if region is None else _region_loss(region)
    if gamma is not None:
        terms = loss if region is None else functools.partial(compound_loss, region=loss)
        loss = functools.partial(terms, gamma=gamma, alpha=weights)
    return functools.partial(loss, kind="sigmoid" if overlap else "softmax")


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
