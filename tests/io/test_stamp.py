"""A stamp tells a file from every other, and from itself once it has changed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from volseg.io.stamp import stamp_of


def test_a_stamp_stays_until_the_file_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    file = tmp_path / "a.laz"
    file.write_bytes(b"old")
    first = stamp_of(file)
    file.read_bytes()
    monkeypatch.chdir(tmp_path)
    assert stamp_of(file) == first == stamp_of(Path("a.laz"))
    os.utime(file, ns=(0, first[2] + 1))
    assert stamp_of(file) != first
    file.write_bytes(b"longer")
    os.utime(file, ns=(0, first[2]))
    assert stamp_of(file) != first


def test_a_copy_is_another_file_and_a_missing_one_has_no_stamp(tmp_path: Path):
    file, copy = tmp_path / "a.laz", tmp_path / "b.laz"
    file.write_bytes(b"same")
    copy.write_bytes(b"same")
    os.utime(copy, ns=(0, stamp_of(file)[2]))
    assert stamp_of(copy) != stamp_of(file)
    assert tuple(json.loads(json.dumps(stamp_of(file)))) == stamp_of(file)
    with pytest.raises(FileNotFoundError):
        stamp_of(tmp_path / "c.laz")
