"""``volseg clean``: what it says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from volseg.geometry import PointCloud
from volseg.io import write


def test_noise_is_counted_and_a_broken_scan_costs_itself(
    cli: Callable[..., Any], boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    write(folder / "a.laz", boxes(0))
    (folder / "b.laz").write_bytes(b"broken")
    done = cli("clean", folder, "-o", tmp_path / "out")
    assert done.code == 2
    assert "4,000" in done.out
    assert "1 of 2 files done, 1 failed: b.laz" in done.err
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["a.laz"]
    assert "--step" in cli("clean", folder, "-o", tmp_path / "two", "--step", 0).err
