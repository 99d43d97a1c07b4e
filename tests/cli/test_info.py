"""``volseg info``: facts about a scan."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import write


def squeezed(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_tells_points_extent_unit_attributes_and_classes(
    cli: Callable[..., Any], scene_folder: Path
) -> None:
    outcome = cli("info", scene_folder / "a.laz")
    lines = squeezed(outcome.out)
    assert outcome.code == 0
    assert lines[0] == "a.laz LAZ, 4,000 points"
    assert "CRS none named" in lines
    assert "units metres (assumed: the file names no CRS)" in lines
    assert any(line.startswith("x 500,000.") for line in lines)
    assert "intensity (uint16)" in outcome.out
    assert "labels in 'classification'" in lines
    assert "2 2,000 50.0%" in lines
    assert "6 2,000 50.0%" in lines


def test_names_the_crs_and_its_unit(cli: Callable[..., Any]) -> None:
    from volseg.demo import scan_path

    outcome = cli("info", scan_path())
    assert "25,408 points" in outcome.out
    assert "units US survey feet" in squeezed(outcome.out)
    assert "CRS none named" not in squeezed(outcome.out)


def test_another_field_may_hold_the_labels(
    cli: Callable[..., Any], tmp_path: Path, boxes: Callable[..., PointCloud]
) -> None:
    cloud = boxes(0, 80)
    write(tmp_path / "a.ply", replace(cloud, attributes={"gt": np.arange(80) % 2 + 11}))
    lines = squeezed(cli("info", tmp_path / "a.ply", "--label-field", "gt").out)
    assert {"11 40 50.0%", "12 40 50.0%"} <= set(lines)


@pytest.mark.parametrize("points", [0, 1, 4])
@pytest.mark.parametrize("suffix", ["ply", "laz", "npz"])
def test_scans_without_extent_are_told_of(
    cli: Callable[..., Any], tmp_path: Path, points: int, suffix: str
) -> None:
    path = tmp_path / f"small.{suffix}"
    write(path, PointCloud(np.ones((points, 3)), labels=np.full(points, 2)))
    outcome = cli("info", path)
    assert (outcome.code, outcome.err) == (0, "")
    assert f"{points} points" in outcome.out


def test_names_in_brackets_stay_whole(cli: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "a[bold].ply"
    write(path, PointCloud(np.eye(3), {"mean[x]": np.ones(3)}))
    outcome = cli("info", path)
    assert "a[bold].ply" in outcome.out
    assert "mean[x]" in outcome.out
