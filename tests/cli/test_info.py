"""``volseg info``: facts about a scan or a volume."""

from __future__ import annotations

import json
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


def test_a_label_map_shows_place_range_and_values(cli: Callable[..., Any], tmp_path: Path) -> None:
    import nibabel as nib

    array = np.zeros((4, 5, 10), np.uint8)
    array[0] = 3
    nib.save(nib.Nifti1Image(array, np.diag((-0.5, -0.5, 2, 1))), tmp_path / "a.nii.gz")
    lines = squeezed(cli("info", tmp_path / "a.nii.gz").out)
    assert lines[0] == "a.nii.gz NIfTI, 4 x 5 x 10 voxels, uint8"
    assert {"spacing 0.5 x 0.5 x 2 mm", "orientation LPS", "0 0 3", "3 50 25.0%"} <= set(lines)


def test_an_oblique_image_of_broken_values(cli: Callable[..., Any], tmp_path: Path) -> None:
    import nibabel as nib

    affine = np.eye(4)
    affine[0, 1] = 0.5
    array = np.full((4, 5, 6), np.nan, np.float32)
    nib.save(nib.Nifti1Image(array, affine), tmp_path / "a.nii")
    lines = squeezed(cli("info", tmp_path / "a.nii").out)
    assert {"orientation RAS, oblique by 26.6 degrees", "0 - -"} <= set(lines)
    assert "120 values are NaN or infinite" in lines


def test_files_of_no_known_format_and_fields_of_a_volume(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    for name in ("a.xyw", "a.png"):
        (tmp_path / name).write_bytes(b"?")
    outcome = cli("info", tmp_path / "a.xyw")
    assert outcome.code == 2
    assert "'.xyw' is no format volseg knows" in outcome.err
    assert ".laz" in outcome.err
    assert ".nii.gz" in outcome.err
    outcome = cli("info", tmp_path)
    assert outcome.code == 2
    assert "is a folder without DICOM files; name a file in it" in outcome.err
    outcome = cli("info", tmp_path / "a.png", "--label-field", "x")
    assert outcome.code == 2
    assert "leave --label-field out" in outcome.err


def test_what_is_odd_about_a_header_is_said_once(cli: Callable[..., Any], tmp_path: Path) -> None:
    path = tmp_path / "a.las"
    cloud = PointCloud(np.eye(4)[:, :3], {"width": np.arange(4), "depth": np.arange(4)})
    write(path, cloud)
    path.write_bytes(path.read_bytes().replace(b"width", bytes(5)).replace(b"depth", bytes(5)))
    outcome = cli("info", path)
    assert outcome.code == 0
    assert "extra_1 (int64), extra_2 (int64)" in outcome.out
    assert outcome.err.count("\n") == 1
    assert "a.las: extra dimension 1 has no name and goes by 'extra_1'; extra" in outcome.err


def test_of_many_files_one_that_cannot_be_read_costs_itself_alone(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    for name in ("a.ply", "c.xyz"):
        write(tmp_path / name, PointCloud(np.eye(3), labels=np.array([2, 2, 6])))
    (tmp_path / "b.laz").write_bytes(b"LASF")
    names = ("a.ply", "b.laz", "missing.pcd", "notes.md", "c.xyz")
    outcome = cli("info", *(tmp_path / name for name in names))
    assert outcome.code == 2
    assert outcome.out.count("3 points") == 2
    errors = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 3
    assert all(name in line for name, line in zip(names[1:4], errors, strict=True))
    last = "2 of 5 files done, 3 failed: b.laz, missing.pcd, notes.md"
    assert outcome.err.splitlines()[-1] == last


def test_facts_are_json_too(
    cli: Callable[..., Any], boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    write(tmp_path / "a.laz", boxes(0))
    done = cli("info", tmp_path / "a.laz", tmp_path / "none.laz", "--json")
    assert done.code == 2
    (facts,) = json.loads(done.out)
    assert (facts["points"], facts["header"]["version"][:6]) == (4000, "LAS 1.")
    assert "version  LAS 1." in cli("info", tmp_path / "a.laz").out
