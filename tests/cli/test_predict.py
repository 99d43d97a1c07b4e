"""``volseg predict``: a class for every point, and nothing else changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import laspy
import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import read, write

NAMES = ("a.las", "a.laz", "a.ply", "a.xyz", "a.npz", "a.bin")


def small(boxes: Callable[..., PointCloud], seed: int = 0) -> PointCloud:
    """Near the origin, so that KITTI's float32 holds it."""
    cloud = boxes(seed)
    return replace(cloud, xyz=cloud.xyz - (500_000, 5_000_000, 100))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("confidence", [True, False])
def test_order_and_every_other_field_stay(
    cli: Callable[..., Any],
    run_folder: Path,
    boxes: Callable[..., PointCloud],
    tmp_path: Path,
    name: str,
    confidence: bool,
) -> None:
    source, made = tmp_path / name, tmp_path / "out" / name
    write(source, small(boxes))
    flags = ["--confidence"] * confidence
    outcome = cli("predict", run_folder, source, "-o", tmp_path / "out", "--device", "cpu", *flags)
    assert outcome.code == 0, outcome
    before, after = read(source), read(made)
    np.testing.assert_array_equal(after.xyz, before.xyz)
    for field, values in before.attributes.items():
        np.testing.assert_array_equal(after.attributes[field], values)
    assert after.labels is not None
    assert set(np.unique(after.labels)) <= {2, 6}
    assert (after.labels == before.labels).mean() > 0.9
    if name == "a.bin":
        assert made.with_suffix(".confidence").exists() is confidence
    else:
        added = after.attributes.keys() - before.attributes.keys()
        assert added == ({"confidence"} if confidence else set())


def test_views_vote(
    cli: Callable[..., Any],
    run_folder: Path,
    boxes: Callable[..., PointCloud],
    tmp_path: Path,
) -> None:
    from volseg.models.load import load_scan_model

    write(tmp_path / "a.las", boxes(3))
    made = tmp_path / "out.las"
    outcome = cli("predict", run_folder, tmp_path / "a.las", "-o", made, "--tta", "--confidence")
    assert outcome.code == 0, outcome
    wanted = load_scan_model(run_folder, "cpu")(read(tmp_path / "a.las"), tta=True)
    found = read(made)
    np.testing.assert_array_equal(found.labels, wanted.labels)
    np.testing.assert_allclose(found.attributes["confidence"], wanted.confidence, atol=1e-3)


def test_las_records_change_in_their_class_alone(
    cli: Callable[..., Any], run_folder: Path, tmp_path: Path
) -> None:
    random = np.random.default_rng(0)
    header = laspy.LasHeader(version="1.2", point_format=3)
    header.scales, header.offsets = (0.01, 0.01, 0.001), (1e5, 2e5, 0)
    las = laspy.LasData(header)
    for axis, top in zip("XYZ", (3000, 2000, 4000), strict=True):
        las[axis] = random.integers(0, top, 500)
    las.gps_time = random.uniform(0, 1e6, 500)
    las.red = random.integers(0, 65536, 500)
    las.synthetic = random.integers(0, 2, 500)
    las.write(tmp_path / "a.las")
    assert cli("predict", run_folder, tmp_path / "a.las", "-o", tmp_path / "out").code == 0
    before, after = laspy.read(tmp_path / "a.las"), laspy.read(tmp_path / "out" / "a.las")
    assert set(np.unique(np.asarray(after.classification))) <= {2, 6}
    for name in before.point_format.dimension_names:
        if name != "classification":
            np.testing.assert_array_equal(after[name], before[name])
    assert len(before.points.array.tobytes()) == len(after.points.array.tobytes())


def test_street_on_an_old_scan_is_las_1_4(
    cli: Callable[..., Any], config_file: Path, tmp_path: Path
) -> None:
    from volseg.config import load_config
    from volseg.models.load import save_model
    from volseg.models.nets import build_net

    ids = ("labels.classes.ground.ids=[64]", "labels.classes.box.ids=[65]")
    config = load_config(config_file, ids)
    save_model(tmp_path / "m.safetensors", config.model_spec(), build_net(config).state_dict(), {})
    las = laspy.LasData(laspy.LasHeader(version="1.2", point_format=1))
    las.x, las.y, las.z = np.random.default_rng(0).uniform(0, 40, (3, 500))
    las.scan_angle_rank = np.arange(500) % 90
    for name in ("a.las", "b.laz"):
        las.write(tmp_path / name)
    scans = (tmp_path / "a.las", tmp_path / "b.laz")
    outcome = cli("predict", tmp_path / "m.safetensors", *scans, "-o", tmp_path / "out")
    assert outcome.code == 0, outcome
    (line,) = [one for one in outcome.err.splitlines() if "LAS 1.4" in one]
    assert line.startswith("a.las, b.laz: point format 1 of LAS 1.2 holds classes 0 to 31")
    for name in ("a.las", "b.laz"):
        made = laspy.read(tmp_path / "out" / name)
        assert set(np.unique(made.classification)) <= {64, 65}
        np.testing.assert_allclose(made.scan_angle * 0.006, np.arange(500) % 90, atol=0.003)


