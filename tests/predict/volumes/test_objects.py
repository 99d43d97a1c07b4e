"""Objects of grids: the same whatever pieces scores come in, and whatever way an image lies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from volseg.data.objects import ObjectHead, head_channels
from volseg.data.volumes.channel import Channel
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.nn import UNet
from volseg.predict.volumes.model import VolumeModel
from volseg.predict.volumes.objects import GridObjects

LABELS = LabelMap(
    (
        LabelClass("rest", (0,), ""),
        LabelClass("cell", (1,), "", grouping="border", scale=3.0),
        LabelClass("nucleus", (2,), "", grouping="centre", scale=3.0),
        LabelClass("lesion", (3,), "", thing=True),
    )
)


def scores(grid, nd: int = 3) -> torch.Tensor:
    """Smooth random scores, with ways as long as a scale."""
    torch.manual_seed(0)
    many = head_channels(LABELS, nd)
    coarse = torch.randn(1, many, *(side // 4 + 1 for side in grid))
    fine = torch.nn.functional.interpolate(coarse, grid, mode="trilinear")[0]
    fine[-1 - nd : -1] *= 0.7
    return fine


def grouped(values: torch.Tensor, cuts: list[list[int]], order=None) -> NDArray[np.int32]:
    grid = values.shape[1:]
    head = ObjectHead.of(LABELS, 3)
    assert head is not None
    found = GridObjects(LABELS, head, grid, (1, 1, 1), (8, 8, 8))
    spans = [
        [slice(low, high) for low, high in zip([0, *at], [*at, side], strict=True)]
        for at, side in zip(cuts, grid, strict=True)
    ]
    boxes = [(a, b, c) for a in spans[0] for b in spans[1] for c in spans[2]]
    for number in range(len(boxes)) if order is None else order.permutation(len(boxes)):
        piece = values[(slice(None), *boxes[number])]
        classes = head.fold(head.split(piece[None]).classes)[0].argmax(0).numpy()
        found.add(boxes[number], classes, piece)
    return found.group()


def test_ten_tilings_give_the_same_ids():
    values = scores((20, 24, 16))
    whole = grouped(values, [[], [], []])
    assert whole.max() > 8
    random = np.random.default_rng(0)
    for _ in range(10):
        cuts = [sorted(random.choice(np.arange(1, n), 3, replace=False)) for n in (20, 24, 16)]
        assert np.array_equal(grouped(values, cuts, random), whole)


def two_cells(
    probability: float, *, gap: int, centres: tuple[float, float], elsewhere: float = 0.05
) -> NDArray[np.int32]:
    """Objects of a strip: a border across its middle but for a gap, and votes of its halves."""
    labels = LabelMap(LABELS.classes[:2])
    head = ObjectHead.of(labels, 2)
    assert head is not None
    values = torch.zeros(head.channels, 9, 18, 1)
    values[1] = 20.0
    values[2] = 20.0 + torch.logit(torch.tensor(elsewhere))
    values[2, gap:, 8:10] = 20.0 + torch.logit(torch.tensor(probability))
    goals = torch.tensor(centres).repeat_interleave(9)
    values[head.ways][0] = (4.0 - torch.arange(9.0))[:, None, None] / 3.0
    values[head.ways][1] = (goals - torch.arange(18.0))[:, None] / 3.0
    found = GridObjects(labels, head, (9, 18, 1), (1, 1, 1), (8, 8, 1))
    everywhere = slice(0, 9), slice(0, 18), slice(0, 1)
    found.add(everywhere, np.ones((9, 18, 1), int), values)
    return found.group()


@pytest.mark.parametrize("probability", [0.2, 0.5])
@pytest.mark.parametrize("gap", [3, 9])
def test_votes_close_a_gap_in_a_border(probability: float, gap: int) -> None:
    assert (two_cells(probability, gap=gap, centres=(8.5, 8.5)) == 1).all()
    halves = two_cells(probability, gap=gap, centres=(4.0, 13.0))
    assert np.array_equal(np.unique(halves[:, :9]), [1])
    assert np.array_equal(np.unique(halves[:, 9:]), [2])


def test_votes_alone_part_nothing() -> None:
    assert (two_cells(0.5, gap=9, centres=(4.0, 13.0), elsewhere=0.01) == 1).all()


def test_a_border_less_likely_than_its_class_parts_objects_too() -> None:
    many = [two_cells(one, gap=0, centres=(8.5, 8.5)).max() for one in (0.2, 0.4)]
    assert many == [1, 2]


def test_classes_do_not_share_numbers():
    values = scores((20, 24, 16))
    numbers = grouped(values, [[], [], []])
    head = ObjectHead.of(LABELS, 3)
    assert head is not None
    classes = head.fold(head.split(values[None]).classes)[0].argmax(0).numpy()
    assert not numbers[classes == 0].any()
    for number in range(1, numbers.max() + 1):
        assert len(np.unique(classes[numbers == number])) == 1


def model(nd: int = 3) -> VolumeModel:
    torch.manual_seed(1)
    net = UNet(nd, 1, head_channels(LABELS, nd), (4, 8), norm="instance")
    patch = (8, 8, 8) if nd == 3 else (8, 8, 1)
    return VolumeModel(
        (net,), LABELS, (1.0, 1.0, 1.0), (Channel(),), patch, torch.device("cpu"),
        mirror=(0, 1), head=ObjectHead.of(LABELS, nd),
    )  # fmt: skip


def noise(grid) -> Volume:
    random = np.random.default_rng(3)
    array = random.normal(size=[side // 3 + 1 for side in grid])
    array = array.repeat(3, 0).repeat(3, 1).repeat(3, 2)[: grid[0], : grid[1], : grid[2]]
    return Volume(array[None].astype(np.float32), np.eye(4))


def objects(model: VolumeModel, image: Volume, tta: bool = False) -> NDArray[np.int32]:
    numbers = np.zeros(image.grid, np.int32)
    model.label(image, objects=numbers, tta=tta)
    return numbers


@pytest.mark.parametrize("nd", [2, 3])
@pytest.mark.parametrize("tta", [False, True])
def test_memory_changes_no_id(nd: int, tta: bool):
    image = noise((21, 26, 12 if nd == 3 else 1))
    whole = objects(model(nd), image, tta)
    assert whole.any()
    for memory in (1, 40_000):
        assert np.array_equal(objects(replace(model(nd), memory=memory), image, tta), whole)


def test_labels_are_the_same_with_and_without_objects():
    image, numbers = noise((16, 18, 12)), np.zeros((16, 18, 12), np.int32)
    labels = model().label(image, objects=numbers)
    assert np.array_equal(labels, model().label(image))
    assert not numbers[labels == 0].any()


def test_mirrored_views_turn_the_ways_back():
    """Averaged over all mirrored views, the ways of a mirrored image are mirrored ways."""
    segment = model(2)
    image = noise((16, 16, 1)).array
    plain = torch.zeros(segment.head.channels, 16, 16, 1)
    turned = plain.clone()
    from volseg.predict.volumes.stopwatch import Stopwatch

    for out, array in ((plain, image), (turned, image[:, ::-1].copy())):
        for where, piece in segment._scores(array, True, Stopwatch()):
            out[(slice(None), *where)] = piece
    back = turned.flip(1)
    back[segment.head.ways.start] *= -1
    torch.testing.assert_close(back, plain, atol=1e-4, rtol=1e-4)
