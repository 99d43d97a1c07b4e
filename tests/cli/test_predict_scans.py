"""``volseg predict`` on many scans: what it says, and how it goes on."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import torch
from rich.progress import Task

import volseg
from volseg.config import ScanModelSpec
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.models.load import save_model
from volseg.models.nets import build_net
from volseg_cli.predict_scans import _Speed


def beside(
    folder: Path, boxes: Callable[..., PointCloud], codes: tuple[int, int]
) -> tuple[Path, Path]:
    """Two scans side by side."""
    folder.mkdir()
    for name, step, code in zip("ab", (0, 30), codes, strict=True):
        crs = pyproj.CRS.from_epsg(code).to_wkt()
        cloud = boxes(0, 800)
        write(folder / f"{name}.laz", replace(cloud, xyz=cloud.xyz + (step, 0, 0), crs=crs))
    return folder / "a.laz", folder / "b.laz"


def test_a_tile_in_another_system_than_its_neighbour_is_named(
    cli: Callable[..., Any], run_folder: Path, boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    beside(tmp_path / "in", boxes, (2154, 28992))
    outcome = cli("predict", run_folder, tmp_path / "in", "-o", tmp_path / "out")
    assert outcome.code == 0
    assert "a.laz adjoins b.laz, which names another coordinate system" in outcome.err
    assert "b.laz adjoins a.laz" in outcome.err
    outcome = cli("predict", run_folder, tmp_path / "in" / "a.laz", "-o", tmp_path / "alone")
    assert "adjoins" not in outcome.err
    one, alone = (read(tmp_path / where / "a.laz") for where in ("out", "alone"))
    assert (one.labels == alone.labels).all()


def test_a_scan_beyond_what_the_model_learnt_is_told_on_one_line(
    cli: Callable[..., Any], run_folder: Path, boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "alike.laz", boxes(5))
    write(tmp_path / "in" / "thin.laz", boxes(5).take(np.arange(0, 4000, 20)))
    outcome = cli("predict", run_folder, tmp_path / "in", "-o", tmp_path / "out", "--tta")
    assert outcome.code == 0, outcome
    (line,) = (one for one in outcome.err.splitlines() if "learnt" in one)
    assert re.fullmatch(
        r"thin\.laz: 0\.3\d points a square metre, the model learnt from 6\.\d to 6\.\d: "
        "expect objects to be missed; tta does not help there",
        line,
    )


def test_a_stopped_folder_goes_on_with_the_same_command(
    cli: Callable[..., Any],
    run_folder: Path,
    boxes: Callable[..., PointCloud],
    tmp_path: Path,
    stopped_once: list[int],
) -> None:
    beside(tmp_path / "in", boxes, (2154, 2154))
    command = ("predict", run_folder, tmp_path / "in", "-o", tmp_path / "out")
    outcome = cli(*command)
    assert outcome.code == 130
    assert "the same command goes on where it stopped" in outcome.err
    made = (tmp_path / "out" / "a.laz").stat().st_mtime_ns
    outcome = cli(*command)
    assert outcome.code == 0, outcome
    assert len(stopped_once) == 3
    assert (tmp_path / "out" / "a.laz").stat().st_mtime_ns == made
    rows = {line.split()[0]: line.split()[2] for line in outcome.out.splitlines()[1:]}
    assert rows["a.laz"] == "before"
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["a.laz", "b.laz"]
    # What is done is no run that stopped: it is not replaced without being told.
    assert "exists already" in cli(*command).err


def test_a_network_that_needs_the_whole_scan_says_so(
    cli: Callable[..., Any], scene_folder: Path, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    spec = ScanModelSpec.model_validate(
        {
            "labels": {"classes": {"a": {"ids": [1]}, "b": {"ids": [2]}}},
            "voxels": {"size": 0.5},
            "net": {"widths": [4, 6], "norm": "instance"},
        }
    )
    save_model(tmp_path / "m.safetensors", spec, build_net(spec).state_dict(), {})
    outcome = cli("predict", tmp_path / "m.safetensors", scene_folder, "-o", tmp_path / "out")
    assert outcome.code == 0, outcome
    assert "normalises over whole scans" in outcome.err


def test_speed_is_points_a_second() -> None:
    task = Task(0, "", 100, 0, _get_time=lambda: 0.0)  # type: ignore[arg-type]
    assert str(_Speed().render(task)) == ""
    task.finished_speed = 1234.5
    assert str(_Speed().render(task)) == "1,234 points/s"


def test_folders_within_folders_keep_their_places(
    cli: Callable[..., Any], run_folder: Path, boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    flights = tmp_path / "flights"
    for seed, place in enumerate(("a.ply", "north/a.ply", "north/old/b.ply")):
        (flights / place).parent.mkdir(parents=True, exist_ok=True)
        write(flights / place, boxes(seed, 300))
    out = flights / "out"
    for _ in range(2):  # what was written is no input the second time
        outcome = cli("predict", run_folder, flights, "-o", out, "--overwrite")
        assert outcome.code == 0, outcome
        made = sorted(one.relative_to(out).as_posix() for one in out.rglob("*.ply"))
        assert made == ["a.ply", "north/a.ply", "north/old/b.ply"]
    shutil.rmtree(out)
    (flights / "north" / "a.ply").write_bytes(b"no scan")
    outcome = cli("predict", run_folder, flights, "-o", tmp_path / "again", "--preview")
    assert outcome.code == 2
    assert outcome.err.splitlines()[-1] == "2 of 3 files done, 1 failed: a.ply"
    assert (tmp_path / "again" / "north" / "old" / "b_preview.png").exists()
    scored = cli("evaluate", tmp_path / "again", flights, "--model", run_folder)
    assert scored.code == 0, scored
    grids = cli("voxelize", flights / "north", "-o", tmp_path / "grids", "--voxel-size", 1)
    assert grids.code == 2
    assert (tmp_path / "grids" / "old" / "b.npz").exists()


def test_objects_of_a_bundled_model_have_ids_and_a_table(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    source = Path(volseg.__file__).parent / "demo" / "nebraska.laz"
    outcome = cli("predict", "aerial", source, "-o", tmp_path, "--objects", "--device", "cpu")
    assert outcome.code == 0, outcome
    ids = read(tmp_path / "nebraska.laz").instances
    assert ids is not None
    rows = (tmp_path / "nebraska.objects.csv").read_text().splitlines()
    assert len(rows) - 1 == ids.max() > 0
    assert {row.split(",")[1] for row in rows[1:]} == {"building"}
    assert json.loads((tmp_path / "nebraska.objects.geojson").read_text())["features"]


def test_a_model_without_things_is_one_line(
    cli: Callable[..., Any], run_folder: Path, tmp_path: Path
) -> None:
    write(tmp_path / "a.las", PointCloud(np.eye(3)))
    outcome = cli("predict", run_folder, tmp_path / "a.las", "-o", tmp_path / "out", "--objects")
    assert outcome.code == 2
    assert outcome.err.count("\n") == 1
    assert "knows no things" in outcome.err
