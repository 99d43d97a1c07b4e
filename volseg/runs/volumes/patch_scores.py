"""Score a network on patches of labelled volumes while it trains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from accelerate import Accelerator
from numpy.typing import NDArray
from torch import Tensor, nn

from volseg.data.batch import Batch
from volseg.geometry.labels import IGNORE
from volseg.metrics.confusion import Confusion
from volseg.metrics.means import mean_over
from volseg.progress import Validation
from volseg.train.distributed import own, summed


class PatchScorer:
    """The Dice of a network over fixed patches; each process takes its share of them.

    Voxels of all patches are counted together. The mean leaves out class 0 of classes that
    exclude each other, which is the background, and what the truth of no patch has.

    Attributes:
        mine: which of the batches this process scores.
        batches: those batches.
        predicted: training ids, or flags, of each of this process's batches, of the last call.
    """

    def __init__(
        self,
        batches: Sequence[Batch[Tensor]],
        classes: Sequence[str],
        accelerator: Accelerator,
        *,
        overlap: bool = False,
    ) -> None:
        """Keep the batches; with ``overlap`` their targets are flags."""
        self.mine = own(len(batches), accelerator)
        self.batches = [batches[number] for number in self.mine]
        self.classes, self.accelerator, self.overlap = tuple(classes), accelerator, overlap
        self.predicted: list[Tensor] = []

    def __call__(self, net: nn.Module) -> Validation:
        """Predict every patch and count, summed over all processes."""
        net.eval()
        counted = [Confusion(2) for _ in self.classes] if self.overlap else [self._exclusive()]
        self.predicted = []
        for batch in self.batches:
            guess = self._predict(net, batch)
            self.predicted.append(guess)
            pairs = (
                zip(batch.targets.unbind(1), guess.unbind(1), strict=True)
                if self.overlap
                else [(batch.targets, guess)]
            )
            for confusion, (truth, predicted) in zip(counted, pairs, strict=True):
                confusion.update(truth.numpy(), predicted.numpy())
        dice, in_truth = self._dice(counted)
        first = 0 if self.overlap or len(dice) == 1 else 1
        mean = mean_over(dice[first:], in_truth[first:])
        by_class = dict(zip(self.classes, dice.tolist(), strict=True))
        return Validation("Dice", mean, by_class, of="patch")

    def _exclusive(self) -> Confusion:
        return Confusion(len(self.classes))

    def _predict(self, net: nn.Module, batch: Batch[Tensor]) -> Tensor:
        logits = output_of(net, batch, self.accelerator)
        return (logits > 0).long() if self.overlap else logits.argmax(dim=1)

    def _dice(self, counted: Sequence[Confusion]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Dice of every class, and whether the truth has it."""
        for one in counted:
            one.counts = summed(one.counts, self.accelerator)
        found = [one.scores() for one in counted]
        if self.overlap:
            dice = np.array([one.dice[1] for one in found])
            return dice, np.array([one.counted[1] for one in found])
        return found[0].dice, found[0].counted


@torch.inference_mode()
def output_of(net: nn.Module, batch: Batch[Tensor], accelerator: Accelerator) -> Tensor:
    """All that a network says of a batch, float32 (B, channels, *grid)."""
    output: Tensor = net(batch.inputs.to(accelerator.device)).float().cpu()
    return output


def painted(targets: Tensor, overlap: bool) -> NDArray[np.int64]:
    """Training ids or flags of a patch as one id a voxel, `IGNORE` for none, to look at."""
    if not overlap:
        return targets.numpy().astype(np.int64)
    ids = np.full(tuple(targets.shape[1:]), IGNORE, dtype=np.int64)
    for region, flags in enumerate(targets.numpy()):
        ids[flags > 0] = region
    return ids
