"""Reports of runs: what training held out, with the scores it had there."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from volseg.config import load_config
from volseg.errors import InputError
from volseg.report.run import report_run
from volseg.runs.train import train

QUICK = ("train.steps=2", "train.epochs=1", "net.widths=[4, 8]", "data.folds=2")


def quiet(what: str, done: int, total: int) -> None: ...


@pytest.fixture(scope="module")
def folds(tmp_path_factory: pytest.TempPathFactory, balls: Path, balls_file: Path) -> Path:
    """A run of two folds over balls; read only."""
    run = tmp_path_factory.mktemp("runs") / "balls"
    config = load_config(balls_file, QUICK)
    train(config, balls, run, folds=(0, 1), device="cpu")
    return run


def test_folds_hold_out_every_case_once(folds: Path, balls: Path) -> None:
    subject, results, sections = report_run(folds, None, "cpu", quiet)
    assert sorted(case.name for case in results.cases) == [f"case_{k:03d}" for k in range(10)]
    assert [one.name for one in subject.curves] == ["fold_0", "fold_1"]
    assert subject.what == "balls"
    assert subject.data == f"10 held-out volumes of {balls.name}"
    assert len(sections) == 10


def test_one_fold_has_the_dice_that_training_found(folds: Path) -> None:
    fold = folds / "fold_1"
    _, results, _ = report_run(fold, None, "cpu", quiet)
    lines = (fold / "validation" / "dice.csv").read_text().splitlines()
    column = lines[0].split(",").index("ball")
    dice = np.nanmean([float(line.split(",")[column]) for line in lines[1:]])
    ball = next(one for one in results.classes if one.name == "ball")
    assert ball.dice == pytest.approx(dice)


def test_a_stopped_fold_is_segmented_anew(folds: Path, tmp_path: Path) -> None:
    whole, stopped = folds / "fold_0", tmp_path / "fold_0"
    shutil.copytree(whole, stopped, ignore=shutil.ignore_patterns("validation"))
    found = [report_run(place, None, "cpu", quiet)[1] for place in (whole, stopped)]
    assert found[0].confusion is not None
    assert found[1].confusion is not None
    assert (found[0].confusion.counts == found[1].confusion.counts).all()
    assert not (stopped / "validation").exists()


def test_cases_that_were_not_held_out_are_refused(folds: Path, balls: Path, tmp_path: Path) -> None:
    fold = tmp_path / "fold_0"
    shutil.copytree(folds / "fold_0", fold)
    noted = json.loads((fold / "data.json").read_text())
    noted["held_out"][0] = "case_999"
    (fold / "data.json").write_text(json.dumps(noted))
    with pytest.raises(InputError, match=r"what is held out differs by case_999"):
        report_run(fold, None, "cpu", quiet)


def test_a_run_that_held_nothing_out_is_told_what_to_do(
    balls: Path, balls_file: Path, tmp_path: Path
) -> None:
    config = load_config(balls_file, QUICK)
    train(config, balls, tmp_path / "run", folds=(None,), device="cpu")
    with pytest.raises(InputError, match="volseg report PREDICTED TRUTH"):
        report_run(tmp_path / "run", None, "cpu", quiet)


def test_one_scan_is_scored_on_the_end_that_was_held_out(
    scene_folder: Path, config_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    shutil.copy(scene_folder / "a.laz", tmp_path / "data")
    config = load_config(config_file, ["data.validation=0.3", "train.epochs=1"])
    train(config, tmp_path / "data", tmp_path / "run", device="cpu")
    _, results, sections = report_run(tmp_path / "run", None, "cpu", quiet)
    log = (tmp_path / "run" / "log.csv").read_text().splitlines()
    logged = float(log[1].split(",")[log[0].split(",").index("mean_iou")])
    assert results.mean_iou == pytest.approx(logged)
    assert 0 < results.total < 2000
    assert len(sections) == 1
