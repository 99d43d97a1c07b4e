"""A diameter is a spacing: objects twice as large are objects of pixels half the size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from volseg.data.objects import ObjectHead, head_channels
from volseg.data.volumes.channel import Channel
from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.nn import UNet
from volseg.predict.volumes.diameter import learnt_diameter, zoomed
from volseg.predict.volumes.model import VolumeModel

REST = LabelClass("rest", (0,), "")
CELL = LabelClass("cell", (1,), "", grouping="border", scale=3.0, smallest=2.0)
LABELS = LabelMap((REST, CELL))
TURNED = np.array([[0.0, 0, 2, 7], [-1, 0, 0, 5], [0, 3, 0, 1], [0, 0, 0, 1]])


def test_a_circle_is_as_large_as_the_square_that_was_learnt():
    assert np.pi * (learnt_diameter(LABELS, 2) / 2) ** 2 == pytest.approx(6.0**2)
    assert np.pi * learnt_diameter(LABELS, 3) ** 3 / 6 == pytest.approx(6.0**3)


@pytest.mark.parametrize("times", [0.25, 1.0, 3.0])
@pytest.mark.parametrize("affine", [np.eye(4), TURNED])
def test_sizes_match_along_the_axes_that_are_seen(times: float, affine):
    volume = Volume(np.zeros((1, 5, 6, 7)), affine)
    seen = zoomed(volume, LABELS, (8, 8, 1), times * learnt_diameter(LABELS, 2)).canonical()
    wanted = volume.canonical().spacing / (times, times, 1)
    assert np.allclose(seen.spacing, wanted)
    assert seen.grid == volume.canonical().grid


@pytest.mark.parametrize("times", [0.5, 2.5])
def test_objects_are_those_of_an_image_of_another_spacing(times: float):
    torch.manual_seed(1)
    net = UNet(2, 1, head_channels(LABELS, 2), (4, 8), norm="instance")
    model = VolumeModel(
        (net,), LABELS, (1.0, 1.0, 1.0), (Channel(),), (8, 8, 1), torch.device("cpu"),
        head=ObjectHead.of(LABELS, 2),
    )  # fmt: skip
    array = np.random.default_rng(3).normal(size=(9, 12)).repeat(4, 0).repeat(4, 1)
    large = replace(model, diameter=times * learnt_diameter(LABELS, 2))
    numbers = large(array, objects=True)
    assert numbers.shape == array.shape
    assert numbers.any()
    assert np.array_equal(numbers, model(array, (1 / times, 1 / times), objects=True))


@pytest.mark.parametrize("diameter", [0.0, -1.0, float("nan"), float("inf"), 1.0, 200.0])
def test_lengths_far_from_what_was_learnt_are_refused(diameter: float):
    with pytest.raises(InputError, match=r"was learnt; wanted 1\.35 to 135"):
        zoomed(Volume(np.zeros((1, 5, 6, 1)), np.eye(4)), LABELS, (8, 8, 1), diameter)


@pytest.mark.parametrize(
    ("classes", "names"),
    [((REST,), "none"), ((REST, LabelClass("tumour", (2,), "", thing=True)), "none"),
     ((*LABELS.classes, replace(CELL, name="nucleus", ids=(2,))), "cell, nucleus")],
)  # fmt: skip
def test_a_diameter_is_of_one_class(classes, names: str):
    with pytest.raises(InputError, match=f"this model has {names}"):
        learnt_diameter(LabelMap(classes), 2)
