"""Dice over patches: counted together, honest about what is unknown, the same on any processes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from torch import Tensor, nn

from volseg.data.batch import Batch
from volseg.geometry.labels import IGNORE
from volseg.runs.precision import start_accelerator
from volseg.runs.volumes.patch_scores import PatchScorer, painted

NAMES = ("background", "bone", "fat")


class Echo(nn.Module):
    """Logits that are the input."""

    def forward(self, x: Tensor) -> Tensor:
        return x


@pytest.fixture(scope="module")
def accelerator() -> Accelerator:
    return start_accelerator(torch.device("cpu"))


def batches(overlap: bool = False, many: int = 3, unknown: bool = True) -> list[Batch]:
    generator = torch.Generator().manual_seed(1)
    made = []
    for _ in range(many):
        shape = (1, 3, 5, 4, 2) if overlap else (1, 5, 4, 2)
        low, high = (IGNORE if unknown else 0), 2 if overlap else 3
        truth = torch.randint(low, high, shape, generator=generator)
        targets = truth.to(torch.int8) if overlap else truth
        made.append(Batch(torch.randn(1, 3, 5, 4, 2, generator=generator), targets))
    return made


def dice(truth: Tensor, guess: Tensor, known: Tensor) -> float:
    both = (truth & guess & known).sum()
    return float(2 * both / ((truth & known).sum() + (guess & known).sum()))


@pytest.mark.parametrize("overlap", [False, True])
def test_voxels_of_all_patches_count_together(accelerator: Accelerator, overlap: bool) -> None:
    made = batches(overlap)
    truth = torch.cat([one.targets for one in made])
    logits = torch.cat([one.inputs for one in made])
    scorer = PatchScorer(made, NAMES, accelerator, overlap=overlap)
    found = scorer(Echo())
    if overlap:
        guess = logits > 0
        wanted = [dice(truth[:, k] == 1, guess[:, k], truth[:, k] != IGNORE) for k in range(3)]
        mean = np.mean(wanted)
    else:
        guess = logits.argmax(dim=1)
        wanted = [dice(truth == k, guess == k, truth != IGNORE) for k in range(3)]
        mean = np.mean(wanted[1:])
    assert found.measure == "Dice"
    assert list(found.by_class) == list(NAMES)
    assert list(found.by_class.values()) == pytest.approx(wanted)
    assert found.mean == pytest.approx(mean)
    torch.testing.assert_close(torch.cat(scorer.predicted), guess.long())


@pytest.mark.parametrize("overlap", [False, True])
@pytest.mark.parametrize("world", [2, 4])
def test_processes_share_the_patches_and_agree(
    accelerator: Accelerator, world: int, overlap: bool
) -> None:
    made = batches(overlap, many=5)
    wanted = PatchScorer(made, NAMES, accelerator, overlap=overlap)(Echo())

    class Process:
        """Adds up what the processes before it counted."""

        num_processes, device = world, torch.device("cpu")

        def __init__(self, index: int) -> None:
            self.process_index, self.number = index, 0

        def reduce(self, counts: Tensor, how: str) -> Tensor:
            assert how == "sum"
            total = counts + sums.get(self.number, 0)
            sums[self.number] = total.clone()
            self.number += 1
            return total

    sums: dict[int, Any] = {}
    scorers = [
        PatchScorer(made, NAMES, Process(index), overlap=overlap)  # type: ignore[arg-type]
        for index in range(world)
    ]
    assert sorted(number for one in scorers for number in one.mine) == list(range(5))
    found = [one(Echo()) for one in scorers]
    assert found[-1] == wanted


def test_a_class_nowhere_is_left_out_of_the_mean(accelerator: Accelerator) -> None:
    truth = torch.zeros(1, 2, 2, dtype=torch.int64)
    truth[0, 0, 0] = 1
    logits = nn.functional.one_hot(truth, 3).movedim(-1, 1).float()
    found = PatchScorer([Batch(logits, truth)], NAMES, accelerator)(Echo())
    assert found.mean == found.by_class["bone"] == found.by_class["background"] == 1.0
    assert np.isnan(found.by_class["fat"])
    empty = PatchScorer([Batch(logits, truth * 0 + IGNORE)], NAMES, accelerator)(Echo())
    assert np.isnan(empty.mean)


@pytest.mark.parametrize("overlap", [False, True])
def test_a_class_that_is_only_predicted_is_left_out_of_the_mean(
    accelerator: Accelerator, overlap: bool
) -> None:
    truth = torch.tensor([[[0, 0, 1, 1]]])
    guess = torch.tensor([[[0, 0, 1, 2]]])
    flags, logits = (
        nn.functional.one_hot(one, 3).movedim(-1, 1).to(torch.int8) for one in (truth, guess)
    )
    batch = Batch(logits.float() - 0.5, flags if overlap else truth)
    found = PatchScorer([batch], NAMES, accelerator, overlap=overlap)(Echo())
    assert found.by_class["fat"] == 0
    bone, background = 2 / 3, 1.0
    assert found.mean == pytest.approx((bone + background) / 2 if overlap else bone)


def test_one_class_alone_is_no_background(accelerator: Accelerator) -> None:
    truth = torch.zeros(1, 2, 2, dtype=torch.int64)
    scorer = PatchScorer([Batch(torch.zeros(1, 1, 2, 2), truth)], ("road",), accelerator)
    assert scorer(Echo()).mean == 1.0


def test_the_network_is_put_into_evaluation(accelerator: Accelerator) -> None:
    net = Echo().train()
    PatchScorer(batches(), NAMES, accelerator)(net)
    assert not net.training


def test_regions_are_painted_one_over_the_other() -> None:
    flags = torch.tensor([[1, 1, 0, IGNORE, 0], [0, 1, 1, IGNORE, 0]], dtype=torch.int8)
    assert painted(flags, overlap=True).tolist() == [0, 1, 1, IGNORE, IGNORE]
    ids = torch.tensor([0, 2, IGNORE])
    assert painted(ids, overlap=False).tolist() == [0, 2, IGNORE]
