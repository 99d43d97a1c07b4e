"""Held-out scans: scored where training scored them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from volseg.config import load_config
from volseg.report.run import report_run
from volseg.runs.train import train


def test_one_scan_is_scored_on_the_end_that_was_held_out(
    scene_folder: Path, config_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(scene_folder / "a.laz", tmp_path / "data")
    config = load_config(config_file, ["data.validation=0.3", "train.epochs=1"])
    train(config, tmp_path / "data", tmp_path / "run", device="cpu")
    _, results, sections = report_run(tmp_path / "run", None, "cpu")
    log = (tmp_path / "run" / "log.csv").read_text().splitlines()
    logged = float(log[1].split(",")[log[0].split(",").index("mean_iou")])
    assert results.mean_iou == pytest.approx(logged)
    assert 0 < results.total < 2000
    assert len(sections) == 1
