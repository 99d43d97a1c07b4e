"""Files of a kind in folders within folders, without what volseg left beside predictions."""

from __future__ import annotations

from pathlib import Path

import pytest

from volseg.io import is_scan, is_volume
from volseg.io.folders import files_within


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    names = (
        "a.laz a_preview.png b.png b_preview.png b_probabilities.nii scores.png c_preview.png "
        "notes.md .hidden/a.laz north/a.laz north/deep/e.ply out/a.laz hall/coord.npy hall/x.txt "
        "a.objects.csv"
    )
    for name in names.split():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_scans(folder: Path) -> None:
    found = files_within(folder, is_scan, [folder / "out"])
    names = [one.relative_to(folder).as_posix() for one in found]
    assert names == ["a.laz", "hall", "north/a.laz", "north/deep/e.ply"]


def test_volumes_are_no_pictures_of_others(folder: Path) -> None:
    names = [one.name for one in files_within(folder, is_volume)]
    assert names == ["b.png", "c_preview.png"]  # there is no c


def test_a_link_to_a_folder_above_is_no_endless_way(folder: Path) -> None:
    (folder / "north" / "up").symlink_to(folder)
    assert len(files_within(folder, is_scan)) == 5
