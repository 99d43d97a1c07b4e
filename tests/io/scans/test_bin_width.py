"""Sweeps of other sensors than KITTI's: as many floats a point as there are."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError, InputWarning
from volseg.io import read, write
from volseg.io.scans.pieces import Pieces

COUNT = 1680  # a multiple of all widths


def sweep(width: int, count: int = COUNT) -> np.ndarray:
    """A turn of a sensor of 16 lasers: x, y, z, intensity, ring, time, ..., (N, width)."""
    random = np.random.default_rng(width)
    ring = np.arange(count) % 16
    turn = np.linspace(0, 2 * np.pi, count)
    tilt = np.radians(ring * 2.0 - 25)
    far = np.minimum(1.7 / np.maximum(-np.sin(tilt), 0.02), random.uniform(5, 60, count))
    xyz = (far * np.cos(tilt) * np.cos(turn), far * np.cos(tilt) * np.sin(turn), far * np.sin(tilt))
    more = (random.integers(0, 256, count), ring, turn / 60, random.random(count), far)
    return np.stack((*xyz, *more), axis=1)[:, :width].astype("<f4")


def put(folder: Path, name: str, table: np.ndarray) -> Path:
    table.tofile(folder / name)
    return folder / name


@pytest.mark.parametrize("width", [3, 5, 6, 7, 8])
def test_values_tell_how_many_floats_a_point_has(tmp_path, width):
    table = sweep(width)
    with pytest.warns(InputWarning, match=f"taken as {width} floats a point"):
        cloud = read(put(tmp_path, "0.bin", table))
    assert np.array_equal(cloud.xyz, table[:, :3])
    names = ["intensity", "column5", "column6", "column7", "column8"][: width - 3]
    assert list(cloud.attributes) == names
    for i, name in enumerate(names, start=3):
        assert np.array_equal(cloud.attributes[name], table[:, i])


@pytest.mark.parametrize("count", [COUNT, 20, 5])
def test_four_floats_are_four(tmp_path, count):
    table = sweep(4, count)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cloud = read(put(tmp_path, "0.bin", table))
    assert np.array_equal(cloud.xyz, table[:, :3])
    assert list(cloud.attributes) == ["intensity"]


@pytest.mark.parametrize("count", [COUNT, 20])
def test_names_tell_before_values(tmp_path, count):
    table = sweep(5, count)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cloud = read(put(tmp_path, "0__LIDAR_TOP__1.pcd.bin", table))
    assert np.array_equal(cloud.attributes["ring"], table[:, 4])
    write(tmp_path / "1.pcd.bin", cloud)
    assert np.array_equal(np.fromfile(tmp_path / "1.pcd.bin", "<f4").reshape(-1, 5), table)


def test_labels_tell_before_values(tmp_path):
    table = sweep(5, 20)  # too few for their values to tell
    put(tmp_path, "0.label", np.arange(20, dtype="<u4"))
    cloud = read(put(tmp_path, "0.bin", table))
    assert np.array_equal(cloud.xyz, table[:, :3])
    assert np.array_equal(cloud.labels, np.arange(20))


@pytest.mark.parametrize("name", ["0.bin", "0.pcd.bin"])
def test_labels_are_one_a_point(tmp_path, name):
    source = put(tmp_path, name, sweep(5))
    (tmp_path / "out").mkdir()
    labels = np.arange(COUNT) % 7
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        target = tmp_path / "out" / name
        written = Pieces(source).relabel(target, lambda rows: (labels[rows], None, None), highest=6)
        assert np.array_equal(read(tmp_path / "out" / name).labels, labels)
    assert written[1].stat().st_size == 4 * COUNT
    assert written[0].read_bytes() == source.read_bytes()


def test_files_cut_off_are_no_other_kind(tmp_path):
    data = sweep(4).tobytes()
    for size in (len(data) - 4, len(data) - 12, 16 * 999 + 4):
        (tmp_path / "0.bin").write_bytes(data[:size])
        with pytest.raises(InputError, match="no multiple of 16"):
            read(tmp_path / "0.bin")
