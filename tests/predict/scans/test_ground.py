"""Ground found without a network: what is written, of tiles as of the whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.geometry.ground.terrains import Scene, bare, cluster, rolling, with_roof
from tests.predict.scans.runs import Watch, wkt
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.predict.scans.ground import mark_ground
from volseg.predict.scans.job import ScanJob, ScanOptions


@pytest.fixture
def scene() -> Scene:
    """A hall on rolling ground."""
    return with_roof(bare(rolling), 24.0)


def cloud_of(metres: np.ndarray, labels: np.ndarray | None = None) -> PointCloud:
    return PointCloud(np.round(metres, 3), labels=labels, crs=wkt(2154))


def marked(out: Path, *sources: Path, **options: bool) -> list[ScanJob]:
    out.mkdir(exist_ok=True)
    jobs = [ScanJob(source, out / source.name) for source in sources]
    return list(mark_ground(jobs, ScanOptions(**options)))


def labels_of(path: Path) -> np.ndarray:
    labels = read(path).labels
    assert labels is not None
    return labels


def test_ground_is_2_a_roof_1_and_low_points_7(scene: Scene, tmp_path: Path) -> None:
    low = cluster(scene, 5, 6.0, at=(0.2, 0.2))
    write(tmp_path / "a.laz", cloud_of(np.concatenate((scene.metres, low))))
    (job,) = marked(tmp_path / "out", tmp_path / "a.laz")
    labels = labels_of(job.written[0])
    assert (labels[: len(scene.metres)][scene.ground] == 2).mean() > 0.999
    assert (labels[: len(scene.metres)][~scene.ground] == 1).all()
    assert (labels[-5:] == 7).all()
    assert (job.points, job.noise) == (len(labels), 5)
    assert job.ground == (labels == 2).sum()


@pytest.mark.usefixtures("small_pieces")
def test_tiles_in_pieces_are_marked_as_the_whole(scene: Scene, tmp_path: Path) -> None:
    whole = cloud_of(scene.metres)
    write(tmp_path / "whole.laz", whole)
    left = whole.xyz[:, 0] < whole.xyz[:, 0].mean()
    for name, side in (("a", left), ("b", ~left)):
        write(tmp_path / f"{name}.laz", whole.take(side))
    (all_in_one,) = marked(tmp_path / "one", tmp_path / "whole.laz")
    tiles = marked(tmp_path / "two", tmp_path / "a.laz", tmp_path / "b.laz")
    wanted = labels_of(all_in_one.written[0])
    for job, side in zip(tiles, (left, ~left), strict=True):
        np.testing.assert_array_equal(labels_of(job.written[0]), wanted[side])


def test_what_a_file_calls_noise_keeps_its_class(scene: Scene, tmp_path: Path) -> None:
    labels = np.where(np.arange(len(scene.metres)) % 50 == 0, 7, 6)
    write(tmp_path / "a.laz", cloud_of(scene.metres, labels))
    (job,) = marked(tmp_path / "out", tmp_path / "a.laz")
    found = labels_of(job.written[0])
    np.testing.assert_array_equal(found == 7, labels == 7)
    (job,) = marked(tmp_path / "out", tmp_path / "a.laz", all_points=True, overwrite=True)
    assert not (labels_of(job.written[0]) == 7).any()


def test_a_scan_that_cannot_be_read_costs_itself_alone(scene: Scene, tmp_path: Path) -> None:
    write(tmp_path / "a.laz", cloud_of(scene.metres))
    whole = (tmp_path / "a.laz").read_bytes()
    (tmp_path / "b.laz").write_bytes(whole[: len(whole) // 2])
    empty = replace(cloud_of(scene.metres[:1]), labels=np.array([7]))
    write(tmp_path / "c.laz", empty)
    jobs = marked(tmp_path / "out", *(tmp_path / f"{name}.laz" for name in "abc"))
    assert [job.error is None for job in jobs] == [True, False, False]
    assert str(jobs[2].error) == f"{tmp_path / 'c.laz'}: has no points that count"
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.laz"]


def test_a_tile_in_another_system_lends_nothing_and_is_named(scene: Scene, tmp_path: Path) -> None:
    whole = cloud_of(scene.metres)
    left = whole.xyz[:, 0] < whole.xyz[:, 0].mean()
    write(tmp_path / "a.laz", whole.take(left))
    write(tmp_path / "b.laz", replace(whole.take(~left), crs=wkt(3946)))
    first, _ = marked(tmp_path / "out", tmp_path / "a.laz", tmp_path / "b.laz")
    assert first.strangers == [tmp_path / "b.laz"]


def test_progress_counts_points_to_the_end(scene: Scene, tmp_path: Path) -> None:
    write(tmp_path / "a.laz", cloud_of(scene.metres))
    watch = Watch()
    list(mark_ground([ScanJob(tmp_path / "a.laz", tmp_path / "b.laz")], progress=watch))
    assert watch.works == [("a.laz", "reading"), ("a.laz", "marking")]
    assert all(done[-1] == len(scene.metres) for done in watch.done.values())
