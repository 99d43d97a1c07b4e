"""``volseg voxelize``: grids that lead every point home."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import read, read_grid, write


@pytest.mark.parametrize("size", [0.2, 1.0, 1000.0])
def test_every_point_finds_its_voxel(
    cli: Callable[..., Any], scene_folder: Path, tmp_path: Path, size: float
) -> None:
    outcome = cli(
        "voxelize", scene_folder / "a.laz", "-o", tmp_path / "a.npz", "--voxel-size", size
    )
    assert outcome.code == 0
    grid, fields = read_grid(tmp_path / "a.npz")
    cloud = read(scene_folder / "a.laz")
    assert grid.size == size
    assert np.abs(grid.centres()[grid.inverse] - cloud.xyz).max() <= size / 2 + 1e-9
    np.testing.assert_array_equal(np.bincount(grid.inverse), grid.counts)
    assert cloud.labels is not None
    np.testing.assert_array_equal(fields["labels"], grid.majority(cloud.labels))
    np.testing.assert_array_equal(
        fields["mean_intensity"], grid.mean(cloud.attributes["intensity"])
    )


def test_several_scans_go_to_a_folder(
    cli: Callable[..., Any], scene_folder: Path, tmp_path: Path
) -> None:
    outcome = cli("voxelize", scene_folder, "-o", tmp_path / "new" / "grids", "--voxel-size", 0.5)
    assert outcome.code == 0
    names = sorted(one.name for one in (tmp_path / "new" / "grids").iterdir())
    assert names == ["a.npz", "b.npz"]
    for name in names:
        assert len(read_grid(tmp_path / "new" / "grids" / name)[0].inverse) == 4000
        assert name.removesuffix("npz") in outcome.out


def test_a_size_is_metres_whatever_the_unit(cli: Callable[..., Any], tmp_path: Path) -> None:
    from volseg.demo import scan_path

    assert cli("voxelize", scan_path(), "-o", tmp_path / "a.npz", "--voxel-size", 2).code == 0
    grid, _ = read_grid(tmp_path / "a.npz")
    metres = read(scan_path()).metres()
    assert np.abs(grid.centres()[grid.inverse] - metres).max() <= 1 + 1e-9


def test_existing_grids_stay_unless_told(
    cli: Callable[..., Any], refused: Callable[..., str], scene_folder: Path, tmp_path: Path
) -> None:
    command = ("voxelize", scene_folder / "a.laz", "-o", tmp_path / "a.npz", "--voxel-size")
    assert cli(*command, 1).code == 0
    assert "a.npz: exists already; pass --overwrite" in refused(*command, 2)
    assert cli(*command, 2, "--overwrite").code == 0
    assert read_grid(tmp_path / "a.npz")[0].size == 2


def test_several_scans_do_not_fit_one_file(
    refused: Callable[..., str], scene_folder: Path, tmp_path: Path
) -> None:
    said = refused("voxelize", scene_folder, "-o", tmp_path / "a.npz", "--voxel-size", 1)
    assert "one file for 2 scans" in said


def test_two_scans_of_one_name_are_refused(
    refused: Callable[..., str], tmp_path: Path, boxes: Callable[..., PointCloud]
) -> None:
    for name in ("a.laz", "a.ply"):
        write(tmp_path / name, boxes(0, 80))
    said = refused("voxelize", tmp_path, "-o", tmp_path / "grids", "--voxel-size", 1)
    assert "a.laz" in said
    assert "a.ply" in said


def test_a_grid_does_not_replace_its_scan(
    refused: Callable[..., str], tmp_path: Path, boxes: Callable[..., PointCloud]
) -> None:
    write(tmp_path / "a.npz", boxes(0, 80))
    scan = tmp_path / "a.npz"
    said = refused("voxelize", scan, "-o", scan, "--voxel-size", 1, "--overwrite")
    assert "would replace the scan itself" in said
