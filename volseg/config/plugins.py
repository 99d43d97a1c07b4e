"""Losses and networks that configs may name besides volseg's own: from packages or programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from volseg.plugins import Registry


@dataclass(frozen=True)
class PluginLoss:
    """A loss that ``train.loss.kind`` may name, alone or in a sum (``name_ce``, ``name_focal``).

    Attributes:
        name: What configs call it.
        function: Of logits (N, C, *grid) or (M, C) and class ids (N, *grid) or (M,), and of
            keywords ``kind``, ``softmax`` or ``sigmoid``, and ``ignore``, the id that counts
            nowhere. Gives a scalar tensor.
    """

    name: str
    function: Callable[..., Any]


@dataclass(frozen=True)
class PluginNetwork:
    """A network that ``net.kind`` may name.

    Attributes:
        name: What configs call it.
        build: Of the number of axes, of input channels and of output channels, and of ``widths``.
            Gives a module that takes and gives a `volseg.nn.Map`.
    """

    name: str
    build: Callable[..., Any]


LOSSES = Registry("volseg.losses", PluginLoss, ())
NETWORKS = Registry("volseg.networks", PluginNetwork, ())


def find_loss(name: str) -> PluginLoss | None:
    """The loss of a name that is not volseg's own; None where nothing brings it."""
    return next((loss for loss in LOSSES if loss.name == name), None)


def find_network(name: str) -> PluginNetwork | None:
    """The network of a name that is not volseg's own; None where nothing brings it."""
    return next((network for network in NETWORKS if network.name == name), None)
