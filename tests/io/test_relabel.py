"""Other ids and back are the same file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read_label_volume, read_labels, write, write_label_volume
from volseg.io.relabel import relabel

IDS = {1: 2, 2: 1, 3: 9}
BACK = {1: 2, 2: 1, 9: 3}


@pytest.mark.parametrize("suffix", [".laz", ".ply", ".pcd", ".npz", ".csv"])
def test_scans_come_back(tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in "abc"]
    xyz = np.random.default_rng(0).integers(0, 99, (40, 3)) / 8
    write(paths[0], PointCloud(xyz, labels=np.arange(40) % 5))
    assert relabel(paths[0], paths[1], IDS) == 24
    assert relabel(paths[1], paths[2], BACK) == 24
    labels, _ = read_labels(paths[1])
    assert labels is not None
    assert labels[:5].tolist() == [0, 2, 1, 9, 4]
    assert np.array_equal(read_labels(paths[2])[0], np.arange(40) % 5)


@pytest.mark.parametrize("suffix", [".nii.gz", ".tif"])
def test_label_maps_come_back(tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"{name}{suffix}" for name in "abc"]
    voxels = (np.arange(4 * 5 * 6).reshape(4, 5, 6) % 5).astype(np.uint8)
    write_label_volume(paths[0], voxels, affine=np.diag([2.0, 2, 3, 1]))
    assert relabel(paths[0], paths[1], IDS) == 72
    relabel(paths[1], paths[2], BACK)
    stored = read_label_volume(paths[2])
    np.testing.assert_array_equal(stored.array[0], voxels)
    np.testing.assert_array_equal(stored.affine, read_label_volume(paths[0]).affine)


def test_a_scan_without_labels_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "a.ply", PointCloud(np.eye(3)))
    with pytest.raises(InputError, match="has no labels"):
        relabel(tmp_path / "a.ply", tmp_path / "b.ply", IDS)
    assert not (tmp_path / "b.ply").exists()
