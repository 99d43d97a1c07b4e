"""What a scan must have to be trained on, and what tells one way to prepare it from another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from volseg.data.scans.source import ScanSource
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.labels import IGNORE, LabelClass, LabelMap

GROUND = LabelClass("ground", (2,), "#000000")
CAR = LabelClass("car", (65,), "#000000", grouping="centre")


def source(*classes: LabelClass) -> ScanSource:
    return ScanSource(Path("a.laz"), "a", LabelMap(classes), None, (), 4.0)


def test_truth_is_classes_and_objects() -> None:
    cloud = PointCloud(np.eye(3), {}, np.array([2, 65, 65]), instances=np.array([4, 9, 0]))
    classes, instances = source(GROUND, CAR).truth(cloud)
    assert classes.tolist() == [0, 1, 1]
    assert instances is not None
    assert instances.tolist() == [4, 9, 0]
    loose, _ = replace(source(GROUND, CAR), ignore_loose=True).truth(cloud)
    assert loose.tolist() == [0, 1, IGNORE]
    plain = source(GROUND, replace(CAR, grouping=None, thing=False))
    assert plain.truth(replace(cloud, instances=None))[1] is None


@pytest.mark.parametrize(
    ("cloud", "words"),
    [
        (PointCloud(np.eye(3), {"echo": np.ones(3)}), "no label field.*fields: echo"),
        (PointCloud(np.eye(3), {}, np.full(3, 65)), "no ids of objects"),
        (PointCloud(np.eye(3), {"treeID": -np.ones(3)}, np.full(3, 65)), "-1, which is no id"),
    ],
)
def test_what_a_scan_lacks_is_one_line(cloud: PointCloud, words: str) -> None:
    with pytest.raises(InputError, match=words):
        source(GROUND, CAR).truth(cloud)


def test_another_way_to_prepare_is_another_entry() -> None:
    plain = source(GROUND, replace(CAR, grouping=None, thing=False))
    ways = [plain, source(GROUND, CAR), replace(source(GROUND, CAR), ignore_loose=True)]
    assert len({one.entry for one in ways}) == 3
    assert source(GROUND, replace(CAR, scale=3.0)).entry == ways[1].entry
