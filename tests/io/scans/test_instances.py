"""Ids of objects: read by their usual names, carried with their points, written back."""

from __future__ import annotations

from pathlib import Path

import laspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.io.scans.differences import differences
from volseg.io.scans.instances import instance_name, take_instances, true_instances
from volseg.io.scans.pieces import Pieces

FILES = ("a.las", "a.laz", "a.ply", "a.pcd", "a.npz", "a.csv", "a.txt", "a.bin", "a/coord.npy")


def cloud(ids: list[int]) -> PointCloud:
    xyz = np.arange(3.0 * len(ids)).reshape(-1, 3)
    return PointCloud(xyz, {}, np.ones(len(ids)), instances=np.array(ids))


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8))
def test_what_is_written_is_read(tmp_path: Path, name: str, ids: list[int]) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    ids = [one % 2**16 for one in ids] if name.endswith(".bin") else ids
    write(path, cloud(ids), overwrite=True)
    assert read(path).instances.tolist() == ids
    assert read(path).instances.dtype == np.int64


@pytest.mark.parametrize("name", FILES)
def test_a_copy_takes_new_ids_and_keeps_old_ones(tmp_path: Path, name: str) -> None:
    source, same, other = (tmp_path / folder / name for folder in "xyz")
    for path in (source, same, other):
        path.parent.mkdir(parents=True)
    write(source, cloud([5, 0, 7, 5]))
    write(same, read(source), like=source)
    for path in sorted(source.parent.glob("*")):
        assert (same.parent / path.name).read_bytes() == path.read_bytes()
    write(
        other, read(source).with_labels(np.ones(4), instances=np.array([0, 9, 9, 1])), like=source
    )
    assert read(other).instances.tolist() == [0, 9, 9, 1]
    assert differences(read(source), read(same)) == []
    assert "instances" in differences(read(source), read(other))


@pytest.mark.parametrize("name", ["treeID", "Instance_ID", "ins_class", "instance"])
@pytest.mark.parametrize("suffix", [".laz", ".ply", ".npz", ".csv"])
def test_usual_names(tmp_path: Path, name: str, suffix: str) -> None:
    path, copy = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    write(path, PointCloud(np.eye(3), {name: np.array([3, 0, 2], np.int32)}, np.zeros(3)))
    scan = read(path)
    assert (scan.instance_field, scan.instances.tolist()) == (name, [3, 0, 2])
    write(copy, scan.with_instances(np.array([1, 2, 0])), like=path)
    again = read(copy)
    assert again.instances.tolist() == [1, 2, 0]
    if name != "instance":
        assert again.attributes[name].tolist() == [3, 0, 2]


def test_las_keeps_ids_as_four_bytes(tmp_path: Path) -> None:
    """A narrower field of the file gives way to one that holds any number of objects."""
    path, copy = tmp_path / "a.laz", tmp_path / "b.laz"
    write(path, PointCloud(np.eye(3), {"instance": np.zeros(3, np.uint16)}, np.zeros(3)))
    write(copy, read(path).with_instances(np.array([2**20, 0, 1])), like=path)
    dimension = laspy.read(copy).point_format.dimension_by_name("instance")
    assert dimension.dtype == np.uint32
    assert read(copy).instances.tolist() == [2**20, 0, 1]


def test_pieces_carry_and_write_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("volseg.io.scans.pieces.PIECE", 7)
    source, target, whole = (tmp_path / f"{name}.laz" for name in "abc")
    ids = np.arange(30) // 4
    write(source, cloud(ids.tolist()))
    parts = [piece.instances for piece in Pieces(source)]
    assert len(parts) > 1
    assert np.array_equal(np.concatenate(parts), ids)
    Pieces(source).relabel(
        target, lambda rows: (np.ones(30, int)[rows], None, ids[::-1][rows]), highest=1
    )
    write(whole, read(source).with_labels(np.ones(30), instances=ids[::-1]), like=source)
    assert target.read_bytes() == whole.read_bytes()
    assert np.array_equal(read(target).instances, ids[::-1])


def test_classes_and_ids_of_kitti_are_one_number(tmp_path: Path) -> None:
    write(tmp_path / "a.bin", cloud([0, 65535, 3]))
    both = np.fromfile(tmp_path / "a.label", "<u4")
    assert both.tolist() == [1, 65535 << 16 | 1, 3 << 16 | 1]
    with pytest.raises(InputError, match="65536 does not fit"):
        write(tmp_path / "b.bin", cloud([65536]))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.array([1, -4, 0]), "-4, which is no id"),
        (np.array([1, 2**32, 0]), "4294967296, which is no id"),
        (np.array([0.5, 1, 2]), "0.5"),
    ],
)
def test_values_that_are_no_ids(values: np.ndarray, words: str) -> None:
    """They are an attribute to those who need no ids, one line to those who do."""
    scan = take_instances(PointCloud(np.eye(3), {"treeID": values}))
    assert scan.instances is None
    with pytest.raises(InputError, match=words):
        true_instances(scan)
    if values.dtype.kind == "i":
        with pytest.raises(InputError, match=words):
            PointCloud(np.eye(3), instances=values)


def test_ids_of_other_points_are_refused() -> None:
    with pytest.raises(InputError, match="2 values for 3 points"):
        PointCloud(np.eye(3), instances=np.zeros(2, int))


def test_no_field_no_ids() -> None:
    assert instance_name(["intensity", "label"]) is None
    assert true_instances(PointCloud(np.eye(3))) is None
