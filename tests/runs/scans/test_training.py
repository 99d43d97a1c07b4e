"""Training on scans: what is prepared is shared, and so is a batch."""

from __future__ import annotations

from pathlib import Path

from volseg.config import ScanConfig, load_config
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
