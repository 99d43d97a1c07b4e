from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import describe, output_name, read, write

COUNT = 300
TURN = (0.5, 0.5, -0.5, 0.5)
MOVE = (651234.5, 6861234.25, 35.0)


def columns(seed: int = 0) -> dict[str, np.ndarray]:
    generator = np.random.default_rng(seed)
    steps = generator.integers(-100_000, 100_000, (3, COUNT))
    made = {f"cartesian{axis}": steps[i] * 0.001 for i, axis in enumerate("XYZ")}
    made["intensity"] = generator.random(COUNT, dtype=np.float32)
    for name in ("colorRed", "colorGreen", "colorBlue"):
        made[name] = generator.integers(0, 256, COUNT, dtype=np.uint8)
    made["rowIndex"] = generator.integers(0, 2**33, COUNT).astype(np.longlong)
    made["label"] = generator.integers(-1, 9, COUNT).astype(np.int8)
    return made


def put(path: Path, *scans: dict[str, Any], pose: bool = True, system: str = "") -> Path:
    """A file of scans; each is its columns, whose types tell how they are kept."""
    library = pytest.importorskip("pye57", reason="pye57 is not installed").libe57
    file = library.ImageFile(str(path), "w")
    file.extensionsAdd("", library.E57_V1_0_URI)
    root, data = file.root(), library.VectorNode(file, True)
    for name, text in (("formatName", "ASTM E57 3D Imaging Data File"), ("guid", "{1}")):
        root.set(name, library.StringNode(file, text))
    root.set("versionMajor", library.IntegerNode(file, 1))
    root.set("versionMinor", library.IntegerNode(file, 0))
    root.set("coordinateMetadata", library.StringNode(file, system))
    root.set("data3D", data)
    for values in scans:
        scan, prototype = library.StructureNode(file), library.StructureNode(file)
        scan.set("guid", library.StringNode(file, "{2}"))
        if pose:
            parts = {"rotation": ("wxyz", TURN), "translation": ("xyz", MOVE)}
            scan.set("pose", structure(library, file, **parts))
        for name, column in values.items():
            prototype.set(name, field(library, file, name, column))
        points = library.CompressedVectorNode(file, prototype, library.VectorNode(file, True))
        scan.set("points", points)
        data.append(scan)
        buffers = library.VectorSourceDestBuffer()
        count = len(next(iter(values.values())))
        for name, column in values.items():
            buffers.append(library.SourceDestBuffer(file, name, column, count, True, True))
        writer = points.writer(buffers)
        writer.write(count)
        writer.close()
    file.close()
    return path


def structure(library: Any, file: Any, **parts: tuple[str, tuple[float, ...]]) -> Any:
    pose = library.StructureNode(file)
    for name, (axes, values) in parts.items():
        node = library.StructureNode(file)
        for axis, value in zip(axes, values, strict=True):
            node.set(axis, library.FloatNode(file, value))
        pose.set(name, node)
    return pose


def field(library: Any, file: Any, name: str, column: np.ndarray) -> Any:
    if name.startswith("cartesian") and column.dtype == np.float64:
        return library.ScaledIntegerNode(file, 0, -(2**31), 2**31 - 1, 0.001, 0.0)
    if column.dtype.kind == "f":
        kind = library.E57_SINGLE if column.dtype == np.float32 else library.E57_DOUBLE
        return library.FloatNode(file, 0.0, kind, -1e9, 1e9)
    return library.IntegerNode(file, int(column[0]), int(column.min()), int(column.max()))


def turned(xyz: np.ndarray) -> np.ndarray:
    """By the pose's quaternion, q p q*, written out for unit quaternions."""
    w, vector = TURN[0], np.array(TURN[1:])
    twice = 2 * np.cross(vector, xyz)
    return xyz + w * twice + np.cross(vector, twice) + MOVE


def test_every_field_is_read_in_the_world(tmp_path):
    values = columns()
    cloud = read(put(tmp_path / "a.e57", values))
    local = np.stack([values[f"cartesian{axis}"] for axis in "XYZ"], axis=1)
    assert np.abs(cloud.xyz - turned(local)).max() < 1e-8
    assert np.array_equal(cloud.labels, values["label"])
    assert set(cloud.attributes) == {"intensity", "colour", "rowIndex"}
    assert cloud.attributes["colour"].dtype == np.uint8
    assert np.array_equal(cloud.attributes["colour"][:, 1], values["colorGreen"])
    for name in ("intensity", "rowIndex"):
        assert np.array_equal(cloud.attributes[name], values[name])
    assert cloud.attributes["intensity"].dtype == np.float32


