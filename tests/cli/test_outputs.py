"""Files beside the table: checked before any work, never replaced unasked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import write
from volseg_cli.outputs import Outputs

TRUTH = [2, 2, 2, 2, 6, 6, 5, 0]
GUESS = [2, 2, 2, 6, 6, 6, 2, 6]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "guess.ply", tmp_path / "truth.ply"
    for path, labels in zip(paths, (GUESS, TRUTH), strict=True):
        xyz = np.arange(24.0).reshape(8, 3)
        write(path, PointCloud(xyz, labels=np.array(labels)))
    return paths


def test_json_is_not_overwritten_unless_told(
    cli: Callable[..., Any], refused: Callable[..., str], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "s.json").write_text("precious")
    command = ("evaluate", *pair, "--json", tmp_path / "s.json")
    assert "s.json: exists already" in refused(*command)
    assert cli(*command, "--overwrite").code == 0
    assert json.loads((tmp_path / "s.json").read_text())["labels"]


@pytest.mark.parametrize(
    ("out", "made"), [("a.png", "a.png"), ("b.jpg", "b.jpg"), ("c", "c/scores.png")]
)
def test_a_plot_goes_to_a_file_or_a_folder(
    cli: Callable[..., Any], pair: tuple[Path, Path], tmp_path: Path, out: str, made: str
) -> None:
    assert cli("evaluate", *pair, "--plot", tmp_path / out).code == 0
    with Image.open(tmp_path / made) as picture:
        assert picture.width > picture.height


def test_one_file_for_two_outputs_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(InputError, match="--json and --csv name the same file"):
        Outputs.of(tmp_path / "a.txt", tmp_path / "b" / ".." / "a.txt", None, False)
    with pytest.raises(InputError, match="no picture format"):
        Outputs.of(None, None, tmp_path / "plot.txt", False)


def test_what_is_not_wanted_is_not_written(tmp_path: Path) -> None:
    outputs = Outputs.of(None, tmp_path / "a.csv", None, False)
    outputs.write_json({"a": 1}, [])
    outputs.write_csv("case,class\n")
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
