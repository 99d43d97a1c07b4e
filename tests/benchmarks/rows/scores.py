"""Losses and scores."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from tests.benchmarks.row import Row, Side, near, same
from tests.benchmarks.scenes import sized
from volseg.metrics.confusion import Confusion
from volseg.train.losses.focal import focal_loss


class Focal(Row):
    """Softmax focal loss, forward and backward."""

    peer = "monai/FocalLoss"

    def __init__(self, classes: int = 5) -> None:
        side = sized(96, 16)
        random = torch.Generator().manual_seed(0)
        self.logits = torch.randn(2, classes, side, side, side, generator=random)
        self.target = torch.randint(classes, (2, side, side, side), generator=random)
        self.work = f"focal loss, forward and backward: 2 x {side}^3 voxels, {classes} classes"

    def ours(self) -> Side:
        return lambda: self._step(lambda x: focal_loss(x, self.target, gamma=2.0))

    def theirs(self) -> Side:
        from monai.losses import FocalLoss

        loss = FocalLoss(gamma=2.0, to_onehot_y=True, use_softmax=True)
        classes = self.logits.shape[1]  # their mean counts every class of every voxel
        return lambda: self._step(lambda x: classes * loss(x, self.target[:, None]))

    def _step(self, loss: Any) -> tuple[float, torch.Tensor]:
        x = self.logits.clone().requires_grad_()
        value = loss(x)
        value.backward()
        assert x.grad is not None
        return float(value.detach()), x.grad

    def agree(self, ours: Any, theirs: Any) -> str:
        near(ours[0], theirs[0], "loss", 1e-5)
        off = near(ours[1], theirs[1], "gradient", 1e-4)
        return f"loss equal; gradients within {off:.0e} of the largest"


class Scores(Row):
    """Confusion matrix and IoU of every class, of labels some of which count nowhere."""

    peer = "torchmetrics/MulticlassJaccardIndex"

    def __init__(self, classes: int = 20) -> None:
        labels = sized(10_000_000, 100_000)
        random = np.random.default_rng(0)
        self.classes = classes
        self.truth = random.integers(-1, classes, labels)
        self.guess = np.where(random.random(labels) < 0.7, self.truth, 0).clip(0)
        self.work = f"confusion matrix and IoU of {labels:,} labels, {classes} classes"

    def ours(self) -> Side:
        def run() -> tuple[Any, Any]:
            confusion = Confusion(self.classes)
            confusion.update(self.truth, self.guess)
            return confusion.matrix, confusion.scores().iou

        return run

    def theirs(self) -> Side:
        from torchmetrics.classification import MulticlassJaccardIndex

        truth, guess = torch.from_numpy(self.truth), torch.from_numpy(self.guess)

        def run() -> tuple[Any, Any]:
            metric = MulticlassJaccardIndex(self.classes, average=None, ignore_index=-1)
            metric.update(guess, truth)
            return metric.confmat, metric.compute()

        return run

    def agree(self, ours: Any, theirs: Any) -> str:
        same(ours[0], theirs[0], "confusion matrix")
        near(ours[1], theirs[1], "IoU", 1e-6)
        return "matrix equal, IoU to float32"
