"""The log of a run, read as columns."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg.report.log import read_log

LOG = """epoch,seconds,learning_rate,loss,mean_iou,iou_ground,iou_iou_b
1,30,0.001,1.5,0.5,0.9,0.1
2,60,0.002,0.5,0.75,1.0,
"""


def test_columns_by_name(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(LOG)
    history = read_log(tmp_path / "log.csv", "run")
    assert history is not None
    assert (history.measure, history.mean, history.minutes) == ("IoU", (0.5, 0.75), (0.5, 1.0))
    assert list(history.by_class) == ["ground", "iou_b"]
    assert math.isnan(history.by_class["iou_b"][1])


def test_a_run_that_validates_nothing_has_a_loss(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("epoch,seconds,learning_rate,loss\n1,30,0.001,1.5\n")
    history = read_log(tmp_path / "log.csv", "run")
    assert history is not None
    assert history.mean == ()


@pytest.mark.parametrize(
    "text", [b"a,b\n1,2\n", b"epoch,seconds,loss,learning_rate\n1,x,2,3\n", b"epoch\n\xff\n"]
)
def test_another_file_is_named(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(text)
    with pytest.raises(InputError, match=r"log\.csv: is no log of a run"):
        read_log(path, "run")


def test_no_log_and_an_empty_one_have_no_history(tmp_path: Path) -> None:
    assert read_log(tmp_path / "log.csv", "run") is None
    (tmp_path / "log.csv").touch()
    assert read_log(tmp_path / "log.csv", "run") is None
