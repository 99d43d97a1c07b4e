"""Training on scans: what is prepared is shared, and so is a batch."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.config import ScanConfig, load_config
from volseg.errors import ConfigError
from volseg.runs.scans.splits import load_split
from volseg.runs.scans.training import CACHE, build_crops
from volseg.runs.train import train


def test_runs_side_by_side_share_what_is_prepared(
    scene_folder: Path, config_file: Path, tmp_path: Path
) -> None:
    runs = tmp_path / "runs"
    changes = ["train.epochs=1", "train.steps=1", "data.validation=[b.*]"]
    spec = load_config(config_file, changes)
    train(spec, scene_folder, runs / "one", device="cpu")
    made = {path: path.stat().st_mtime_ns for path in (runs / CACHE).rglob("*")}
    assert len(list((runs / CACHE).iterdir())) == 2
    other = load_config(config_file, [*changes, "voxels.size=0.7", "train.crop=30", "seed=3"])
    train(other, scene_folder, runs / "two", device="cpu")
    again = {path: path.stat().st_mtime_ns for path in (runs / CACHE).rglob("*")}
    assert again == made


def test_processes_draw_even_parts_of_a_batch(
    scene_folder: Path, config_file: Path, tmp_path: Path
) -> None:
    config = load_config(config_file, ["train.batch=4"])
    assert isinstance(config, ScanConfig)
    scans, _ = load_split(config, scene_folder, tmp_path)
    assert [build_crops(config, scans, many).batch for many in (1, 2, 4)] == [4, 2, 1]


def test_crops_see_a_file_as_often_as_repeat_says(
    scene_folder: Path, config_file: Path, tmp_path: Path
) -> None:
    usual, more = (
        load_config(config_file, changes)
        for changes in ([], ["data.repeat={'*': 2, 'b*': 3, 'none*': 9}"])
    )
    assert isinstance(usual, ScanConfig)
    assert isinstance(more, ScanConfig)
    scans, held_out = load_split(usual, scene_folder, tmp_path)
    every = [*scans, *held_out]
    seen = [scan.name for scan in build_crops(more, every).scans]
    assert {scan.name: seen.count(scan.name) for scan in every} == {
        scan.name: 3 if scan.name.startswith("b") else 2 for scan in every
    }
    assert [scan.name for scan in build_crops(usual, every).scans] == [one.name for one in every]
    for wrong in ("0", "1.5"):
        with pytest.raises(ConfigError, match=r"data\.repeat"):
            load_config(config_file, [f"data.repeat={{'*': {wrong}}}"])
