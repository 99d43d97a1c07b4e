"""A config but for its patch, its network and its batch, and what training a network takes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

import torch
from torch import nn

from volseg.config import (
    ChannelSpec,
    ImageSpec,
    LabelSpec,
    LossSpec,
    NetSpec,
    VolumeConfig,
    VolumeDataSpec,
    VolumeModelSpec,
    VolumeTrainSpec,
)
from volseg.data.objects import head_channels
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.plan import defaults
from volseg.plan.fingerprint import Grid, Spacing
from volseg.plan.memory import Cost, cost
from volseg.plan.topology import Sizes, Topology


class Machine(Protocol):
    """Where training would run, and how networks are made there."""

    @property
    def device(self) -> torch.device:
        """What networks run on."""

    def build(self, spec: VolumeModelSpec) -> nn.Module:
        """The network a spec describes."""

    def half(self) -> bool:
        """Whether networks train in half precision."""

    def measure(self, config: VolumeConfig, *, half: bool) -> int:
        """Bytes that one step of training takes."""

    def seconds(self, config: VolumeConfig, *, half: bool) -> float:
        """Seconds that one step of training takes where nothing else runs."""


@dataclass(frozen=True)
class Draft:
    """A config but for its patch, the network that fits it, and the batch; the median case."""

    labels: LabelSpec
    channels: tuple[ChannelSpec, ...]
    spacing: Spacing
    median: Grid
    axes: tuple[int, ...]
    mirror: tuple[Literal[0, 1, 2], ...]
    width: int
    folds: int
    objects: ObjectTruth | None = None

    @classmethod
    def of(cls, config: VolumeConfig, median: Grid, device: str) -> Draft:
        """The draft that a config was made of, as wide as is usual on a kind of device."""
        images, data = config.images, config.data
        return cls(
            labels=config.labels,
            channels=images.channels,
            spacing=images.spacing,
            median=median,
            axes=images.axes,
            mirror=images.mirror,
            width=defaults.FIRST_WIDTH[device],
            folds=data.folds,
            objects=data.objects,
        )

    def seeing(self, axes: tuple[int, ...]) -> Draft:
        """The same of a network that sees fewer axes."""
        mirror = tuple(axis for axis in self.mirror if axis in axes)
        return replace(self, axes=axes, mirror=mirror)

    def covered(self, patch: Sequence[int]) -> float:
        """Share of the median case that a patch covers, along the axes that are seen.

        All of an image of one slice, whose classes are more often told by texture than by place.
        """
        if 1 in self.median:
            return 1.0
        return math.prod(min(1.0, patch[axis] / self.median[axis]) for axis in self.axes)

    def prices(self, machine: Machine) -> Callable[[Topology], Cost]:
        """What training the network for a patch takes on a machine, by what autograd keeps."""
        known: dict[Topology, Cost] = {}
        outputs = head_channels(self.labels.label_map(), len(self.axes))
        half = machine.half()

        def price(found: Topology) -> Cost:
            # What a voxel takes does not depend on the patch: one is enough.
            sample = replace(found, patch=tuple(8 * side for side in found.divisor))
            if sample not in known:
                spec = self.config(sample, defaults.LEAST_BATCH)
                with torch.device("meta"):
                    net = machine.build(spec)
                known[sample] = cost(
                    net, len(self.channels), outputs, spec.net.widths[0], sample.patch, half=half
                )
            return known[sample]

        return price

    def config(self, found: Topology, batch: int) -> VolumeConfig:
        """The whole config."""
        x, y, z = (
            found.patch[self.axes.index(axis)] if axis in self.axes else 1 for axis in range(3)
        )
        return VolumeConfig(
            labels=self.labels,
            images=ImageSpec(
                channels=self.channels, spacing=self.spacing, patch=(x, y, z), mirror=self.mirror
            ),
            net=_net(found, self.width),
            data=VolumeDataSpec(folds=self.folds, objects=self.objects),
            train=_training(batch),
        )


def _net(found: Topology, width: int) -> NetSpec:
    last = min(defaults.WIDENED * width, defaults.LAST_WIDTH)
    widths = tuple(min(width * 2**level, last) for level in range(len(found.kernels)))
    return NetSpec(
        widths=widths,
        block=defaults.BLOCK,
        depth=defaults.DEPTH,
        norm=defaults.NORM,
        activation=defaults.ACTIVATION,
        kernels=_alike(found.kernels, 3),
        strides=_alike(found.strides, 2),
        supervised=min(defaults.SUPERVISED, len(widths) - 1),
    )


def _alike(sizes: tuple[Sizes, ...], usual: int) -> int | tuple[Sizes, ...]:
    """One number where all sizes are that."""
    return usual if all(set(axes) == {usual} for axes in sizes) else sizes


def _training(batch: int) -> VolumeTrainSpec:
    return VolumeTrainSpec(
        epochs=defaults.EPOCHS,
        steps=defaults.STEPS,
        batch=batch,
        optimizer=defaults.OPTIMIZER,
        schedule=defaults.SCHEDULE,
        learning_rate=defaults.LEARNING_RATE,
        weight_decay=defaults.WEIGHT_DECAY,
        foreground=defaults.FOREGROUND,
        loss=LossSpec(kind=defaults.LOSS, weights=None),
    )
