"""Prepared scans: whole or not there, made anew where anything changed, the same for any pieces."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.heard import Heard
from volseg.data.scans import cache
from volseg.data.scans.cache import build_cache, cached, cached_bytes
from volseg.data.scans.features import Feature, parse_features
from volseg.data.scans.samples import prepare
from volseg.data.scans.source import ScanSource
from volseg.data.scans.store import CachedScan
from volseg.errors import InputError
from volseg.geometry import LabelClass, LabelMap, PointCloud
from volseg.io import read, write
from volseg.io.scans import pieces

LABELS = LabelMap((LabelClass("ground", (2,), "#000000"), LabelClass("box", (6,), "#000000")), (0,))
FEATURES = parse_features("log_count", "offset", "height", "intensity")
EVERYWHERE = np.full(2, -np.inf), np.full(2, np.inf)


def source(path: Path) -> ScanSource:
    return ScanSource(path, path.name, LABELS, None, FEATURES, 4.0)


def content(scan: CachedScan) -> dict[str, bytes]:
    return {file.stem: file.read_bytes() for file in scan.folder.glob("*.npy")}


def times(scan: CachedScan) -> set[int]:
    return {file.stat().st_ino for file in scan.folder.iterdir()}


@pytest.fixture
def tile(tmp_path: Path, boxes: Callable[..., PointCloud]) -> Path:
    write(tmp_path / "tile.laz", boxes(1, 2000))
    return tmp_path / "tile.laz"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_a_scan_is_kept_as_it_is_prepared_whole(tile: Path, folder: Path) -> None:
    (made,) = build_cache([source(tile)], folder)
    whole = prepare(read(tile), FEATURES, LABELS)
    order = np.argsort(made.columns.columns_of(whole.metres), kind="stable")
    found, wanted = made.within(*EVERYWHERE), whole.take(order)
    np.testing.assert_array_equal(found.metres, wanted.metres)
    np.testing.assert_array_equal(found.labels, wanted.labels)  # type: ignore[arg-type]
    assert found.attributes.keys() == {"height", "intensity"}
    for name, values in wanted.attributes.items():
        np.testing.assert_array_equal(found.attributes[name], values)


@pytest.mark.parametrize("rows", [1999, 700, 64])
def test_pieces_of_any_size_make_the_same_files(
    tile: Path, folder: Path, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (whole,) = build_cache([source(tile)], folder / "whole")
    monkeypatch.setattr(pieces, "PIECE", rows)
    (streamed,) = build_cache([source(tile)], folder / "pieces")
    assert content(streamed) == content(whole)


def test_a_stream_of_pieces_is_never_held_whole(
    tile: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def spy(cloud: PointCloud, *rest: object) -> object:
        seen.append(len(cloud))
        return prepare(cloud, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "prepare", spy)
    monkeypatch.setattr(pieces, "PIECE", 300)
    build_cache([source(tile)], folder)
    assert max(seen) == 300
    assert sum(seen) == 2000


@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_coordinates_of_single_precision_take_half_the_room_and_keep_every_bit(
    tmp_path: Path, folder: Path, kind: type
) -> None:
    random = np.random.default_rng(0)
    xyz = random.uniform(-90, 90, (500, 3)).astype(kind).astype(np.float64)
    write(tmp_path / "scan.npz", PointCloud(xyz, {"intensity": xyz[:, 0]}, np.full(500, 2)))
    (made,) = build_cache([source(tmp_path / "scan.npz")], folder)
    assert np.load(made.folder / "metres.npy", mmap_mode="r").dtype == kind
    found = made.within(*EVERYWHERE).metres
    order = np.argsort(made.columns.columns_of(xyz), kind="stable")
    np.testing.assert_array_equal(found, xyz[order])
    assert made.place(0, 7).dtype == found.dtype == np.float64
    near = made.within(xyz[9, :2] - 20, xyz[9, :2] + 20)
    assert len(near) == (np.abs(xyz[:, :2] - xyz[9, :2]) <= 20).all(axis=1).sum()


def test_what_is_there_is_taken_and_not_made_again(tile: Path, folder: Path) -> None:
    (first,) = build_cache([source(tile)], folder)
    before = times(first)
    (again,) = build_cache([source(tile)], folder)
    assert times(again) == before
    assert again == first
    assert cached_bytes([first, again]) == sum(one.stat().st_size for one in first.folder.iterdir())


def test_progress_rises_to_all(tile: Path, folder: Path) -> None:
    shutil.copy(tile, tile.with_name("other.laz"))
    heard = Heard()
    build_cache([source(tile), source(tile.with_name("other.laz"))], folder, heard)
    shares = [done / total for _, done, total in heard.works]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert len(shares) == 4


class TestChanges:
    def test_a_changed_file_takes_the_place_of_what_was_made_of_it(
        self, tile: Path, folder: Path, boxes: Callable[..., PointCloud]
    ) -> None:
        (first,) = build_cache([source(tile)], folder)
        before = content(first)
        write(tile, boxes(2, 2000), overwrite=True)
        (second,) = build_cache([source(tile)], folder)
        assert second.folder == first.folder
        assert content(second) != before
        assert len(list(folder.iterdir())) == 1

    @pytest.mark.parametrize(
        "change",
        [
            {"features": parse_features("offset", "height")},
            {"edge": 2.0},
            {"labels": LabelMap((LabelClass("all", (2, 6), "#000000"),), (0,))},
            {"labels": replace(LABELS, ignore=())},
            {"label_field": "classification"},
        ],
    )
    def test_another_setting_is_another_entry(
        self, tile: Path, folder: Path, change: dict[str, object]
    ) -> None:
        (first,) = build_cache([source(tile)], folder)
        before = times(first)
        (other,) = build_cache([replace(source(tile), **change)], folder)  # type: ignore[arg-type]
        assert other.folder != first.folder
        assert times(first) == before

    def test_a_name_a_colour_and_features_of_voxels_make_no_other(
        self, tile: Path, folder: Path
    ) -> None:
        (first,) = build_cache([source(tile)], folder)
        classes = tuple(replace(one, colour="#FFFFFF", name=one.name * 2) for one in LABELS.classes)
        other = replace(
            source(tile), labels=replace(LABELS, classes=classes),
            features=parse_features("height", "intensity", "offset"),
        )  # fmt: skip
        before = times(first)
        (found,) = build_cache([other], folder)
        assert times(found) == before

    def test_labels_in_a_file_of_their_own_are_watched_too(
        self, tmp_path: Path, folder: Path, boxes: Callable[..., PointCloud]
    ) -> None:
        cloud = boxes(0, 400)
        cloud = replace(cloud, xyz=cloud.xyz - cloud.xyz.min(axis=0))
        written = write(tmp_path / "scan.bin", cloud)
        assert len(written) == 2
        (first,) = build_cache([source(tmp_path / "scan.bin")], folder)
        assert first.columns.counts.tolist() == [200, 200]
        labels = np.zeros(400, dtype="<u4")
        labels[0] = 2
        (tmp_path / "scan.label").write_bytes(labels.tobytes())
        (second,) = build_cache([source(tmp_path / "scan.bin")], folder)
        assert second.columns.counts.tolist() == [1, 0]

    @pytest.mark.parametrize("name", ["facts.json", "metres.npy", "labels.npy", "upto.npy"])
    def test_what_was_damaged_is_made_again(self, tile: Path, folder: Path, name: str) -> None:
        (first,) = build_cache([source(tile)], folder)
        before = content(first)
        for spoil in (lambda file: os.truncate(file, 40), Path.unlink):
            spoil(first.folder / name)
            (again,) = build_cache([source(tile)], folder)
            assert content(again) == before


class TestFailures:
    @pytest.mark.parametrize("error", [KeyboardInterrupt, MemoryError, OSError(28, "full")])
    def test_one_that_is_stopped_leaves_nothing_behind(
        self, tile: Path, folder: Path, error: type[BaseException] | OSError,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        def stop(*_: object) -> object:
            assert any(name.is_dir() for name in folder.iterdir())
            raise error

        with monkeypatch.context() as patch:
            patch.setattr(cache, "prepare", stop)
            wanted = InputError if isinstance(error, OSError) else error
            with pytest.raises(wanted):  # type: ignore[arg-type]
                build_cache([source(tile)], folder)
        assert list(folder.iterdir()) == []
        assert len(build_cache([source(tile)], folder)[0]) == 2000

    def test_what_a_killed_run_left_is_removed_and_that_of_a_living_one_is_not(
        self, tile: Path, folder: Path
    ) -> None:
        dead, alive = folder / ".tile-0.999999999.part", folder / f".tile-0.{os.getppid()}.part"
        for one in (dead, alive):
            one.mkdir(parents=True)
        (dead / "metres.npy").write_bytes(b"half")
        build_cache([source(tile)], folder)
        assert not dead.exists()
        assert alive.exists()

    def test_two_runs_that_make_the_same_both_have_it(
        self, tile: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder.mkdir()

        def meanwhile(*args: object) -> object:
            with monkeypatch.context() as patch:
                patch.setattr(cache, "prepare", prepare)
                patch.setattr(os, "getpid", lambda: 1)
                cached(source(tile), folder)
            return prepare(*args)  # type: ignore[arg-type]

        monkeypatch.setattr(cache, "prepare", meanwhile)
        made = cached(source(tile), folder)
        assert len(made) == 2000
        assert len(list(folder.iterdir())) == 1

    def test_a_disk_too_small_is_said_before_anything_is_read(
        self, tile: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        usage = shutil.disk_usage(tile.parent)._replace(free=60_000)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        monkeypatch.setattr(cache, "cached", lambda *_: pytest.fail("it was read"))
        with pytest.raises(InputError, match=r"cache: .*MB.*free; free some space"):
            build_cache([source(tile)], folder)

    def test_so_is_one_too_small_for_a_scan_whose_header_says_nothing(
        self, tile: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tile.with_name("tile.ply"), read(tile))
        usage = shutil.disk_usage(tile.parent)._replace(free=60_000)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
        with pytest.raises(InputError, match=r"cache: .*free some space"):
            build_cache([source(tile.with_name("tile.ply"))], folder)
        assert list(folder.iterdir()) == []

    def test_the_scan_that_cannot_be_used_is_named_and_others_stay(
        self, tile: Path, folder: Path
    ) -> None:
        write(tile.with_name("z.ply"), PointCloud(np.eye(3), labels=np.array([2, 6, 77])))
        sources = [
            source(tile),
            replace(source(tile.with_name("z.ply")), features=(Feature("height"),)),
        ]
        with pytest.raises(InputError, match=r"z\.ply: .*class id 77"):
            build_cache(sources, folder)
        assert len(list(folder.iterdir())) == 1

    def test_all_that_cannot_be_used_are_named_at_once(self, tile: Path, folder: Path) -> None:
        bad = [tile.with_name(name) for name in ("a.ply", "b.las", "z.ply")]
        write(bad[0], PointCloud(np.eye(3), labels=np.array([2, 6, 77])))
        bad[1].write_bytes(b"LASF and no more")
        write(bad[2], PointCloud(np.eye(3)))
        with pytest.raises(InputError) as caught:
            build_cache([source(one) for one in (bad[0], bad[1], tile, bad[2])], folder)
        said = str(caught.value)
        assert said.startswith("3 of 4 scans cannot be used")
        assert all(f"{path}: " in said for path in bad)
        assert "\n" not in said
        assert len(list(folder.iterdir())) == 1
