"""Held-out volumes: what training found, and the same where it left nothing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.report.run import report_run


def test_one_fold_has_the_dice_that_training_found(folds: Path) -> None:
    fold = folds / "fold_1"
    _, results, _ = report_run(fold, None, "cpu")
    lines = (fold / "validation" / "dice.csv").read_text().splitlines()
    column = lines[0].split(",").index("ball")
    dice = np.nanmean([float(line.split(",")[column]) for line in lines[1:]])
    ball = next(one for one in results.classes if one.name == "ball")
    assert ball.dice == pytest.approx(dice)


def test_a_stopped_fold_is_segmented_anew(folds: Path, tmp_path: Path) -> None:
    whole, stopped = folds / "fold_0", tmp_path / "fold_0"
    shutil.copytree(whole, stopped, ignore=shutil.ignore_patterns("validation"))
    found = [report_run(place, None, "cpu")[1] for place in (whole, stopped)]
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
        report_run(fold, None, "cpu")