def test_files_say_which_model_made_them(
    cli: Callable[..., Any], run_folder: Path, scene_folder: Path, tmp_path: Path
) -> None:
    import hashlib

    from volseg._version import __version__

    content = (run_folder / "best.safetensors").read_bytes()
    digest = hashlib.sha256(content).hexdigest()[:12]
    wanted = f"volseg {__version__}, model {run_folder.name}, sha256 {digest}".encode()
    for name in ("a.laz", "a.ply", "a.pcd"):
        made = tmp_path / name
        assert cli("predict", run_folder, scene_folder / "b.laz", "-o", made).code == 0
        assert wanted in made.read_bytes()


def test_a_system_that_a_format_does_not_hold_is_named(
    cli: Callable[..., Any], run_folder: Path, scene_folder: Path, tmp_path: Path
) -> None:
    from pyproj import CRS

    system = CRS.from_epsg(25832).to_wkt()
    write(tmp_path / "a.laz", replace(read(scene_folder / "b.laz"), crs=system))
    for name, told in (("b.ply", True), ("b.csv", True), ("b.npz", False), ("b.las", False)):
        outcome = cli("predict", run_folder, tmp_path / "a.laz", "-o", tmp_path / name)
        assert outcome.code == 0
        assert ("does not hold the coordinate system ETRS89 / UTM zone 32N" in outcome.err) == told
    told = cli("convert", tmp_path / "a.laz", tmp_path / "c.ply").err
    assert told.count("coordinate system") == 1


def test_out_may_be_a_file_or_a_folder(
    cli: Callable[..., Any], run_folder: Path, scene_folder: Path, tmp_path: Path
) -> None:
    scan = scene_folder / "b.laz"
    assert cli("predict", run_folder, scan, "-o", tmp_path / "one.laz").code == 0
    assert cli("predict", run_folder / "best.safetensors", scan, "-o", tmp_path / "many").code == 0
    one, many = tmp_path / "one.laz", tmp_path / "many" / "b.laz"
    assert one.read_bytes() == many.read_bytes()
    # Another format, where the file asked for is of one.
    assert cli("predict", run_folder, scan, "-o", tmp_path / "one.ply").code == 0
    np.testing.assert_array_equal(read(tmp_path / "one.ply").labels, read(one).labels)


def test_long_paths_are_shown_whole(
    cli: Callable[..., Any], run_folder: Path, scene_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / ("long" * 20) / ("[er]" * 20)
    outcome = cli("predict", run_folder, scene_folder, "-o", out)
    header, *rows = (line.split() for line in outcome.out.splitlines()[:3])
    assert header == ["scan", "points", "points/s", "written"]
    assert [(row[0], row[1], row[3]) for row in rows] == [
        (name, "4,000", str(out / name)) for name in ("a.laz", "b.laz")
    ]


def test_existing_outputs_stay_unless_told(
    cli: Callable[..., Any],
    refused: Callable[..., str],
    run_folder: Path,
    scene_folder: Path,
    tmp_path: Path,
) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "b.laz").write_bytes(b"precious")
    command = ("predict", run_folder, scene_folder, "-o", tmp_path / "out")
    # Nothing is done where one of several outputs is there.
    assert "b.laz: exists already; pass --overwrite" in refused(*command)
    assert not (tmp_path / "out" / "a.laz").exists()
    assert cli(*command, "--overwrite").code == 0
    assert len(read(tmp_path / "out" / "b.laz")) == 4000


@pytest.mark.parametrize("where", ["file", "folder", "link"])
def test_the_scan_itself_is_never_replaced(
    refused: Callable[..., str],
    run_folder: Path,
    tmp_path: Path,
    boxes: Callable[..., PointCloud],
    where: str,
) -> None:
    scan = tmp_path / "a.laz"
    write(scan, boxes(0, 80))
    out = {"file": scan, "folder": tmp_path, "link": tmp_path / "link"}[where]
    if where == "link":
        out.symlink_to(tmp_path)
    said = refused("predict", run_folder, scan, "-o", out, "--overwrite")
    assert "would replace the scan itself" in said


def test_one_broken_scan_does_not_stop_the_others(
    cli: Callable[..., Any], run_folder: Path, boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    folder = tmp_path / "scans"
    folder.mkdir()
    for name in ("a.laz", "c.laz"):
        write(folder / name, boxes(0, 400))
    (folder / "b.laz").write_bytes((folder / "a.laz").read_bytes()[:700])
    outcome = cli("predict", run_folder, folder, "-o", tmp_path / "out")
    assert outcome.code == 2
    errors = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert str(folder / "b.laz") in errors[0]
    assert "2 of 3 files done, 1 failed" in outcome.err
    assert sorted(one.name for one in (tmp_path / "out").iterdir()) == ["a.laz", "c.laz"]
