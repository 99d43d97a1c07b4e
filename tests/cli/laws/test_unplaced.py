"""Beams that never came back, and labels nobody gave, in every command that takes scans."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import read, read_grid, write

GONE = slice(None, None, 40)


@pytest.fixture(params=["a.ply", "a.csv", "a.pcd"])
def holed(request: pytest.FixtureRequest, tmp_path: Path, boxes: Callable[..., PointCloud]) -> Path:
    """A scan of 4,000 points, 100 of which have no coordinates."""
    cloud = boxes(1)
    cloud.xyz[GONE] = np.nan
    write(tmp_path / request.param, cloud)
    return tmp_path / request.param


def test_predict_segments_the_rest_as_if_they_were_not_there(
    cli: Callable[..., Any], run_folder: Path, tmp_path: Path, holed: Path
) -> None:
    source = read(holed)
    write(tmp_path / "rest.ply", source.only_placed())
    outcome = cli("predict", run_folder, holed, "-o", tmp_path / "out", "--confidence")
    assert outcome.code == 0
    assert f"{holed.name}: 100 of 4,000 points have no coordinates" in outcome.err
    assert "the 100 points without coordinates have the class they had" in outcome.err
    assert cli("predict", run_folder, tmp_path / "rest.ply", "-o", tmp_path / "out").code == 0
    found, rest = read(tmp_path / "out" / holed.name), read(tmp_path / "out" / "rest.ply")
    np.testing.assert_array_equal(found.xyz, source.xyz)
    np.testing.assert_array_equal(found.labels[source.placed], rest.labels)
    np.testing.assert_array_equal(found.labels[GONE], source.labels[GONE])
    assert (found.attributes["confidence"][GONE] == 0).all()


def test_every_other_command_shows_or_leaves_them_out(
    cli: Callable[..., Any], config_file: Path, tmp_path: Path, holed: Path
) -> None:
    assert "100 points have no coordinates (NaN or infinite)" in cli("info", holed).out
    assert cli("voxelize", holed, "-o", tmp_path / "v.npz", "--voxel-size", 1).code == 0
    grid, _ = read_grid(tmp_path / "v.npz")
    assert np.array_equal(grid.inverse < 0, ~read(holed).placed)
    assert (grid.to_points(grid.counts)[GONE] == 0).all()
    assert cli("view", tmp_path / "v.npz", "--screenshot", tmp_path / "v.png").code == 0
    assert cli("view", holed, "--screenshot", tmp_path / "a.png").code == 0
    outcome = cli("evaluate", holed, holed)
    assert "overall accuracy 1.000" in outcome.out
    (tmp_path / "data").mkdir()
    holed.rename(tmp_path / "data" / f"b{holed.suffix}")
    write(tmp_path / "data" / "a.ply", read(tmp_path / "data" / f"b{holed.suffix}"))
    change = ("--set", "train.epochs=1", "--set", "train.steps=1")
    command = ("train", config_file, "--data", tmp_path / "data", "--out", tmp_path / "r")
    outcome = cli(*command, *change)
    assert outcome.code == 0, outcome.err


def test_truth_that_is_nan_counts_nowhere_and_half_a_class_is_named(
    cli: Callable[..., Any], tmp_path: Path, boxes: Callable[..., PointCloud]
) -> None:
    cloud = boxes(1)
    floats = cloud.labels.astype(np.float32)  # type: ignore[union-attr]
    floats[::4] = np.nan
    write(tmp_path / "t.ply", PointCloud(cloud.xyz, {"scalar_Label": floats}))
    write(tmp_path / "p.ply", cloud)
    outcome = cli("evaluate", tmp_path / "p.ply", tmp_path / "t.ply")
    assert outcome.code == 0
    assert "overall accuracy 1.000" in outcome.out
    assert [line.split()[-1] for line in outcome.out.splitlines()[1:3]] == [
        f"{(cloud.labels[floats == raw]).size:,}"  # type: ignore[index]
        for raw in (2, 6)
    ]
    floats[5] = 2.5
    write(tmp_path / "h.ply", PointCloud(cloud.xyz, {"scalar_Label": floats}))
    outcome = cli("evaluate", tmp_path / "p.ply", tmp_path / "h.ply")
    assert outcome.code == 2
    assert "h.ply: field 'scalar_Label' holds 2.5" in outcome.err
