"""A scan in pieces is the scan, and written in pieces it is what it is written whole."""

from __future__ import annotations

import gc
import os
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.io.scans import pieces
from volseg.io.scans.codec import Votes
from volseg.io.scans.pieces import Pieces


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 700)


Rows = tuple[NDArray[np.int64], NDArray[np.float32] | None, None]


def votes_of(cloud: PointCloud) -> Votes:
    random = np.random.default_rng(1)
    labels = random.integers(0, 20, len(cloud))
    confidence = random.random(len(cloud), dtype=np.float32)
    return lambda rows: (labels[rows], confidence[rows], None)


@pytest.mark.parametrize("suffix", [".las", ".laz", ".ply"])
def test_pieces_make_the_whole(
    boxes: Callable[..., PointCloud], tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    write(path, boxes(0, 2000))
    whole, parts = read(path), list(Pieces(path, noise=True))
    assert [len(part) for part in parts] == ([2000] if suffix == ".ply" else [700, 700, 600])
    np.testing.assert_array_equal(np.concatenate([part.xyz for part in parts]), whole.xyz)
    for name, values in whole.attributes.items():
        joined = np.concatenate([part.attributes[name] for part in parts])
        np.testing.assert_array_equal(joined, values)
    assert all(part.label_field == whole.label_field for part in parts)


@pytest.mark.parametrize("suffix", [".laz", ".ply"])
def test_pieces_have_the_labels_of_the_field_asked_for(
    boxes: Callable[..., PointCloud], tmp_path: Path, suffix: str
) -> None:
    path = tmp_path / f"a{suffix}"
    cloud = boxes(0, 2000)
    write(path, cloud)
    parts = [part.labels for part in Pieces(path, "intensity") if part.labels is not None]
    labels = np.concatenate(parts)
    np.testing.assert_array_equal(labels, cloud.attributes["intensity"])


@pytest.mark.parametrize("source", [".las", ".laz", ".ply"])
@pytest.mark.parametrize("target", [".las", ".laz", ".ply", ".npz"])
@pytest.mark.parametrize("confident", [True, False])
def test_written_in_pieces_is_written_whole(
    boxes: Callable[..., PointCloud], tmp_path: Path, source: str, target: str, confident: bool
) -> None:
    path, one, other = (tmp_path / f"{name}" for name in (f"a{source}", f"b{target}", f"c{target}"))
    write(path, boxes(0, 2000))
    cloud = read(path)
    votes = votes_of(cloud)

    def some(rows: slice) -> Rows:
        return votes(rows) if confident else (votes(rows)[0], None, None)

    assert Pieces(path, noise=True).relabel(one, some, highest=19) == [one]
    write(other, cloud.with_labels(*some(slice(0, 2000))), like=path)
    if target == ".npz":
        np.testing.assert_array_equal(read(one).labels, read(other).labels)
    else:
        assert one.read_bytes() == other.read_bytes()


def test_every_real_file_is_written_as_whole(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All point formats, extra dimensions, extended records, waveforms and octrees."""
    monkeypatch.setattr(pieces, "PIECE", 300)
    tried = 0
    for path in sorted((shared_data / "lidar" / "laspy_sdist").iterdir()):
        try:
            cloud = read(path)
        except InputError:
            continue
        if not 300 < len(cloud) < 60_000:
            continue
        votes = votes_of(cloud)
        for suffix in (".las", ".laz"):
            one, other = tmp_path / f"one{suffix}", tmp_path / f"other{suffix}"
            try:
                write(other, cloud.with_labels(*votes(slice(0, len(cloud)))), like=path)
            except InputError as error:
                with pytest.raises(InputError, match=str(error.message)[:20]):
                    Pieces(path, noise=True).relabel(one, votes, highest=19)
                continue
            Pieces(path, noise=True).relabel(one, votes, highest=19, overwrite=True)
            assert one.read_bytes() == other.read_bytes(), path.name
            other.unlink()
            tried += 1
    assert tried > 4


def test_a_piece_goes_with_its_last_user(boxes: Callable[..., PointCloud], tmp_path: Path) -> None:
    """Not when the garbage of cycles is collected, which may be thousands of pieces later."""
    write(tmp_path / "a.las", boxes(0, 2000))
    gc.disable()
    try:
        known = [weakref.ref(part.attributes) for part in Pieces(tmp_path / "a.las")]
        assert [one() for one in known] == [None] * 3
    finally:
        gc.enable()


def test_a_scan_of_no_points_is_one_piece(tmp_path: Path) -> None:
    write(tmp_path / "a.las", PointCloud(np.empty((0, 3))))
    assert [len(part) for part in Pieces(tmp_path / "a.las")] == [0]


def test_a_scan_cut_off_is_named_and_nothing_is_written(
    boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    path, target = tmp_path / "a.las", tmp_path / "b.las"
    cloud = boxes(0, 2000)
    write(path, cloud)
    target.write_bytes(b"precious")
    votes = votes_of(cloud)

    def cut(rows: slice) -> Rows:
        if rows.start:  # in the middle of writing
            os.truncate(path, 20_000)
        return votes(rows)

    with pytest.raises(InputError, match=r"a\.las.*cut off"):
        Pieces(path, noise=True).relabel(target, cut, highest=19, overwrite=True)
    assert target.read_bytes() == b"precious"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.las", "b.las"]
