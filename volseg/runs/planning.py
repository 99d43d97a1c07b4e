"""Plans made for the machine at hand, measured with the parts that training is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from volseg.config import VolumeConfig, VolumeModelSpec
from volseg.data.objects import ObjectHead
from volseg.data.volumes.datasets.dataset import read_dataset
from volseg.data.volumes.objects.truth import ObjectTruth
from volseg.models.device import pick_device
from volseg.models.nets import build_net
from volseg.plan import Plan, make_plan
from volseg.plan.memory import peak
from volseg.progress import SILENT, Progress
from volseg.runs.precision import pick_precision
from volseg.runs.recipe import build_loss, build_optimizer


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
        classes, batch = len(config.labels.classes), config.train.batch
        sides = [config.images.patch[axis] for axis in config.images.axes]
        x = torch.randn(batch, len(config.images.channels), *sides, device=self.device)
        shape = (batch, classes, *sides) if config.labels.overlap else (batch, *sides)
        target = torch.randint(2 if config.labels.overlap else classes, shape, device=self.device)
        head = ObjectHead.of(config.labels.label_map(), config.nd)
        loss = build_loss(
            config.train.loss,
            np.ones(classes, np.int64),
            self.device,
            overlap=config.labels.overlap,
            head=head,
            border=1,
        )
        if head is not None:
            numbers = torch.zeros(batch, 1 + config.nd, *sides, device=self.device)
            numbers[:, 0].fill_(1)
            target = torch.cat((target.unsqueeze(1), numbers), dim=1)
        with peak(self.device) as grown:
            net = build_net(config).to(self.device).train()
            optimizer = build_optimizer(config.train, net)
            with torch.autocast(self.device.type, enabled=half):
                logits = net(x)
            value: torch.Tensor = loss(logits, target)
            torch.autograd.backward(value)
            optimizer.step()
        return grown[0]


def plan_dataset(
    path: Path,
    *,
    nd: int | None = None,
    memory: int | None = None,
    objects: ObjectTruth | None = None,
    progress: Progress = SILENT,
) -> Plan:
    """A plan for the dataset in a folder or CSV file, on this machine's GPU or CPU.

    Args:
        path: of the dataset.
        nd: axes the network sees; 2 for images of a single slice, else 3, if not given.
        memory: bytes that training may take; most of what is free if not given.
        objects: how labels say which voxels are one object; found out if not given.
        progress: told how many cases are read.

    Raises:
        InputError: as `read_dataset` and `make_plan`.
    """
    notes: list[str] = []
    dataset = read_dataset(path, notes.append)
    machine = ThisMachine(pick_device("auto"))
    made = make_plan(dataset, machine, nd=nd, memory=memory, objects=objects, progress=progress)
    return replace(made, notes=(*notes, *made.notes))
