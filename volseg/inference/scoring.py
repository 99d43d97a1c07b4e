"""Score a network on the points of labelled scans while it trains."""

from __future__ import annotations

from collections.abc import Sequence

from accelerate import Accelerator
from torch import nn

from volseg.data.features import Feature
from volseg.data.samples import Scan, sample
from volseg.inference.scan import segment_sample
from volseg.train.loop import Validation
from volseg.train.metrics import Confusion
from volseg.train.sharing import own, summed


class Scorer:
    """The IoU of a network over held-out scans; each process takes its share of them."""

    def __init__(
        self,
        scans: Sequence[Scan],
        classes: Sequence[str],
        voxel_size: float,
        features: Sequence[Feature],
        accelerator: Accelerator,
    ) -> None:
        """Voxelize this process's scans once."""
        mine = [scans[number] for number in own(len(scans), accelerator)]
        self.cases = [(one.labels, sample(one, voxel_size, features)) for one in mine]
        self.classes, self.accelerator = classes, accelerator

    def __call__(self, net: nn.Module) -> Validation:
        """Predict every point of every scan and count, summed over all processes."""
        confusion = Confusion(len(self.classes))
        for truth, one in self.cases:
            predicted, _ = segment_sample(net, one, self.accelerator.device)
            if truth is not None:
                confusion.update(truth, predicted)
        confusion.counts = summed(confusion.counts, self.accelerator)
        scores = confusion.scores()
        by_class = dict(zip(self.classes, scores.iou.tolist(), strict=True))
        return Validation("IoU", scores.mean_iou, by_class)
