"""The last lines of ``volseg predict`` on scans."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from volseg.geometry import PointCloud
from volseg.io import read, write


def test_it_counts_what_was_written(
    cli: Callable[..., Any], run_folder: Path, boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    write(tmp_path / "a.laz", boxes(3, 2000))
    outcome = cli("predict", run_folder, tmp_path / "a.laz", "-o", tmp_path / "out")
    assert outcome.code == 0
    labels = read(tmp_path / "out" / "a.laz").labels
    assert labels is not None
    for code, count in zip(*np.unique(labels, return_counts=True), strict=True):
        assert any(
            line.split()[1:3] == [str(code), f"{count:,}"] for line in outcome.out.splitlines()
        )
    assert "of points less than half sure" in outcome.err
    assert "s for all scans" in outcome.err
