"""Reports of runs: what training held out, with the scores it had there."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.config import load_config
from volseg.errors import InputError
from volseg.report.run import report_run
from volseg.runs.train import train

QUICK = ("train.steps=2", "train.epochs=1", "net.widths=[4, 8]", "data.folds=2")


def test_folds_hold_out_every_case_once(folds: Path, balls: Path) -> None:
    subject, results, sections = report_run(folds, None, "cpu")
    assert sorted(case.name for case in results.cases) == [f"case_{k:03d}" for k in range(10)]
    assert [one.name for one in subject.curves] == ["fold_0", "fold_1"]
    assert subject.what == "balls"
    assert subject.data == f"10 held-out volumes of {balls.name}"
    assert len(sections) == 10


def test_a_run_that_held_nothing_out_is_told_what_to_do(
    balls: Path, balls_file: Path, tmp_path: Path
) -> None:
    config = load_config(balls_file, QUICK)
    train(config, balls, tmp_path / "run", folds=(None,), device="cpu")
    with pytest.raises(InputError, match="volseg report PREDICTED TRUTH"):
        report_run(tmp_path / "run", None, "cpu")