def test_without_a_pose_integers_are_exact(tmp_path):
    values = columns()
    cloud = read(put(tmp_path / "a.e57", values, pose=False))
    assert np.array_equal(cloud.xyz[:, 0], np.rint(values["cartesianX"] * 1000) * 0.001)


def test_scans_join_and_say_which_they_were(tmp_path):
    first, second = columns(1), columns(2)
    for name in ("colorRed", "colorGreen", "colorBlue"):
        del second[name]
    cloud = read(put(tmp_path / "a.e57", first, second))
    assert len(cloud) == 2 * COUNT
    assert np.array_equal(cloud.attributes["scan"], np.repeat([0, 1], COUNT))
    assert np.array_equal(cloud.labels, np.concatenate([first["label"], second["label"]]))
    assert not cloud.attributes["colour"][COUNT:].any()
    info = describe(tmp_path / "a.e57")
    assert (info.format, info.points, info.label_field) == ("E57", 2 * COUNT, "label")


def test_invalid_points_are_left_out(tmp_path):
    values = columns()
    values["cartesianInvalidState"] = (np.arange(COUNT) % 3).astype(np.int8)
    cloud = read(put(tmp_path / "a.e57", values))
    assert np.array_equal(cloud.labels, values["label"][::3])
    assert "cartesianInvalidState" not in cloud.attributes


def test_angles_become_coordinates(tmp_path):
    names = ("sphericalRange", "sphericalAzimuth", "sphericalElevation")
    angles = {name: np.array(one) for name, one in zip(names, np.eye(3) * np.pi / 2, strict=True)}
    angles["sphericalRange"] = np.array([1.0, 2.0, 3.0])
    cloud = read(put(tmp_path / "a.e57", angles, pose=False))
    assert np.abs(cloud.xyz - [[1, 0, 0], [0, 2, 0], [0, 0, 3]]).max() < 1e-15
    assert not cloud.attributes


def test_a_system_in_metres_is_kept_and_any_other_is_not(tmp_path):
    import pyproj

    for code, kept in ((2154, True), (2263, False), (4326, False)):
        wkt = pyproj.CRS.from_epsg(code).to_wkt()
        cloud = read(put(tmp_path / f"{code}.e57", columns(), system=wkt))
        assert (cloud.crs == wkt) == kept
        assert cloud.metres_per_unit == (1, 1, 1)
    assert read(put(tmp_path / "b.e57", columns(), system="site grid")).crs is None


def test_labels_go_to_another_format(tmp_path):
    cloud = read(put(tmp_path / "a.e57", columns()))
    target = tmp_path / output_name("a.e57")
    write(target, cloud.with_labels(cloud.labels + 1), like=tmp_path / "a.e57")
    back = read(target)
    assert np.array_equal(back.labels, cloud.labels + 1)
    assert np.array_equal(back.xyz, cloud.xyz)
    for name, values in cloud.attributes.items():
        assert np.array_equal(back.attributes[name], values)
    with pytest.raises(InputError, match=r"writes no E57; name the output a\.ply"):
        write(tmp_path / "b" / "a.e57", cloud)


def test_without_pye57_one_line_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / "a.e57").write_bytes(b"ASTM-E57")
    monkeypatch.setitem(sys.modules, "pye57", None)
    with pytest.raises(InputError, match=r'needs pye57.*pip install "volseg\[e57\]"'):
        read(tmp_path / "a.e57")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return put(tmp_path_factory.mktemp("e57") / "a.e57", columns()).read_bytes()


@pytest.mark.parametrize("length", [0, 8, 100, 1024, -1024, -1])
def test_cut_files_are_one_clear_line(tmp_path, whole, length):
    path = tmp_path / "a.e57"
    path.write_bytes(whole[:length])
    with pytest.raises(InputError, match="is no E57 file, cut off or damaged") as caught:
        read(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(path))


def test_nothing_to_read_is_said(tmp_path):
    with pytest.raises(InputError, match="holds no scan"):
        read(put(tmp_path / "a.e57"))
    with pytest.raises(InputError, match="without coordinates; they have intensity"):
        read(put(tmp_path / "b.e57", {"intensity": columns()["intensity"]}))
    broken = columns()
    broken["cartesianX"] = np.full(COUNT, np.nan, np.float32)
    assert not read(put(tmp_path / "c.e57", broken)).placed.any()


@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_flipped_bits_raise_nothing_but_input_errors(tmp_path, whole, flips):
    data = bytearray(whole)
    for place, value in flips:
        data[int(place * (len(data) - 1))] = value
    (tmp_path / "a.e57").write_bytes(data)
    try:
        assert isinstance(read(tmp_path / "a.e57"), PointCloud)
    except InputError:
        return
