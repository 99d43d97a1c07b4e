"""``--columns`` in the commands that read scans."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import read, write


@pytest.fixture
def survey(tmp_path: Path, boxes: Callable[..., PointCloud]) -> Path:
    """A table of a counter, northing, easting, height and class, which says nothing of it."""
    cloud = boxes(1)
    x, y, z = cloud.xyz.T
    rows = np.stack((np.arange(len(cloud)), y, x, z, cloud.labels), axis=1)  # type: ignore[arg-type]
    np.savetxt(tmp_path / "b.csv", rows, ["%d", "%.3f", "%.3f", "%.3f", "%d"], ",")
    write(tmp_path / "b.ply", cloud)
    return tmp_path / "b.csv"


COLUMNS = ("--columns", "n, northing,easting,z,class")


def test_prediction_is_that_of_the_same_points(
    cli: Callable[..., Any], run_folder: Path, tmp_path: Path, survey: Path
) -> None:
    out = tmp_path / "out"
    assert cli("predict", run_folder, survey, "-o", out, *COLUMNS).code == 0
    assert cli("predict", run_folder, tmp_path / "b.ply", "-o", out).code == 0
    labels = np.loadtxt(out / "b.csv", delimiter=",", usecols=4)
    np.testing.assert_array_equal(labels, read(out / "b.ply").labels)
    refused = cli("predict", run_folder, tmp_path / "b.ply", "-o", out, *COLUMNS, "--overwrite")
    assert refused.code == 2
    assert "--columns goes with text" in refused.err


def test_other_commands_take_them_too(
    cli: Callable[..., Any], config_file: Path, tmp_path: Path, survey: Path
) -> None:
    shown = cli("info", survey, *COLUMNS).out
    assert "labels in 'class'" in shown
    assert cli("voxelize", survey, "-o", tmp_path / "v.npz", "--voxel-size", 1, *COLUMNS).code == 0
    assert cli("convert", survey, tmp_path / "c.laz", *COLUMNS).code == 0
    found, wanted = read(tmp_path / "c.laz"), read(tmp_path / "b.ply")
    np.testing.assert_allclose(found.xyz, wanted.xyz, rtol=1e-15)
    np.testing.assert_array_equal(found.labels, wanted.labels)
    assert cli("view", survey, "--screenshot", tmp_path / "a.png", *COLUMNS).code == 0
    assert cli("info", survey, "--columns", "x,,z").code == 2
    data = tmp_path / "data"
    data.mkdir()
    survey.rename(data / "b.csv")
    (data / "a.csv").write_bytes((data / "b.csv").read_bytes())
    command = ("train", config_file, "--data", data, "--out", tmp_path / "run", *COLUMNS)
    change = ("--set", "train.epochs=1", "--set", "train.steps=1")
    outcome = cli(*command, *change)
    assert outcome.code == 0, outcome.err


def test_a_counter_is_said(cli: Callable[..., Any], run_folder: Path, survey: Path) -> None:
    outcome = cli("info", survey)
    assert "b.csv: has no header; column 1 counts the points" in outcome.err


def test_evaluate_takes_them_for_text_alone(
    cli: Callable[..., Any], tmp_path: Path, survey: Path
) -> None:
    same = tmp_path / "c.csv"
    same.write_text(survey.read_text())
    for pair in ((same, survey), (tmp_path / "b.ply", survey), (survey, tmp_path / "b.ply")):
        assert cli("evaluate", *pair).code == 2
        found = cli("evaluate", *pair, *COLUMNS)
        assert found.code == 0, found
        assert "overall accuracy 1.000" in found.out
    said = cli("evaluate", tmp_path / "b.ply", tmp_path / "b.ply", *COLUMNS)
    assert said.code == 2
    assert "--columns goes with text" in said.err
