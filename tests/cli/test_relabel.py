"""``volseg labels``: what it says, and refuses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from volseg.geometry import PointCloud
from volseg.io import read_labels, write


def test_ids_change_and_what_is_odd_is_refused(cli: Callable[..., Any], tmp_path: Path) -> None:
    write(tmp_path / "a.laz", PointCloud(np.eye(3), labels=np.array([3, 4, 5])))
    done = cli("labels", tmp_path / "a.laz", "-o", tmp_path / "b.laz", "--map", "3:2,4:2")
    assert done.code == 0
    assert "2 ids changed" in done.out
    labels, _ = read_labels(tmp_path / "b.laz")
    assert labels is not None
    assert labels.tolist() == [2, 2, 5]
    for wrong in ("3", "3:2,3:4", "a:b"):
        done = cli("labels", tmp_path / "a.laz", "-o", tmp_path / "c.laz", "--map", wrong)
        assert done.code == 2
        assert "wanted OLD:NEW" in done.err
    done = cli("labels", tmp_path / "a.laz", "-o", tmp_path / "a.laz", "--map", "3:2")
    assert "exists already" in done.err
