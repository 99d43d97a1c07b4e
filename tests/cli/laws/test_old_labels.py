"""Files of labels beside a scan that do not fit it stop nobody who needs no labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import read, write


def kitti(folder: Path, cloud: PointCloud) -> tuple[Path, Path]:
    """A scan whose labels are those of another one."""
    write(folder / "a.bin", cloud)
    np.zeros(len(cloud) - 7, "<u4").tofile(folder / "a.label")
    return folder / "a.bin", folder / "a.label"


def semantic3d(folder: Path, cloud: PointCloud) -> tuple[Path, Path]:
    """A scan whose labels are words."""
    np.savetxt(folder / "a.txt", np.column_stack((cloud.xyz, np.full((len(cloud), 4), 90))), "%.9g")
    (folder / "a.labels").write_text("tree\n" * len(cloud))
    return folder / "a.txt", folder / "a.labels"


@pytest.mark.parametrize("make", [kitti, semantic3d])
def test_predict_info_view_and_convert_go_on(
    make: Callable[..., tuple[Path, Path]],
    cli: Callable[..., Any],
    run_folder: Path,
    tmp_path: Path,
    boxes: Callable[..., PointCloud],
) -> None:
    cloud = boxes(3)
    scan, label = make(tmp_path, PointCloud(cloud.xyz - cloud.xyz.min(axis=0)))
    before, out = label.read_bytes(), tmp_path / "out"
    predicted = cli("predict", run_folder, scan, "-o", out)
    assert predicted.code == 0, predicted
    assert predicted.err.count(label.name) == 1
    assert len(read(out / scan.name).labels) == len(cloud)  # type: ignore[arg-type]
    assert label.read_bytes() == before
    assert f"none: {label.name}" in cli("info", scan).out
    shown = cli("view", scan, "--screenshot", tmp_path / "a.png")
    assert shown.code == 0
    assert shown.err.count(label.name) == 1
    converted = cli("convert", scan, tmp_path / "a.ply")
    assert converted.code == 0
    assert label.name in converted.out + converted.err
