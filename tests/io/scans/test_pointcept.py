from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.labels import UNKNOWN
from volseg.io import describe, is_scan, read, scan_stem, write
from volseg.io.scans.labels import true_labels

COUNT = 30


def scene(folder: Path, **more: np.ndarray) -> Path:
    generator = np.random.default_rng(0)
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "coord": generator.normal(size=(COUNT, 3)).astype(np.float32),
        "color": generator.integers(0, 256, (COUNT, 3), dtype=np.uint8),
        "normal": generator.normal(size=(COUNT, 3)).astype(np.float32),
        "segment": generator.integers(-1, 20, (COUNT, 1)).astype(np.int16),
        "instance": generator.integers(-1, 5, COUNT).astype(np.int16),
    }
    for name, values in (made | more).items():
        np.save(folder / f"{name}.npy", values, allow_pickle=True)
    return folder


def test_a_folder_or_its_coordinates_are_the_scan(tmp_path):
    folder = scene(tmp_path / "hall")
    for path in (folder, folder / "coord.npy"):
        assert is_scan(path)
        assert scan_stem(path) == "hall"
        cloud = read(path)
        assert np.array_equal(cloud.xyz, np.load(folder / "coord.npy"))
        assert np.array_equal(cloud.labels, np.load(folder / "segment.npy")[:, 0])
        assert cloud.label_field == "segment"
        assert set(cloud.attributes) == {"colour", "normal"}
        assert np.array_equal(cloud.instances, np.load(folder / "instance.npy") + 1)
        assert np.array_equal(cloud.attributes["colour"], np.load(folder / "color.npy"))
        assert describe(path).format == "Pointcept"
    assert not is_scan(tmp_path)


def test_labels_go_by_the_name_they_have(tmp_path):
    folder = scene(tmp_path / "a", segment20=np.arange(COUNT), segment200=np.arange(COUNT) + 1)
    assert read(folder).label_field == "segment"
    assert np.array_equal(read(folder, label_field="segment200").labels, np.arange(COUNT) + 1)
    (folder / "segment.npy").unlink()
    assert np.array_equal(read(folder).labels, np.arange(COUNT))
    for name in ("segment20", "segment200"):
        (folder / f"{name}.npy").unlink()
    assert read(folder).labels is None


def test_copy_changes_labels_only(tmp_path):
    folder = scene(tmp_path / "a", words=np.array(["x", "y"]), strength=np.arange(COUNT))
    cloud, target = read(folder), tmp_path / "b/coord.npy"
    assert np.array_equal(cloud.attributes["intensity"], np.arange(COUNT))
    target.parent.mkdir()
    labels = np.arange(COUNT) - 1
    written = write(target, cloud.with_labels(labels, np.full(COUNT, 0.5)), like=folder)
    names = {path.name for path in folder.iterdir()}
    assert {path.name for path in written} == names | {"confidence.npy"}
    for name in names - {"segment.npy"}:
        assert (target.parent / name).read_bytes() == (folder / name).read_bytes()
    segment = np.load(target.with_name("segment.npy"))
    assert (segment.dtype, segment.shape) == (np.int16, (COUNT, 1))
    assert np.array_equal(segment[:, 0], labels)
    with pytest.raises(InputError, match="int16 cannot hold class id 39999"):
        write(target, cloud.with_labels(labels + 40000), like=folder, overwrite=True)


