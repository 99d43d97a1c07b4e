"""The machine at hand: what a step of training takes, in bytes and in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from torch import Tensor

from volseg.config import VolumeConfig, VolumeModelSpec
from volseg.data.objects import ObjectHead
from volseg.data.volumes.objects.prepare import ObjectMap
from volseg.data.volumes.store import CachedCase, save_case
from volseg.models.nets import build_net
from volseg.plan.memory import peak
from volseg.runs.precision import pick_precision
from volseg.runs.recipe import build_loss, build_optimizer
from volseg.runs.volumes.batches import build_patches

TIMED = 3
"""Steps that are timed; the quickest counts."""


@dataclass(frozen=True)
class ThisMachine:
    """Networks on a device of this machine."""

    device: torch.device

    def build(self, spec: VolumeModelSpec) -> torch.nn.Module:
        """The network a spec describes."""
        return build_net(spec)

    def half(self) -> bool:
        """Whether networks train in half precision."""
        return pick_precision(self.device) != "float32"

    def measure(self, config: VolumeConfig, *, half: bool) -> int:
        """Bytes that one step of training takes, on random numbers."""
        inputs, target = self._batch(config)
        with peak(self.device) as grown:
            self._trained(config, half)(inputs, target)
        return grown[0]

    def seconds(self, config: VolumeConfig, *, half: bool) -> float:
        """Seconds that one step of training takes, on random numbers.

        On a CPU that is the time this thread computes, which others on a busy machine do not
        stretch: the first of the threads that share a step has something to do all along.
        """
        clock = time.thread_time if self.device.type == "cpu" else time.monotonic
        inputs, target = self._batch(config)
        step = self._trained(config, half)
        took = []
        for _ in range(TIMED):
            began = clock()
            step(inputs, target)
            if self.device.type == "cuda":
                torch.cuda.synchronize(self.device)
            took.append(clock() - began)
        with TemporaryDirectory() as folder:
            case = _random_case(config, Path(folder) / "case")
            began = clock()
            for number in range(TIMED):
                build_patches(config, [case]).draw(number)
        return min(took) + (clock() - began) / TIMED

    def _batch(self, config: VolumeConfig) -> tuple[Tensor, Tensor]:
        """Random inputs and targets of one step."""
        classes, batch = len(config.labels.classes), config.train.batch
        sides = [config.images.patch[axis] for axis in config.images.axes]
        x = torch.randn(batch, len(config.images.channels), *sides, device=self.device)
        shape = (batch, classes, *sides) if config.labels.overlap else (batch, *sides)
        target = torch.randint(2 if config.labels.overlap else classes, shape, device=self.device)
        if ObjectHead.of(config.labels.label_map(), config.nd) is not None:
            numbers = torch.zeros(batch, 1 + config.nd, *sides, device=self.device)
            numbers[:, 0].fill_(1)
            target = torch.cat((target.unsqueeze(1), numbers), dim=1)
        return x, target

    def _trained(self, config: VolumeConfig, half: bool) -> Callable[[Tensor, Tensor], None]:
        """A step of training a fresh network, made when it is first called."""
        made: list[tuple[torch.nn.Module, torch.optim.Optimizer]] = []
        loss = build_loss(
            config.train.loss,
            np.ones(len(config.labels.classes), np.int64),
            self.device,
            overlap=config.labels.overlap,
            head=ObjectHead.of(config.labels.label_map(), config.nd),
            border=1,
        )

        def step(inputs: Tensor, target: Tensor) -> None:
            if not made:
                net = build_net(config).to(self.device).train()
                made.append((net, build_optimizer(config.train, net)))
            net, optimizer = made[0]
            with torch.autocast(self.device.type, enabled=half):
                logits = net(inputs)
            value: Tensor = loss(logits, target)
            optimizer.zero_grad()
            torch.autograd.backward(value)
            optimizer.step()

        return step


def _random_case(config: VolumeConfig, stem: Path) -> CachedCase:
    """A case as large as a patch, of noise."""
    random, patch = np.random.default_rng(0), config.images.patch
    image = random.standard_normal((len(config.images.channels), *patch), np.float32)
    classes = len(config.labels.classes)
    flags = config.labels.overlap
    shape = (classes, *patch) if flags else patch
    labels = random.integers(2 if flags else classes, size=shape, dtype=np.int8)
    objects, label_map = None, config.labels.label_map()
    if label_map.learns_objects:  # one is enough: patches look up the centre of every voxel's
        thing = label_map.things[0]
        kinds = np.array([-1, thing], np.int16)
        objects = ObjectMap.of((labels == thing).astype(np.int32), kinds, config.images.axes)
    return save_case("noise", stem, image, labels, classes, objects=objects)
