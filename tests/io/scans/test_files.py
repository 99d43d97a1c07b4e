"""The verbs that find a scan's format by its suffix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.io.scans.files import files_of
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


def test_unknown_suffixes_list_the_known():
    for act in (lambda: read("scan.obj"), lambda: write("scan.obj", cloud())):
        with pytest.raises(InputError, match=r"scan\.obj.*\.laz.*\.ply.*\.csv\.gz"):
            act()


@pytest.mark.parametrize(("name", "other"), [("a.copc.laz", "a.laz"), ("a.E57", "a.ply")])
def test_what_is_not_written_names_what_is(tmp_path, name, other):
    with pytest.raises(InputError, match=f"name the output {other}"):
        write(tmp_path / name, cloud())


@pytest.mark.parametrize(
    ("scan", "beside", "strays"),
    [
        ("tile.laz", [], ["tile.label", "tile.labels"]),
        ("velodyne/7.bin", ["labels/7.label"], ["velodyne/8.label"]),
        ("7.bin", ["7.label"], []),
        ("one.txt", ["one.labels"], ["one.label"]),
        ("hall/coord.npy", ["hall/color.npy", "hall/segment.npy"], ["hall/notes.txt"]),
    ],
)
def test_a_scan_is_all_the_files_it_is_read_from(
    tmp_path: Path, scan: str, beside: list[str], strays: list[str]
) -> None:
    for name in (scan, *beside, *strays):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert files_of(tmp_path / scan) == [tmp_path / name for name in (scan, *beside)]
    for name in beside:
        (tmp_path / name).unlink()
    assert files_of(tmp_path / scan) == [tmp_path / scan]
