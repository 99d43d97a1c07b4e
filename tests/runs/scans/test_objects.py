"""Scales of things are measured on the training scans where a config names none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from volseg.config import NetSpec, ScanConfig
from volseg.data.scans.store import CachedScan
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io.scans.files import write
from volseg.runs.scans.objects import with_pyramid, with_scales
from volseg.runs.scans.splits import load_split


def config(**tree: object) -> ScanConfig:
    entry = {"ids": 5, "grouping": "centre", "axes": "xy"} | tree
    classes = {"ground": {"ids": 2}, "tree": entry}
    return ScanConfig.model_validate(
        {
            "labels": {"classes": classes},
            "voxels": {"size": 0.5},
            "data": {"validation": 0.0, "ignore_loose": True},
            "train": {"crop": 8.0},
        }
    )


@pytest.fixture
def scans(tmp_path: Path) -> Callable[[ScanConfig], list[CachedScan]]:
    random = np.random.default_rng(0)
    of = random.integers(0, 4, 4000)
    xyz = random.normal(0, (0.3, 0.4, 3.0), (4000, 3)) + np.column_stack((6 * of, of, of * 0))
    labels = np.where(of > 0, 5, 2)
    write(tmp_path / "a.laz", PointCloud(xyz, {}, labels, instances=np.where(of > 1, of, 0)))
    return lambda config: load_split(config, tmp_path, tmp_path / "cache")[0]


def test_a_scale_is_measured_or_taken(scans: Callable[[ScanConfig], list[CachedScan]]) -> None:
    measured = with_scales(config().labels, scans(config()))
    assert measured.classes["tree"].scale == pytest.approx(0.5, rel=0.1)
    given = config(scale=9.0)
    assert with_scales(given.labels, []) is given.labels


def test_loose_points_of_things_count_nowhere(
    scans: Callable[[ScanConfig], list[CachedScan]],
) -> None:
    [scan] = scans(config())
    counts = scan.columns.counts
    assert counts[1] == (scan.object_table().counts).sum()
    loose = config()
    loose = loose.model_copy(update={"data": loose.data.model_copy(update={"ignore_loose": False})})
    assert scans(loose)[0].columns.counts[1] > counts[1]


def test_no_objects_is_one_line(tmp_path: Path) -> None:
    xyz = np.random.default_rng(0).random((50, 3)) * 9
    write(tmp_path / "a.laz", PointCloud(xyz, {}, np.full(50, 5), instances=np.zeros(50)))
    write(tmp_path / "b.ply", PointCloud(xyz, {}, np.full(50, 5)))
    both = config()
    with pytest.raises(InputError, match=r"b\.ply: the scan has no ids of objects.*'treeID'"):
        load_split(both, tmp_path, tmp_path / "cache")
    (tmp_path / "b.ply").unlink()
    plain = both.model_copy(update={"data": both.data.model_copy(update={"ignore_loose": False})})
    with pytest.raises(InputError, match="no object of class 'tree'"):
        with_scales(plain.labels, load_split(plain, tmp_path, tmp_path / "cache")[0])


def test_ways_are_summed_over_stages_unless_forbidden() -> None:
    plain, taught = config(grouping="components", axes=None), config()
    assert with_pyramid(plain) is plain
    summed = with_pyramid(taught)
    assert summed.net.pyramid == 4
    assert with_pyramid(summed) == summed
    forbidden = taught.model_copy(update={"net": NetSpec(pyramid=0)})
    assert with_pyramid(forbidden) is forbidden
