from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg.io.atomic import check_target, read_json, replacing, write_files, write_json


def write(path: Path, data: bytes, *, overwrite: bool = False, fail: BaseException | None = None):
    with replacing(path, overwrite=overwrite) as stream:
        stream.write(data)
        if fail is not None:
            raise fail


def test_the_file_is_there_when_the_block_ends(tmp_path):
    with replacing(tmp_path / "out") as stream:
        stream.write(b"new")
        assert not (tmp_path / "out").exists()
    assert (tmp_path / "out").read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


@pytest.mark.parametrize("fail", [KeyboardInterrupt(), ValueError("x"), SystemExit(1)])
def test_any_exception_leaves_the_old_file_alone(tmp_path, fail):
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with pytest.raises(type(fail)):
        write(path, b"new", overwrite=True, fail=fail)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [tmp_path / "out"]


def test_an_existing_file_is_kept_unless_told(tmp_path):
    path = tmp_path / "out"
    path.write_bytes(b"old")
    with pytest.raises(InputError, match="--overwrite"):
        write(path, b"new")
    assert path.read_bytes() == b"old"
    write(path, b"new", overwrite=True)
    assert path.read_bytes() == b"new"


def test_a_file_that_appears_meanwhile_is_kept(tmp_path):
    with pytest.raises(InputError, match="exists"), replacing(tmp_path / "out"):
        (tmp_path / "out").write_bytes(b"other")
    assert (tmp_path / "out").read_bytes() == b"other"


def test_a_full_disk_is_named(tmp_path):
    with pytest.raises(InputError, match="disk is full"):
        write(tmp_path / "out", b"", fail=OSError(errno.ENOSPC, "no space"))
    assert list(tmp_path.iterdir()) == []


def test_bad_targets_are_refused_with_their_names(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="folder"):
        check_target(tmp_path, overwrite=True)
    with pytest.raises(InputError, match="create it"):
        check_target(tmp_path / "none" / "out", overwrite=True)
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write anywhere
    with pytest.raises(InputError, match="not writable") as caught:
        check_target(tmp_path / "out", overwrite=True)
    assert str(caught.value).startswith(str(tmp_path / "out"))


def test_files_that_belong_together_are_written_all_or_none(tmp_path: Path) -> None:
    first, second = tmp_path / "a", tmp_path / "b"
    second.write_bytes(b"old")
    with pytest.raises(InputError, match="exists already"):
        write_files({first: b"1", second: b"2"}, overwrite=False)
    assert not first.exists()
    assert second.read_bytes() == b"old"
    assert write_files({first: b"1", second: b"2"}, overwrite=True) == [first, second]
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")


def test_facts_are_read_as_they_were_written_or_there_are_none(tmp_path: Path) -> None:
    path, facts = tmp_path / "facts.json", {"points": 3, "crs": "Zürich", "outputs": [[1, None]]}
    assert read_json(path) is None
    for written in ({}, facts):
        write_json(path, written)
        assert read_json(path) == written
    with pytest.raises(TypeError):
        write_json(path, {"no": path})
    assert read_json(path) == facts
    for damaged in (b'{"points": ', b"[1]", b"\xff"):
        path.write_bytes(damaged)
        assert read_json(path) is None
    assert list(tmp_path.iterdir()) == [path]
