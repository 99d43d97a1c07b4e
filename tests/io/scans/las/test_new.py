"""New LAS files give back what was written."""

from __future__ import annotations

import laspy
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from volseg.geometry import PointCloud
from volseg.io import read, write


def test_no_attribute_takes_the_place_of_labels_or_coordinates(tmp_path):
    attributes = {"classification": np.arange(5), "X": np.arange(5), "x": np.arange(5.0) + 0.5}
    write(tmp_path / "new.las", PointCloud(np.eye(5)[:, :3], attributes, np.full(5, 9)))
    back = read(tmp_path / "new.las")
    assert np.array_equal(back.labels, np.full(5, 9))
    assert np.abs(back.xyz - np.eye(5)[:, :3]).max() < 1e-9
    for name, values in attributes.items():
        assert np.array_equal(back.attributes[f"{name}_original"], values)


@pytest.mark.parametrize("suffix", [".las", ".laz"])
def test_new_file_gives_back_what_was_written(tmp_path, suffix):
    generator = np.random.default_rng(0)
    cloud = PointCloud(
        generator.uniform(0, 1000, (5000, 3)) + [654321.0, 6543210.0, 100.0],
        {
            "colour": generator.integers(0, 65536, (5000, 3), dtype=np.uint16),
            "intensity": generator.integers(0, 65536, 5000, dtype=np.uint16),
            "gps_time": generator.normal(size=5000),
            "return_number": generator.normal(size=5000),
            "planarity": generator.random(5000, dtype=np.float32),
        },
        generator.integers(0, 256, 5000),
        generator.random(5000, dtype=np.float32),
    )
    path = tmp_path / f"new{suffix}"
    assert write(path, cloud) == [path]
    back = read(path)
    assert np.abs(back.xyz - cloud.xyz).max() < 0.00051
    assert np.array_equal(back.labels, cloud.labels)
    assert np.array_equal(back.attributes["confidence"], cloud.confidence)
    for name, values in cloud.attributes.items():
        stored = "return_number_original" if name == "return_number" else name
        assert np.array_equal(back.attributes[stored], values), name
    header = laspy.read(path).header
    assert np.allclose(header.mins, back.xyz.min(axis=0), atol=1e-6)


@given(
    centre=st.lists(st.floats(-1e9, 1e9), min_size=3, max_size=3),
    spread=st.floats(0, 1e9),
    count=st.integers(1, 20),
)
@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_new_coordinates_never_overflow(tmp_path, centre, spread, count):
    xyz = np.random.default_rng(0).uniform(-spread, spread, (count, 3)) + centre
    write(tmp_path / "new.las", PointCloud(xyz), overwrite=True)
    back = read(tmp_path / "new.las").xyz
    steps = laspy.read(tmp_path / "new.las").header.scales
    assert (np.abs(back - xyz) <= 0.5001 * steps + 1e-6).all()
    assert (steps <= np.maximum(0.001, 11 * np.ptp(xyz, axis=0) / 2**31 + 1e-8)).all()


def test_new_file_without_points(tmp_path):
    write(tmp_path / "empty.laz", PointCloud(np.empty((0, 3))))
    assert len(read(tmp_path / "empty.laz")) == 0
