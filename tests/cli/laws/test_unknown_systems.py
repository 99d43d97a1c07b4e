"""Coordinate systems that nobody understands: shown always, and used once the user names one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest

from volseg.geometry import PointCloud
from volseg.io import read, read_grid, write
from volseg.io.scans import pieces

FEET = 1200 / 3937
BROKEN = ("laz", "npz")


@pytest.fixture
def feet(tmp_path: Path, boxes: Callable[..., PointCloud]) -> Callable[[str], Path]:
    """A scan in US survey feet that says so in words, and one whose words are broken."""
    cloud, system = boxes(0), pyproj.CRS.from_epsg(2225).to_wkt()
    cloud = replace(cloud, xyz=cloud.xyz / FEET, crs=system, metres_per_unit=(FEET,) * 3)

    def make(kind: str) -> Path:
        path = tmp_path / f"broken.{kind}"
        write(path, cloud)
        write(tmp_path / f"good.{kind}", cloud)
        if kind == "npz":
            arrays = dict(np.load(path))
            np.savez(path, **arrays | {"crs": np.array(str(arrays["crs"])[:90])})
        else:
            head = path.read_bytes()
            start = head.index(b"PROJ")
            path.write_bytes(head[:start] + b"]" + head[start + 1 :])
        return path

    return make


@pytest.mark.parametrize("kind", BROKEN)
def test_info_and_pictures_show_it(cli: Callable[..., Any], feet: Any, kind: str) -> None:
    path = feet(kind)
    told = cli("info", path)
    assert told.code == 0
    assert "cannot be understood" in told.out
    assert "units  unknown" in told.out
    picture = path.with_name("a.png")
    seen = cli("view", path, "--screenshot", picture)
    assert seen.code == 0
    assert "cannot be understood" in seen.err
    assert picture.exists()


@pytest.mark.parametrize("kind", BROKEN)
@pytest.mark.parametrize("option", [("--crs", "EPSG:2225"), ("--units", "us-ft")])
@pytest.mark.parametrize("piece", [10**6, 1500])
def test_predictions_are_those_of_a_scan_whose_system_is_understood(
    cli: Callable[..., Any],
    refused: Callable[..., str],
    run_folder: Path,
    feet: Any,
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    option: tuple[str, str],
    piece: int,
) -> None:
    path = feet(kind)
    monkeypatch.setattr(pieces, "PIECE", piece)
    good, out = path.with_name(f"good.{kind}"), path.with_name("out")
    line = refused("predict", run_folder, path, "-o", out)
    assert "--crs EPSG:NUMBER" in line
    assert "--units m, ft or us-ft" in line
    assert cli("predict", run_folder, good, "-o", out, "--confidence").code == 0
    outcome = cli("predict", run_folder, path, "-o", out, "--confidence", "--preview", *option)
    assert outcome.code == 0, outcome
    wanted, found = read(out / good.name), read(out / path.name)
    np.testing.assert_array_equal(found.labels, wanted.labels)
    np.testing.assert_array_equal(found.attributes["confidence"], wanted.attributes["confidence"])
    assert found.crs_problem == read(path).crs_problem


@pytest.mark.parametrize("kind", BROKEN)
def test_voxels_and_training_take_the_option_too(
    cli: Callable[..., Any], refused: Callable[..., str], config_file: Path, feet: Any, kind: str
) -> None:
    path = feet(kind)
    grids, scans, run = (path.with_name(name) for name in ("grids", "scans", "run"))
    scans.mkdir()
    path.rename(scans / path.name)
    path = scans / path.name
    order = ("voxelize", path, "-o", grids, "--voxel-size", 0.5)
    assert "--units" in refused(*order)
    assert cli(*order, "--units", "us-ft").code == 0
    grid, _ = read_grid(grids / "broken.npz")
    extent = np.ptp(read(path).xyz, axis=0) * FEET / 0.5
    assert (np.abs(np.array(grid.shape) - extent) <= 1.01).all()
    order = ("train", config_file, "--data", scans, "--out", run, "--device", "cpu")
    order = (*order, "--set", "train.steps=1", "--epochs", 1)
    few = ("--set", f"data.include=[broken.{kind}]", "--set", "data.validation=0")
    assert "--crs" in refused(*order, *few)
    assert cli(*order, *few, "--crs", "EPSG:2225").code == 0
    assert "EPSG:2225" in (run / "config.yaml").read_text()


def test_degrees_without_a_system_are_refused(
    refused: Callable[..., str],
    cli: Callable[..., Any],
    run_folder: Path,
    config_file: Path,
    tmp_path: Path,
    boxes: Callable[..., PointCloud],
) -> None:
    cloud = boxes(0)
    low = cloud.xyz.min(axis=0)
    degrees = (cloud.xyz - low) * (1.4e-5, 9e-6, 1) + (11.6, 48.1, 0)
    (tmp_path / "scans").mkdir()
    path = tmp_path / "scans/a.ply"
    write(path, replace(cloud, xyz=degrees))
    assert cli("info", path).code == 0
    for order in (
        ("predict", run_folder, path, "-o", tmp_path / "out"),
        ("voxelize", path, "-o", tmp_path / "out", "--voxel-size", 0.5),
        ("train", config_file, "--data", path.parent, "--out", tmp_path / "run")
        + ("--set", "data.validation=0"),
    ):
        assert "in degrees" in refused(*order)
