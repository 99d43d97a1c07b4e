"""The head of a network that learns objects: which channels of its last layer say what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Self

import torch
from torch import Tensor

from volseg.geometry.labels import LabelMap


class HeadOutput(NamedTuple):
    """What a network says of cells, channels split.

    Attributes:
        classes: logits (B, C, *grid), that of the border last where there is one.
        ways: to the centre of the object, in units of the class's scale, (B, nd, *grid).
        doubt: logarithm of how far the way may be off, (B, *grid).
    """

    classes: Tensor
    ways: Tensor
    doubt: Tensor


def head_channels(labels: LabelMap, nd: int) -> int:
    """Channels of a network's last layer: one a class, and what learning objects adds."""
    head = ObjectHead.of(labels, nd)
    return len(labels) if head is None else head.channels


@dataclass(frozen=True)
class ObjectHead:
    """The channels of a network's last layer: classes, the border, a way to the centre, a doubt.

    Attributes:
        classes: number of classes, K.
        scales: for each class the length that ways of its cells are counted in, in units of the
            spacing; 1 of stuff.
        nd: number of axes of the ways.
        bordered: training ids of things that are grouped by borders.
    """

    classes: int
    scales: tuple[float, ...]
    nd: int
    bordered: tuple[int, ...] = ()

    @classmethod
    def of(cls, labels: LabelMap, nd: int) -> Self | None:
        """The head for a label map; None where no class needs one."""
        if not labels.learns_objects:
            return None
        scales = tuple(entry.scale or 1.0 for entry in labels.classes)
        bordered = [k for k in labels.things if labels.classes[k].grouping == "border"]
        return cls(len(labels), scales, nd, tuple(bordered))

    @property
    def logits(self) -> int:
        """Number of logits: one a class, and one of the border if any thing has one."""
        return self.classes + bool(self.bordered)

    @property
    def channels(self) -> int:
        """Number of all channels."""
        return self.logits + self.nd + 1

    @property
    def ways(self) -> slice:
        """The channels that point to the centre, one an axis."""
        return slice(self.logits, self.logits + self.nd)

    def split(self, output: Tensor) -> HeadOutput:
        """A network's output (B, channels, *grid) by what it says."""
        return HeadOutput(output[:, : self.logits], output[:, self.ways], output[:, -1])

    def border(self, logits: Tensor) -> Tensor:
        """Probability that a cell of a bordered thing is at its border, (B, *grid).

        Args:
            logits: (B, K + 1, *grid), that of the border last.
        """
        things = logits[:, list(self.bordered)].logsumexp(dim=1)
        return torch.sigmoid(logits[:, self.classes] - things)

    def fold(self, logits: Tensor) -> Tensor:
        """Logits with the border (B, K + 1, *grid) as logits of classes (B, K, *grid).

        The border is of the bordered thing that is likeliest; its probability is added there.
        """
        if not self.bordered:
            return logits
        classes, border = logits[:, : self.classes].clone(), logits[:, self.classes]
        things = classes[:, list(self.bordered)]
        likeliest = things == things.amax(dim=1, keepdim=True)
        both = torch.logaddexp(things, border.unsqueeze(1))
        classes[:, list(self.bordered)] = torch.where(likeliest, both, things)
        return classes
