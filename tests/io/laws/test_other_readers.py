"""What volseg writes, read by programs that are not volseg's."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.errors import DisplayError
from volseg.geometry import PointCloud
from volseg.io import read, write

COUNT = 500


@pytest.fixture(scope="module")
def cloud() -> PointCloud:
    generator = np.random.default_rng(0)
    return PointCloud(
        generator.integers(0, 10**6, (COUNT, 3)) / 1000 + (651_000, 6_861_000, -50),
        {"colour": generator.integers(0, 256, (COUNT, 3), dtype=np.uint8)},
        generator.integers(0, 32, COUNT),
    )


@pytest.mark.parametrize("name", ["a.las", "a.laz", "a.ply", "a.csv"])
@pytest.mark.skipif(shutil.which("pdal") is None, reason="pdal is not installed")
def test_pdal_finds_the_same_points(tmp_path: Path, cloud: PointCloud, name: str) -> None:
    path = tmp_path / name
    write(path, cloud)
    write(tmp_path / f"copy_{name}", read(path).with_labels(cloud.labels), like=path)
    for one in (path, tmp_path / f"copy_{name}"):
        done = subprocess.run(["pdal", "info", "--stats", one], capture_output=True, check=True)
        found = {
            each["name"].lower(): each for each in json.loads(done.stdout)["stats"]["statistic"]
        }
        label = found.get("classification", found.get("label"))
        columns = [*zip("xyz", cloud.xyz.T, strict=True), ("label", cloud.labels)]
        for axis, values in columns:
            stats = label if axis == "label" else found[axis]
            assert stats["count"] == COUNT
            assert stats["minimum"] == pytest.approx(values.min(), abs=1e-4)
            assert stats["maximum"] == pytest.approx(values.max(), abs=1e-4)
            assert stats["average"] == pytest.approx(values.mean(), abs=1e-3)


@pytest.fixture(scope="module")
def open3d() -> Any:
    from volseg.view.window.display import load_open3d

    try:
        return load_open3d()
    except DisplayError as error:
        pytest.skip(f"open3d does not load here: {error}")


@pytest.mark.parametrize("suffix", ["ply", "pcd"])
def test_open3d_finds_the_same_points(
    tmp_path: Path, cloud: PointCloud, open3d: Any, suffix: str
) -> None:
    write(tmp_path / f"a.{suffix}", cloud)
    found = open3d.t.io.read_point_cloud(str(tmp_path / f"a.{suffix}")).point
    assert np.array_equal(found.positions.numpy(), cloud.xyz)
    assert np.array_equal(found.colors.numpy(), cloud.attributes["colour"])
    assert np.array_equal(found.label.numpy()[:, 0], cloud.labels)


@pytest.mark.parametrize("kind", [{"write_ascii": True}, {}, {"compressed": True}])
def test_a_copy_of_open3ds_pcd_goes_back_to_open3d(
    tmp_path: Path, cloud: PointCloud, open3d: Any, kind: dict[str, bool]
) -> None:
    made = open3d.t.geometry.PointCloud(open3d.core.Tensor((cloud.xyz % 1).astype(np.float32)))
    made.point.colors = open3d.core.Tensor(cloud.attributes["colour"])
    made.point.ring = open3d.core.Tensor(np.arange(COUNT, dtype=np.int32)[:, None])
    source, copy = tmp_path / "a.pcd", tmp_path / "b.pcd"
    open3d.t.io.write_point_cloud(str(source), made, **kind)
    scan = read(source)
    assert np.abs(scan.xyz - cloud.xyz % 1).max() < 1e-6
    assert np.array_equal(scan.attributes["colour"], cloud.attributes["colour"])
    write(copy, scan.with_labels(cloud.labels), like=source)
    found = open3d.t.io.read_point_cloud(str(copy)).point
    assert np.array_equal(found.positions.numpy(), scan.xyz.astype(np.float32))
    assert np.array_equal(found.colors.numpy(), cloud.attributes["colour"])
    assert np.array_equal(found.ring.numpy()[:, 0], np.arange(COUNT))
    assert np.array_equal(found.label.numpy()[:, 0], cloud.labels)
