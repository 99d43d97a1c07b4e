"""What is in memory is scored as its files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import volseg as vs


def test_clouds_in_memory_are_scored_as_their_files(world: Path) -> None:
    vs.segment("tile.laz", "labelled.laz", model="runs/boxes")
    files = vs.evaluate("labelled.laz", "tile.laz", model="runs/boxes")
    clouds = vs.evaluate(vs.read("labelled.laz"), vs.read("tile.laz"), model="runs/boxes")
    assert files.confusion is not None
    assert clouds.confusion is not None
    np.testing.assert_array_equal(files.confusion.counts, clouds.confusion.counts)
    assert files.iou.keys() == {"ground", "building"}
    assert clouds.mean_iou == files.mean_iou < 1


def test_volumes_in_memory_are_scored_as_their_files(world: Path) -> None:
    vs.segment("t1.nii.gz", "case_000.nii.gz", model="runs/balls")
    pair = ("case_000.nii.gz", "labels/case_000.nii.gz")
    files = vs.evaluate(*pair, labels="balls.yaml", tolerance=1.0)
    there = [vs.read(path, labels=True) for path in pair]
    found = vs.evaluate(*there, labels="balls.yaml", tolerance=1.0)
    assert (found.dice, found.iou) == (files.dice, files.iou)
    assert found.mean_dice == found.dice["ball"] < 1
    assert found.summaries is not None
    assert files.summaries is not None
    assert found.summaries["ball"] == files.summaries["ball"]


def test_one_bad_file_costs_its_pair_alone(world: Path) -> None:
    Path("labels/case_001.nii.gz").write_bytes(b"no volume")
    found = vs.evaluate("labels", "balls/labelsTr")
    assert [error.path for error in found.failed] == [Path("labels/case_001.nii.gz")]
    assert (len(found.cases), found.total, found.mean_dice) == (3, 4, 1.0)


def test_what_cannot_be_compared_is_refused(world: Path) -> None:
    cloud, volume = vs.read("tile.laz"), vs.read("labels/case_000.nii.gz", labels=True)
    with pytest.raises(vs.InputError, match="cannot compare PointCloud and Volume"):
        vs.evaluate(cloud, volume)
    with pytest.raises(vs.InputError, match="3,999 labels for 4,000 points"):
        vs.evaluate(cloud.take(np.arange(3999)), cloud)
    with pytest.raises(vs.InputError, match="lie on other grids"):
        vs.evaluate(volume, vs.Volume(volume.array[:, 1:], volume.affine))
    with pytest.raises(vs.InputError, match="wanted integers"):
        vs.evaluate(vs.read("t1.nii.gz"), volume)
