"""``volseg predict`` and ``evaluate`` on every kind of scan: what comes out, and where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.io.scans.formats import scan_file


def semantic3d(folder: Path, cloud: PointCloud) -> Path:
    columns = [cloud.xyz, np.tile([9, 70, 80, 90], (len(cloud), 1))]
    np.savetxt(folder / "hall.txt", np.hstack(columns), fmt=["%.3f"] * 3 + ["%d"] * 4)
    np.savetxt(folder / "hall.labels", cloud.labels, fmt="%d")  # type: ignore[arg-type]
    return folder / "hall.txt"


def pointcept(folder: Path, cloud: PointCloud) -> Path:
    (folder / "hall").mkdir()
    write(folder / "hall/coord.npy", cloud)
    return folder / "hall"


def pcd(folder: Path, cloud: PointCloud) -> Path:
    write(folder / "hall.pcd", cloud)
    return folder / "hall.pcd"


@pytest.mark.parametrize(
    ("make", "name"),
    [(pcd, "hall.pcd"), (semantic3d, "hall.txt"), (pointcept, "hall/coord.npy")],
)
def test_scans_of_a_folder_are_labelled_and_scored(
    cli: Callable[..., Any],
    run_folder: Path,
    boxes: Callable[..., PointCloud],
    tmp_path: Path,
    make: Callable[[Path, PointCloud], Path],
    name: str,
) -> None:
    truth = tmp_path / "truth"
    truth.mkdir()
    source = make(truth, boxes(1))
    outcome = cli("predict", run_folder, truth, "-o", tmp_path / "out", "--confidence")
    assert outcome.code == 0, outcome
    target = tmp_path / "out" / name
    before, after = read(source), read(target)
    assert np.array_equal(after.xyz, before.xyz)
    assert set(np.unique(after.labels)) <= {2, 6}  # type: ignore[arg-type]
    if make is not pcd:
        assert scan_file(source).read_bytes() == target.read_bytes()
    scores = cli("evaluate", tmp_path / "out", truth, "--model", run_folder)
    assert scores.code == 0, scores
    assert "ground" in scores.out
    assert cli("info", source).out.splitlines()[0].endswith("4,000 points")


def test_labels_alone_are_scored(
    cli: Callable[..., Any], run_folder: Path, boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    for folder in ("truth", "out"):
        (tmp_path / folder).mkdir()
    labels = semantic3d(tmp_path / "truth", boxes(1)).with_suffix(".labels")
    (tmp_path / "out/hall.labels").write_bytes(labels.read_bytes())
    scores = cli("evaluate", tmp_path / "out", tmp_path / "truth", "--model", run_folder)
    assert scores.code == 0, scores
    assert "1.000" in scores.out


def test_e57_is_labelled_as_ply(
    cli: Callable[..., Any], run_folder: Path, boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    pye57 = pytest.importorskip("pye57", reason="pye57 is not installed")
    axes = zip("XYZ", boxes(1).xyz.T - [[500_000], [5_000_000], [100]], strict=True)
    columns = {f"cartesian{axis}": np.ascontiguousarray(values) for axis, values in axes}
    place = np.array([500_000.0, 5_000_000.0, 100.0])
    with pye57.E57(str(tmp_path / "hall.e57"), mode="w") as file:
        file.write_scan_raw(columns, translation=place)
    outcome = cli("predict", run_folder, tmp_path / "hall.e57", "-o", tmp_path / "out")
    assert outcome.code == 0, outcome
    assert "hall.ply" in outcome.out
    after = read(tmp_path / "out/hall.ply")
    assert np.array_equal(after.xyz, read(tmp_path / "hall.e57").xyz)
    assert set(np.unique(after.labels)) <= {2, 6}  # type: ignore[arg-type]