@given(
    xyz=arrays.arrays(np.float64, (4, 3), elements=st.floats(-1e9, 1e9)),
    labels=arrays.arrays(np.int64, 4),
    values=arrays.arrays(np.float32, (4, 2)),
)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_new_scene_gives_back_what_was_written(tmp_path, xyz, labels, values):
    attributes = {
        "colour": np.arange(12).reshape(4, 3),
        "intensity": values[:, 0],
        "segment": values,
    }
    try:
        write(tmp_path / "coord.npy", PointCloud(xyz, attributes, labels), overwrite=True)
    except InputError:  # Unknown is NaN, and floats do not hold such ids beside it.
        assert UNKNOWN in labels
        assert (np.abs(labels[labels != UNKNOWN].astype(float)) >= 2**53).any()
        return
    back = read(tmp_path)
    assert np.array_equal(back.xyz, xyz)
    assert np.array_equal(back.labels, labels)
    assert np.array_equal(back.attributes["colour"], attributes["colour"])
    assert back.attributes["intensity"].tobytes() == values[:, 0].tobytes()
    assert back.attributes["segment_original"].tobytes() == values.tobytes()
    assert (tmp_path / "strength.npy").exists()


def test_arrays_of_another_scene_are_not_mixed_in(tmp_path):
    folder = scene(tmp_path / "a")
    with pytest.raises(InputError, match=r"holds color\.npy too; name a new folder"):
        write(folder / "coord.npy", PointCloud(np.zeros((2, 3))), overwrite=True)


@pytest.mark.parametrize("name", ["../a", "a/b", "..", "a:b"])
def test_an_attribute_never_names_another_place(tmp_path, name):
    with pytest.raises(InputError, match="cannot be the name of a file"):
        write(tmp_path / "coord.npy", PointCloud(np.zeros((1, 3)), {name: np.zeros(1)}))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("coord", np.zeros((COUNT, 2)), r"coord\.npy: holds float64 of shape \(30, 2\)"),
        ("coord", np.array([[object()] * 3]), r"coord\.npy: holds Python objects"),
        ("segment", np.array([object()]), r"segment\.npy holds Python objects"),
        ("segment", np.zeros(COUNT - 1), r"segment\.npy has 29 labels for the 30 points"),
        ("segment", np.array(5), r"segment\.npy has 1 labels for the 30 points"),
        ("normal", np.zeros((COUNT + 1, 3)), r"normal\.npy: has 31 rows"),
    ],
)
def test_damaged_scenes_are_one_clear_line(tmp_path, name, values, words):
    with pytest.raises(InputError, match=words) as caught:
        true_labels(read(scene(tmp_path / "a", **{name: values})))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["coord", "segment"])
@pytest.mark.parametrize("data", [b"", b"\x89PNG", b"\x93NUMPY\x01\0", b"\x93NUMPY\x01\0\x02\0{}"])
def test_files_that_are_no_arrays_are_named(tmp_path, name, data):
    folder = scene(tmp_path / "a")
    (folder / f"{name}.npy").write_bytes(data)
    with pytest.raises(InputError, match=rf"{name}\.npy:? holds an array that cannot be read"):
        true_labels(read(folder))


@pytest.mark.parametrize("data", [b"\x93NUMPY\x01\0", None])
def test_old_labels_that_do_not_fit_are_replaced(tmp_path, data):
    folder = scene(tmp_path / "a", segment=np.zeros(COUNT + 2, np.int8))
    if data is not None:
        (folder / "segment.npy").write_bytes(data)
    cloud = read(folder)
    assert cloud.labels is None
    with pytest.raises(InputError, match=r"segment\.npy"):
        read(folder, label_field="segment")
    (tmp_path / "b").mkdir()
    write(tmp_path / "b/coord.npy", cloud.with_labels(np.arange(COUNT)), like=folder)
    assert np.array_equal(read(tmp_path / "b").labels, np.arange(COUNT))


def test_sizes_in_a_header_are_not_believed(tmp_path):
    folder = scene(tmp_path / "a")
    path = folder / "coord.npy"
    for shape in (b"(31, 3)", b"(-1, 3)"):
        scene(folder)
        path.write_bytes(path.read_bytes().replace(b"(30, 3)", shape))
        with pytest.raises(InputError, match="larger than its bytes"):
            read(folder)
    scene(folder)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match="larger than its bytes"):
        read(folder)
