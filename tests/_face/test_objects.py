"""Objects through the face: `vs.evaluate(..., objects=True)`."""

from __future__ import annotations

from pathlib import Path

import nibabel
import numpy as np
import pytest
import torch
from PIL import Image

import volseg as vs
from tests.conftest import BALLS
from volseg.config import VolumeConfig, load_config
from volseg.models.load import save_model, volume_model
from volseg.models.nets import build_net
from volseg.predict.volumes.model import VolumeModel

IDS = np.zeros((9, 9), np.uint8)
IDS[1:4, 1:4], IDS[5:8, 5:8] = 1, 2


def test_label_images_and_scans_are_compared_by_their_ids(tmp_path: Path) -> None:
    for side in "pt":
        (tmp_path / side).mkdir()
        Image.fromarray(IDS).save(tmp_path / side / "a.png")
    found = vs.evaluate(tmp_path / "p", tmp_path / "t", objects=True, distance=2)
    assert found.scores().tp.tolist() == [1, 2]
    assert (found.total, found.failed, found.alone) == (1, (), ())
    ids = np.array([0, 1, 1, 2])
    cloud = vs.PointCloud(np.arange(12.0).reshape(4, 3), labels=ids.clip(0, 1), instances=ids)
    vs.write(tmp_path / "a.las", cloud)
    again = vs.evaluate(tmp_path / "a.las", tmp_path / "a.las", objects=True)
    assert again.scores().tp.tolist() == [1, 2]


def test_clouds_and_volumes_in_memory_are_compared_too() -> None:
    ids = np.array([0, 1, 1, 2])
    cloud = vs.PointCloud(np.arange(12.0).reshape(4, 3), labels=ids.clip(0, 1), instances=ids)
    split = cloud.with_instances(np.array([0, 1, 3, 2]))
    found = vs.evaluate(split, cloud, objects=True, distance=9)
    assert (found.scores().tp.tolist(), found.scores().split.tolist()) == ([1, 1], [0, 1])
    assert found.detection(1).tp == 2
    volume = vs.Volume(IDS[None, ..., None], np.eye(4))
    assert vs.evaluate(volume, volume, objects=True).scores().tp.tolist() == [1, 2]
    bare = vs.PointCloud(cloud.xyz, labels=cloud.labels)
    for pair, words in (
        ((bare, cloud), "no labels or no instances"),
        ((cloud.take(ids > 0), cloud), "3 points for 4; wanted the same points"),
        ((cloud, volume), "cannot compare PointCloud and Volume"),
        ((vs.Volume(IDS[None, :8, :, None], np.eye(4)), volume), "on other grids"),
    ):
        with pytest.raises(vs.InputError, match=words):
            vs.evaluate(*pair, objects=True)


def test_where_nothing_can_be_compared_the_first_reason_is_raised(tmp_path: Path) -> None:
    vs.write(tmp_path / "a.las", vs.PointCloud(np.eye(3), labels=np.array([1, 1, 2])))
    with pytest.raises(vs.InputError, match="has no ids of objects"):
        vs.evaluate(tmp_path / "a.las", tmp_path / "a.las", objects=True)


@pytest.fixture
def net(tmp_path: Path) -> Path:
    """A model of volumes that has learnt nothing, whose ball is a thing."""
    torch.manual_seed(0)
    path = tmp_path / "balls.yaml"
    path.write_text(BALLS.replace("ball: { ids: [1] }", "ball: { ids: [1], thing: true }"))
    config = load_config(path)
    assert isinstance(config, VolumeConfig)
    file = tmp_path / "balls.safetensors"
    save_model(file, config.model_spec(), build_net(config).state_dict(), {})
    return file


def test_arrays_and_files_of_volumes_have_ids_of_objects(net: Path, tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=(16, 16, 8)).astype(np.float32)
    model = vs.load(net)
    assert isinstance(model, VolumeModel)
    ids = vs.segment(array, model=model, objects=True)
    classes = vs.segment(array, model=model)
    assert np.array_equal(ids > 0, classes == 1)
    assert ids.max() >= 1
    nibabel.save(nibabel.Nifti1Image(array, np.eye(4)), tmp_path / "a.nii")
    files = vs.segment(tmp_path / "a.nii", tmp_path / "o.nii", model=model, objects=True)
    assert [file.name for file in files] == ["o.nii", "o.objects.csv"]
    found = vs.evaluate(files[0], files[0], objects=True)
    assert found.scores().tp[1] == ids.max()


def test_a_model_without_things_has_none(tmp_path: Path) -> None:
    (tmp_path / "balls.yaml").write_text(BALLS)
    config = load_config(tmp_path / "balls.yaml")
    assert isinstance(config, VolumeConfig)
    model = volume_model(config.model_spec(), [build_net(config)], torch.device("cpu"))
    with pytest.raises(vs.InputError, match="knows no things"):
        vs.segment(np.zeros((16, 16, 8)), model=model, objects=True)
    with pytest.raises(vs.InputError, match="knows no things"):
        vs.segment(tmp_path / "a.nii", tmp_path / "o.nii", model=model, objects=True)
