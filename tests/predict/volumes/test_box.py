"""A box alone: what is in it is segmented as if it were all there is, what is around is nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from volseg.data.volumes.channel import Channel
from volseg.errors import InputError
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.geometry.volume import Volume
from volseg.nn import UNet
from volseg.predict.volumes.box import label_box, parse_box
from volseg.predict.volumes.model import VolumeModel

AFFINE = np.array([[0, -1.0, 0, 9], [1.0, 0, 0, -4], [0, 0, 1.0, 5], [0, 0, 0, 1.0]])


@pytest.fixture(scope="module")
def model() -> VolumeModel:
    torch.manual_seed(0)
    return VolumeModel(
        nets=(UNet(3, 1, 2, (4,), norm="instance"),),
        labels=LabelMap((LabelClass("air", (3,), "#000000"), LabelClass("organ", (7,), "#FFFFFF"))),
        spacing=(1.0, 1.0, 1.0),
        channels=(Channel(),),
        patch=(8, 8, 8),
        device=torch.device("cpu"),
    )


@pytest.fixture
def volume() -> Volume:
    array = np.random.default_rng(0).normal(size=(1, 12, 11, 10)).astype(np.float32)
    return Volume(array, AFFINE)


def test_all_of_it_is_the_whole(model: VolumeModel, volume: Volume) -> None:
    labels = label_box(model, volume, parse_box(":,0:,:99"))
    np.testing.assert_array_equal(labels, model.label(volume))


def test_a_box_is_segmented_as_a_file_of_its_own(model: VolumeModel, volume: Volume) -> None:
    likely = np.zeros((2, *volume.grid))
    labels = label_box(model, volume, parse_box("2:11,:9,1:"), probabilities=likely)
    standard = (volume.array - volume.array.mean()) / volume.array.std()
    affine = AFFINE.copy()
    affine[:, 3] = AFFINE @ (2, 0, 1, 1)
    part = Volume(standard[:, 2:11, :9, 1:], affine)
    inside = np.zeros((2, *part.grid))
    alone = replace(model, channels=(Channel("none"),)).label(part, probabilities=inside)
    np.testing.assert_array_equal(labels[2:11, :9, 1:], alone)
    np.testing.assert_allclose(likely[:, 2:11, :9, 1:], inside, atol=1e-5)
    labels[2:11, :9, 1:] = likely[:, 2:11, :9, 1:] = 0
    assert not likely.any()
    assert np.unique(labels).tolist() == [0, model.labels.nothing]


@pytest.mark.parametrize("text", ["", "1:2,3:4", "a:b,:,:", "5:2,:,:", "-1:,:,:", "1:2:3,:,:"])
def test_what_is_no_box_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="wanted FIRST:END along each of three axes"):
        parse_box(text)


def test_a_box_beside_the_volume_is_refused(model: VolumeModel, volume: Volume) -> None:
    with pytest.raises(InputError, match=r"grid 12 x 11 x 10, in which --roi holds no voxel"):
        label_box(model, volume, parse_box("12:,:,:"))
