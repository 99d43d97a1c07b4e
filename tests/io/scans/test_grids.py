from __future__ import annotations

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud, voxelize
from volseg.io import read_grid, write_grid


def grid(count: int = 500):
    xyz = np.random.default_rng(0).uniform(-5, 5, (count, 3)) + [654321.0, 6543210.0, 100.0]
    return voxelize(PointCloud(xyz), 0.5)


def test_a_grid_comes_back(tmp_path):
    before = grid()
    colour = np.random.default_rng(1).integers(0, 256, (len(before), 3), dtype=np.uint8)
    write_grid(tmp_path / "grid.npz", before, {"colour": colour})
    after, fields = read_grid(tmp_path / "grid.npz")
    for part in ("coords", "origin", "inverse", "counts"):
        assert np.array_equal(getattr(after, part), getattr(before, part))
    assert after.size == before.size
    assert list(fields) == ["colour"]
    assert np.array_equal(fields["colour"], colour)
    values = np.arange(len(before))
    assert np.array_equal(after.to_points(values), before.to_points(values))


@pytest.mark.parametrize("name", ["coords", "size", "more"])
def test_fields_must_be_one_a_voxel_and_keep_the_grids_names(tmp_path, name):
    before = grid()
    values = np.zeros(len(before) + (name == "more"))
    with pytest.raises(InputError, match=name):
        write_grid(tmp_path / "grid.npz", before, {name: values})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "damage",
    [
        {"inverse": np.zeros(500, np.int64)},
        {"inverse": np.full(500, -1)},
        {"inverse": np.full(500, 10**15)},
        {"coords": np.zeros((3, 3), np.int64)},
        {"coords": np.zeros(3)},
        {"size": np.zeros(3)},
        {"origin": np.zeros(3)},
    ],
)
def test_parts_that_do_not_agree_are_refused(tmp_path, damage):
    write_grid(tmp_path / "grid.npz", grid(), {})
    with np.load(tmp_path / "grid.npz") as arrays:
        parts = dict(arrays)
    np.savez(tmp_path / "grid.npz", **{**parts, **damage})
    with pytest.raises(InputError, match=r"grid\.npz: holds"):
        read_grid(tmp_path / "grid.npz")


def test_a_scan_is_no_grid(tmp_path):
    np.savez(tmp_path / "scan.npz", xyz=np.zeros((3, 3)))
    with pytest.raises(InputError, match=r"no voxel grid.*coords"):
        read_grid(tmp_path / "scan.npz")
