from __future__ import annotations

import os
import struct

import laspy
import numpy as np
import pytest

from tests.io.scans.las.layout import assert_only_labels_changed, labels_for, lidar_files
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.io.scans.las import file as las_file


@pytest.mark.parametrize("suffix", [".las", ".laz"])
@pytest.mark.parametrize("format_id", range(11))
@pytest.mark.parametrize("extra", [0, 5])
def test_copy_changes_labels_only_in_every_point_format(
    make_las, tmp_path, format_id, extra, suffix
):
    body = bytes(range(256)) * 3
    file = make_las(
        format_id,
        extra=extra,
        vlrs=[(b"somebody", 77, body), (b"liblas", 2112, b"")],
        gap=b"\xcc\xdd",
        header_extra=b"",
    )
    source, copy = tmp_path / "scan.las", tmp_path / f"copy{suffix}"
    source.write_bytes(file.to_bytes())
    labels = labels_for(source)
    write(copy, read(source).with_labels(labels), like=source)
    assert_only_labels_changed(source, copy, labels)
    # Compressed and back again, the file is the first one to the byte.
    again = tmp_path / "again.las"
    original = read(source)
    write(again, original, like=copy)
    assert again.read_bytes() == source.read_bytes()


@pytest.mark.parametrize("minor", [0, 1, 2, 3, 4])
def test_every_version_is_read_and_kept(make_las, tmp_path, minor):
    source, copy = tmp_path / "scan.las", tmp_path / "copy.las"
    source.write_bytes(make_las(0, minor=minor, header_extra=b"more").to_bytes())
    labels = labels_for(source)
    write(copy, read(source).with_labels(labels), like=source)
    assert_only_labels_changed(source, copy, labels)
    assert np.array_equal(read(copy).labels, labels)


def test_every_real_file_survives(shared_data, tmp_path):
    files = lidar_files(shared_data)
    assert files
    for source in files:
        copy = tmp_path / source.name.replace(".copc.laz", ".laz")
        labels = labels_for(source)
        cloud = read(source)
        assert np.array_equal(cloud.xyz, laspy.read(source).xyz)
        write(copy, cloud.with_labels(labels), like=source)
        assert_only_labels_changed(source, copy, labels)
        copy.unlink()


def test_attributes_the_source_lacks_are_added(make_las, tmp_path):
    source, copy = tmp_path / "scan.las", tmp_path / "copy.laz"
    source.write_bytes(make_las(1).to_bytes())
    cloud = read(source)
    normals = np.random.default_rng(0).normal(size=(len(cloud), 3))
    more = {**cloud.attributes, "normal": normals, "flag": np.arange(len(cloud)) % 2 == 0}
    write(copy, PointCloud(cloud.xyz, more, cloud.labels), like=source)
    attributes = read(copy).attributes
    assert np.array_equal(np.stack([attributes[f"normal_{i}"] for i in range(3)], 1), normals)
    assert np.array_equal(attributes["flag"], more["flag"])


def test_a_source_just_read_is_not_decompressed_again(make_las, tmp_path, monkeypatch):
    source, copy = tmp_path / "scan.laz", tmp_path / "copy.laz"
    (tmp_path / "scan.las").write_bytes(make_las(7, extra=3).to_bytes())
    write(source, read(tmp_path / "scan.las"), like=tmp_path / "scan.las")
    cloud = read(source)
    monkeypatch.setattr(las_file, "read_records", None)
    for seed in (1, 2):  # what one copy was given is not seen in the next
        labels = labels_for(source, seed)
        write(copy, cloud.with_labels(labels), like=source, overwrite=True)
        assert_only_labels_changed(source, copy, labels)


@pytest.mark.parametrize("in_place", [False, True])
def test_a_source_changed_since_it_was_read_is_read_again(make_las, tmp_path, in_place):
    source, copy, other = (tmp_path / name for name in ("scan.las", "copy.las", "other.las"))
    source.write_bytes(make_las(6).to_bytes())
    cloud = read(source)
    changed = make_las(6)
    changed.records[:, 12:14] += 1  # intensities
    if in_place:
        source.write_bytes(changed.to_bytes())
        times = source.stat()
        os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns + 1))
    else:
        other.write_bytes(changed.to_bytes())
        other.replace(source)
    labels = labels_for(source)
    write(copy, cloud.with_labels(labels), like=source)
    assert_only_labels_changed(source, copy, labels)


@pytest.mark.parametrize("count", [1, 20])
def test_attributes_changed_in_memory_do_not_reach_the_copy(make_las, tmp_path, count):
    source, copy = tmp_path / "scan.las", tmp_path / "copy.las"
    source.write_bytes(make_las(7, count=count).to_bytes())
    cloud = read(source)
    for values in cloud.attributes.values():
        values += 1
    write(copy, cloud, like=source)
    assert copy.read_bytes() == source.read_bytes()


def test_labels_go_to_the_dimension_they_came_from(shared_data, tmp_path):
    source = shared_data / "lidar/oakland_mls/oakland_part2_ac.laz"
    cloud = read(source, label_field="label")
    assert cloud.labels.max() > 255
    copy = tmp_path / "copy.laz"
    write(copy, cloud.with_labels(cloud.labels + 1), like=source)
    before, after = laspy.read(source), laspy.read(copy)
    assert np.array_equal(after["label"], before["label"] + 1)
    assert np.array_equal(after.classification, before.classification)
    assert np.array_equal(cloud.attributes["classification"], before.classification)


def test_other_number_of_points_is_refused(make_las, tmp_path):
    source = tmp_path / "scan.las"
    source.write_bytes(make_las(3).to_bytes())
    with pytest.raises(InputError, match=r"57 points.*56"):
        write(tmp_path / "copy.las", read(source).take(np.arange(56)), like=source)


def test_copy_of_copc_has_no_octree(shared_data, tmp_path):
    source = shared_data / "lidar/laspy_sdist/simple.copc.laz"
    write(tmp_path / "simple.laz", read(source), like=source)
    data = (tmp_path / "simple.laz").read_bytes()
    assert b"copc" not in data
    assert laspy.read(tmp_path / "simple.laz").header.number_of_evlrs == 0
    assert struct.unpack_from("<Q", data, 235) == (0,)
