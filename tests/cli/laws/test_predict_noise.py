"""Noise in scans on the command line: what is written, said and refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import read, write

DEEP, HIGH = slice(0, 5), slice(5, 6)


@pytest.fixture
def dirty(boxes: Callable[..., PointCloud]) -> PointCloud:
    """A plane with boxes on it, five points deep below it and one high above."""
    cloud = boxes(3)
    low, high = cloud.xyz.min(axis=0), cloud.xyz.max(axis=0)
    cloud.xyz[DEEP] = np.array((low + high) / 2) + np.linspace((0, 0, -9), (1, 1, -8.5), 5)
    cloud.xyz[HIGH] = (low + high) / 2 + (0, 0, 900)
    return cloud


@pytest.mark.parametrize("name", ["a.laz", "a.ply", "a.csv"])
def test_noise_is_counted_and_written_as_7_and_18_if_asked_for(
    cli: Callable[..., Any], run_folder: Path, tmp_path: Path, dirty: PointCloud, name: str
) -> None:
    write(tmp_path / name, dirty)
    for option, classes in (((), (0, 0)), (("--noise",), (7, 18))):
        out = tmp_path / f"out{len(option)}"
        outcome = cli("predict", run_folder, tmp_path / name, "-o", out, "--confidence", *option)
        assert outcome.code == 0, outcome
        said = "6 points (0.15%) are noise, below the ground or high above it"
        assert f"{name}: {said}" in outcome.err.replace("\n", " ")
        made = read(out / name)
        assert made.labels is not None
        for rows, raw in zip((DEEP, HIGH), classes, strict=True):
            assert (made.labels[rows] == raw).all()
            assert (made.attributes["confidence"][rows] == 0).all()
        assert set(np.unique(made.labels[6:])) <= {2, 6}


def test_all_points_are_segmented_if_asked_for(
    cli: Callable[..., Any], run_folder: Path, tmp_path: Path, boxes: Callable[..., PointCloud]
) -> None:
    source = tmp_path / "a.laz"
    write(source, boxes(3))
    scan = laspy.read(source)
    scan.classification[::9] = 18
    scan.withheld[1::9] = 1
    scan.write(source)
    for option, kept in (((), True), (("--all-points",), False)):
        out = tmp_path / f"out{len(option)}"
        assert cli("predict", run_folder, source, "-o", out, *option).code == 0
        labels = read(out / "a.laz").labels
        assert labels is not None
        assert (labels[::9] == 18).all() == kept
        assert (labels[1::9] == scan.classification[1::9]).all() == kept
    assert set(np.unique(labels)) == {2, 6}
