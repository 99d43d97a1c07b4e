"""Extra dimensions: described, undocumented, and appended."""

from __future__ import annotations

import struct

import laspy
import numpy as np
import pytest

from tests.io.scans.las.layout import lidar_files, raw_records
from volseg.io import read, write


def test_confidence_is_appended_and_nothing_else_moves(shared_data, tmp_path):
    for source in lidar_files(shared_data):
        cloud = read(source)
        copy = tmp_path / source.name.replace(".copc.laz", ".las").replace(".laz", ".las")
        confidence = np.random.default_rng(1).random(len(cloud), dtype=np.float32)
        write(copy, cloud.with_labels(cloud.labels, confidence), like=source)
        old, new = raw_records(source), raw_records(copy)
        assert np.array_equal(new[:, : old.shape[1]], old)
        # One of whole numbers is a measure of the sensor, not of the labels.
        name = "confidence_predicted" if "confidence" in cloud.attributes else "confidence"
        assert np.array_equal(laspy.read(copy)[name], confidence)
        copy.unlink()


def test_undocumented_bytes_stay_before_a_new_dimension(make_las, tmp_path):
    source, copy = tmp_path / "scan.las", tmp_path / "copy.las"
    source.write_bytes(make_las(6, extra=300).to_bytes())
    cloud = read(source)
    confidence = np.linspace(0, 1, len(cloud), dtype=np.float32)
    write(copy, cloud.with_labels(cloud.labels, confidence), like=source)
    old, new = raw_records(source), raw_records(copy)
    assert np.array_equal(new[:, :330], old)
    assert np.array_equal(new[:, 330:].copy().view("<f4")[:, 0], confidence)
    assert np.array_equal(read(copy).attributes["confidence"], confidence)


@pytest.mark.parametrize("count", [1, 7, 8, 30, 255])
def test_bytes_described_as_undocumented_are_read(make_las, tmp_path, count):
    body = struct.pack("<2xBB32s", 0, count, b"blob").ljust(192, b"\0")
    file = make_las(6, extra=count, vlrs=[(b"LASF_Spec", 4, body)])
    source, copy = tmp_path / "scan.las", tmp_path / "copy.las"
    source.write_bytes(file.to_bytes())
    cloud = read(source)
    blob = [v.reshape(len(cloud), -1) for n, v in cloud.attributes.items() if n.startswith("blob")]
    assert np.array_equal(np.concatenate(blob, axis=1), file.records[:, 30:])
    write(copy, cloud.with_labels(cloud.labels, np.ones(len(cloud))), like=source)
    assert np.array_equal(read(copy).attributes["confidence"], np.ones(len(cloud)))
    written = copy.read_bytes()
    assert body in written
