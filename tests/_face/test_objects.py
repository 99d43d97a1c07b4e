"""Objects through the face: `vs.evaluate(..., objects=True)`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import volseg as vs

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
