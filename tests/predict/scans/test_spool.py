"""What is spooled comes back, by column and by piece."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from volseg.data.scans.features import parse_features
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.predict.scans.spool import (
    OBJECT,
    OBJECTS,
    POINTS,
    Lattice,
    Spool,
    load_spool,
    make_spool,
)
from volseg.predict.scans.tile_input import VOTE

LATTICE = Lattice(0.5, 8)


def spooled(folder: Path, pieces: Iterable[PointCloud]) -> Spool:
    return make_spool(
        folder, pieces, LATTICE, parse_features("intensity", "height"), lambda count: None
    )


def cut(cloud: PointCloud, *places: int) -> list[PointCloud]:
    return [cloud.take(rows) for rows in np.split(np.arange(len(cloud)), places)]


@pytest.fixture(scope="module")
def scan(boxes: Callable[..., PointCloud]) -> PointCloud:
    return boxes(4, 2000)


@pytest.mark.parametrize("places", [(), (700,), (0, 3, 1999)])
def test_every_point_is_in_one_run_of_its_column(
    tmp_path: Path, scan: PointCloud, places: tuple[int, ...]
) -> None:
    spool = spooled(tmp_path, cut(scan, *places))
    assert len(spool) == spool.runs["points"].sum() == len(scan)
    everything = spool.read(spool.runs)
    rows = np.lexsort(everything.xyz.T)
    order = np.lexsort(scan.xyz.T)
    np.testing.assert_array_equal(everything.xyz[rows], scan.xyz[order])
    for run in spool.runs:
        points = spool.read(np.atleast_1d(run))
        column = np.floor(np.floor(points.xyz[:, :2] / 0.5) / 8)
        assert (column == run["column"]).all()
        assert len(np.unique(np.floor(points.xyz / 0.5), axis=0)) == run["voxels"]
    np.testing.assert_array_equal(np.min(scan.xyz, axis=0), spool.lower)
    np.testing.assert_array_equal(np.max(scan.xyz, axis=0), spool.upper)


def test_attributes_stay_with_their_points(tmp_path: Path, scan: PointCloud) -> None:
    spool = spooled(tmp_path, cut(scan, 900))
    found = spool.read(spool.runs[::-1])
    place = {
        tuple(xyz): value for xyz, value in zip(scan.xyz, scan.attributes["intensity"], strict=True)
    }
    assert found.attributes["intensity"].dtype == np.uint16
    for xyz, value in zip(found.xyz, found.attributes["intensity"][:, 0], strict=True):
        assert place[tuple(xyz)] == value


def test_votes_by_tile_come_back_by_piece(tmp_path: Path, scan: PointCloud) -> None:
    spool = spooled(tmp_path, cut(scan, 700, 1400))
    random = np.random.default_rng(0)
    for part in np.array_split(random.permutation(spool.runs), 5):
        points = spool.read(part)
        votes = np.zeros(len(points), dtype=VOTE)
        votes["label"] = np.floor(points.xyz[:, 0] * 1000) % 30_000
        votes["confidence"] = points.xyz[:, 1] % 1
        spool.vote(part, votes)
    again = load_spool(tmp_path)
    assert again is not None
    for rows in (slice(0, 2000), slice(650, 1410), slice(3, 3), slice(1999, 2000)):
        found = again.votes(rows)
        np.testing.assert_array_equal(found["label"], np.floor(scan.xyz[rows, 0] * 1000) % 30_000)
        np.testing.assert_array_equal(
            found["confidence"], (scan.xyz[rows, 1] % 1).astype(np.float32)
        )


def test_a_spool_is_loaded_as_it_was_made(tmp_path: Path, scan: PointCloud) -> None:
    made = spooled(tmp_path, cut(scan, 700))
    again = load_spool(tmp_path)
    assert again is not None
    np.testing.assert_array_equal(again.runs, made.runs)
    np.testing.assert_array_equal(again.context.layers, made.context.layers)
    np.testing.assert_array_equal(again.context.voxels, made.context.voxels)
    assert again.context.scales == made.context.scales
    assert again.context.range == made.context.range
    assert (again.record, again.pieces, again.crs) == (made.record, made.pieces, made.crs)
    made.drop_points()
    assert load_spool(tmp_path) is None


def test_half_a_spool_is_none(tmp_path: Path, scan: PointCloud) -> None:
    def dying() -> Iterator[PointCloud]:
        yield from cut(scan, 700)[:1]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        spooled(tmp_path, dying())
    assert load_spool(tmp_path) is None


def test_points_cut_off_are_noticed(tmp_path: Path, scan: PointCloud) -> None:
    spool = spooled(tmp_path, [scan])
    with (tmp_path / POINTS).open("r+b") as stream:
        stream.truncate(1000)
    with pytest.raises(InputError, match="cut off"):
        spool.read(spool.runs)


@pytest.mark.parametrize(
    ("xyz", "said"),
    [(np.empty((0, 3)), "no points"), (np.ones((1, 3)), "one point"), (np.ones((4, 3)), "all 4")],
)
def test_a_scan_without_extent_is_refused(tmp_path: Path, xyz: np.ndarray, said: str) -> None:
    cloud = PointCloud(xyz, {"intensity": np.zeros(len(xyz))})
    with pytest.raises(InputError, match=said):
        spooled(tmp_path, [cloud])


def test_an_attribute_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="'intensity'"):
        spooled(tmp_path, [PointCloud(np.eye(3))])


def test_votes_come_back_by_column_and_objects_by_piece(tmp_path: Path, scan: PointCloud) -> None:
    spool = spooled(tmp_path, cut(scan, 700, 1400))
    numbers = np.floor(spool.read(spool.runs).xyz[:, 0] * 1000).astype(OBJECT)
    votes = np.zeros(len(scan), dtype=VOTE)
    votes["label"] = numbers % 30_000
    spool.vote(spool.runs, votes)
    (tmp_path / OBJECTS).write_bytes(numbers.tobytes())
    for runs in (spool.runs, spool.runs[::-1], spool.runs[2:5]):
        wanted = np.floor(spool.read(runs).xyz[:, 0] * 1000) % 30_000
        np.testing.assert_array_equal(spool.votes_of(runs)["label"], wanted)
    for rows in (slice(0, 2000), slice(650, 1410), slice(3, 3)):
        found = spool.objects(rows)
        np.testing.assert_array_equal(found, np.floor(scan.xyz[rows, 0] * 1000))
    spool.drop_points()
    assert not (tmp_path / OBJECTS).exists()
