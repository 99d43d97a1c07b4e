"""Score a network that learns objects on patches of labelled volumes while it trains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from accelerate import Accelerator
from torch import Tensor, nn

from volseg.config import ImageSpec
from volseg.data.batch import Batch
from volseg.data.objects import ObjectHead
from volseg.geometry.labels import LabelMap
from volseg.metrics.means import mean_over
from volseg.metrics.panoptic import Panoptic
from volseg.predict.volumes.objects import GridObjects
from volseg.progress import Validation
from volseg.runs.volumes.patch_scores import output_of
from volseg.train.distributed import own, summed


class ObjectScorer:
    """The panoptic quality of a network over fixed patches; each process takes its share of them.

    Objects of all patches are counted together, cut as the patches cut them. The mean is over
    things. Overlap of classes alone says little of objects: two that grow into one change it by a
    few voxels.

    Attributes:
        mine: which of the batches this process scores.
        batches: those batches, with training ids for targets.
        predicted: training ids of each of this process's batches, of the last call.
    """

    def __init__(
        self,
        batches: Sequence[Batch[Tensor]],
        labels: LabelMap,
        images: ImageSpec,
        accelerator: Accelerator,
    ) -> None:
        """Keep the batches, of a patch each, with targets as `pack_targets` makes them."""
        self.mine = own(len(batches), accelerator)
        packed = [batches[number] for number in self.mine]
        self.batches = [Batch(one.inputs, one.targets[:, 0].long()) for one in packed]
        self.ids = [one.targets[0, 1].long().abs().numpy() for one in packed]
        self.labels, self.images, self.accelerator = labels, images, accelerator
        self.predicted: list[Tensor] = []

    def __call__(self, net: nn.Module) -> Validation:
        """Group the objects of every patch and count, summed over all processes."""
        net.eval()
        panoptic = Panoptic(len(self.labels), self.labels.things)
        self.predicted = []
        for batch, ids in zip(self.batches, self.ids, strict=True):
            classes, objects = self._group(output_of(net, batch, self.accelerator))
            self.predicted.append(classes)
            truth = batch.targets[0].numpy()
            panoptic.update(truth, np.where(truth < 0, 0, ids), classes[0].numpy(), objects)
        scores = panoptic.scores()
        counts = np.stack((np.nan_to_num(scores.sq) * scores.tp, scores.tp, scores.fp, scores.fn))
        iou, hits, false, missed = summed(counts, self.accelerator)
        total = hits + (false + missed) / 2
        quality = np.where(total > 0, iou / np.maximum(total, 0.5), np.nan)
        things = list(self.labels.things)
        mean = mean_over(quality[things], (hits + missed)[things] > 0)
        by_class = dict(zip(self.labels.names, quality.tolist(), strict=True))
        return Validation("PQ", mean, by_class, of="patch")

    def _group(self, output: Tensor) -> tuple[Tensor, np.ndarray]:
        """Training ids (1, *grid) of a patch, and numbers of its objects (*grid)."""
        head = ObjectHead.of(self.labels, len(self.images.axes))
        assert head is not None
        classes = head.fold(head.split(output).classes).argmax(dim=1)
        grid = tuple(self.images.patch)
        found = GridObjects(self.labels, head, grid, self.images.spacing, grid)
        everywhere = tuple(slice(0, side) for side in grid)
        found.add(everywhere, classes.numpy().reshape(grid), output[0].reshape(-1, *grid))
        return classes, found.group().reshape(classes.shape[1:])
