from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import is_scan, output_name, scan_stem
from volseg.io.scans.formats import SCAN_FORMATS

# Of the kinds volseg writes that are a file, not a folder.
SUFFIXES = [
    suffix
    for kind in SCAN_FORMATS
    for suffix in kind.suffixes
    if kind.copies is None and "/" not in suffix
]


def cloud(count: int = 30) -> PointCloud:
    generator = np.random.default_rng(0)
    xyz = np.round(generator.uniform(-100, 100, (count, 3)) * 1024) / 1024
    return PointCloud(xyz, {"intensity": np.arange(count)}, np.arange(count) % 7)


def test_suffixes_are_known_in_any_case():
    assert is_scan("A.LAZ")
    assert is_scan(Path("x/b.xyz_label_conf.gz"))
    assert not is_scan("a.label")
    assert not is_scan("a.gz")


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("x/a.copc.laz", "a.laz"), ("a.LAZ", "a.LAZ"), ("A.COPC.LAZ", "A.laz"),
        ("a.xyz.gz", "a.xyz.gz"), ("b/000000.bin", "000000.bin"), ("x/a.e57", "a.ply"),
        ("x/hall/coord.npy", "hall/coord.npy"), ("x/0.label", "0.label"),
    ],
)  # fmt: skip
def test_a_copy_keeps_its_name_where_volseg_writes_its_kind(source, name):
    assert output_name(source) == name


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("x/a.copc.laz", "a"), ("a.E57", "a"), ("b/0.label", "0"), ("b/hall.labels", "hall"),
        ("x/hall/coord.npy", "hall"), ("a.b.pcd", "a.b"), ("x/coord.np", "coord.np"),
    ],
)  # fmt: skip
def test_stems(path, stem):
    assert scan_stem(path) == stem


def test_other_arrays_are_no_scans():
    assert is_scan("x/coord.npy")
    assert not is_scan("x/mycoord.npy")
    assert not is_scan("x/segment.npy")


def test_importing_io_loads_no_reader():
    heavy = "laspy", "lazrs", "pyproj", "torch", "open3d"
    code = f"import sys, volseg.io; print([m for m in {heavy} if m in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
