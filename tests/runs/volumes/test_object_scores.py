"""Panoptic quality over patches: of what is said without error 1, of what grows together less."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from volseg.config import ChannelSpec, ImageSpec
from volseg.data.batch import Batch
from volseg.geometry.labels import IGNORE, LabelClass, LabelMap
from volseg.runs.precision import start_accelerator
from volseg.runs.volumes.object_scores import ObjectScorer

THING = LabelClass("cell", (1,), "", grouping="border", scale=2.0)
LABELS = LabelMap((LabelClass("rest", (0,), ""), THING))
IMAGES = ImageSpec(channels=(ChannelSpec(name="light"),), spacing=(1, 1, 1), patch=(12, 12, 1))
BORDER, SURE = 2, 20.0


class Echo(nn.Module):
    """Scores that are the input."""

    def forward(self, x: Tensor) -> Tensor:
        return x


@pytest.fixture(scope="module")
def accelerator() -> Accelerator:
    return start_accelerator(torch.device("cpu"))


def batch(width: int, *, parted: bool = True) -> Batch[Tensor]:
    """Two objects side by side, with or without the border that a network should see there."""
    classes, numbers = torch.zeros(2, 12, 12)
    for number, columns in enumerate((slice(6 - width, 6), slice(6, 6 + width)), start=1):
        classes[2:10, columns] = 1
        numbers[2:10, columns] = number
    numbers[:, 5:7] *= -1
    said = torch.where((numbers < 0) & torch.tensor(parted), BORDER, classes.long())
    logits = SURE * nn.functional.one_hot(said, 3).movedim(-1, 0).float()
    rest = torch.zeros(3, 12, 12)  # ways and doubt
    return Batch(torch.cat((logits, rest))[None], torch.stack((classes, numbers, *rest[:2]))[None])


def test_what_is_told_apart_scores_one_and_what_is_not_scores_nothing(
    accelerator: Accelerator,
) -> None:
    scorer = ObjectScorer([batch(4), batch(5)], LABELS, IMAGES, accelerator)
    known = scorer(Echo())
    assert (known.measure, known.mean) == ("PQ", 1.0)
    assert known.by_class == {"rest": 1.0, "cell": 1.0}
    assert [len(one.unique()) for one in scorer.predicted] == [2, 2]
    merged = ObjectScorer([batch(4, parted=False)], LABELS, IMAGES, accelerator)(Echo())
    assert merged.mean == 0.0
    assert merged.by_class["rest"] == 1.0  # overlap of classes is as it was


def test_pairs_and_errors_of_all_patches_count_together(accelerator: Accelerator) -> None:
    both = [batch(4), batch(4, parted=False)]
    mean = ObjectScorer(both, LABELS, IMAGES, accelerator)(Echo()).mean
    assert mean == pytest.approx(2 / (2 + (1 + 2) / 2))  # two found, one false, two not found


def test_unknown_truth_counts_nowhere(accelerator: Accelerator) -> None:
    made = batch(4)
    made.targets[:, :2] = IGNORE
    assert np.isnan(ObjectScorer([made], LABELS, IMAGES, accelerator)(Echo()).mean)


@pytest.mark.parametrize("world", [2, 4])
def test_processes_share_the_patches_and_agree(accelerator: Accelerator, world: int) -> None:
    made = [batch(width, parted=width != 4) for width in (3, 4, 5, 3, 4)]
    wanted = ObjectScorer(made, LABELS, IMAGES, accelerator)(Echo())
    sums: list[Tensor] = []

    class Process:
        """Adds up what the processes before it counted."""

        num_processes, device = world, torch.device("cpu")

        def __init__(self, index: int) -> None:
            self.process_index = index

        def reduce(self, counts: Tensor, how: str) -> Tensor:
            assert how == "sum"
            sums.append(counts)
            return torch.stack(sums).sum(0)

    known: list[Any] = [
        ObjectScorer(made, LABELS, IMAGES, Process(index))(Echo())  # type: ignore[arg-type]
        for index in range(world)
    ]
    assert known[-1] == wanted
