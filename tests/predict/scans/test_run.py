"""Files of any size: what is written, what is borrowed, and what a broken run leaves."""

from __future__ import annotations

import copy
import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyproj
import pytest
import torch

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.io.scans import pieces
from volseg.io.scans.las import pieces as las_pieces
from volseg.models.load import load_scan_model
from volseg.predict.scans.job import Job
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.run import ScanRun

SMALL = 3_000_000
"""Bytes that make several tiles of the scans below."""


class Quiet:
    """Watches, and stops the run where told."""

    def __init__(self, stop: Callable[[str, int], bool] = lambda what, done: False) -> None:
        self.what, self.done, self.stop = "", 0, stop
        self.work: list[tuple[str, str]] = []

    def on_work(self, job: Job, what: str, points: int | None) -> None:
        self.what, self.done = what, 0
        self.work.append((job.source.name, what))

    def on_points(self, job: Job, count: int) -> None:
        self.done += count
        if self.stop(self.what, self.done):
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def model(run_folder: Path) -> ScanModel:
    return load_scan_model(run_folder, "cpu")


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 1500)


def wkt(code: int) -> str:
    return str(pyproj.CRS.from_epsg(code).to_wkt())


@pytest.fixture
def wide(boxes: Callable[..., PointCloud]) -> PointCloud:
    cloud = boxes(2, 6000)
    corner = cloud.xyz.min(axis=0)
    return replace(cloud, xyz=np.round((cloud.xyz - corner) * (5, 2, 1) + corner, 3), crs=wkt(2154))


def run(
    model: ScanModel, out: Path, *sources: Path, watch: Quiet | None = None, **settings: Any
) -> list[Job]:
    out.mkdir(exist_ok=True)
    jobs = [Job(source, out / source.name) for source in sources]
    return list(ScanRun(model, jobs, watch=watch or Quiet(), memory=SMALL, **settings))


def halves(folder: Path, cloud: PointCloud, codes: tuple[int | None, int | None]) -> list[Path]:
    """The two sides of a scan as files in these coordinate systems."""
    left = cloud.xyz[:, 0] < cloud.xyz[:, 0].mean()
    paths = []
    for name, part, code in zip("ab", (left, ~left), codes, strict=True):
        paths.append(folder / f"{name}.laz")
        crs = None if code is None else wkt(code)
        write(paths[-1], replace(cloud.take(part), crs=crs))
    return paths


@pytest.mark.parametrize("suffix", [".laz", ".las", ".ply"])
def test_the_file_is_that_of_one_piece(
    model: ScanModel, wide: PointCloud, tmp_path: Path, suffix: str
) -> None:
    source, wanted = tmp_path / f"a{suffix}", tmp_path / f"wanted{suffix}"
    write(source, wide)
    whole = model(read(source))
    write(wanted, replace(whole, confidence=None), like=source)
    (job,) = run(model, tmp_path / "out", source)
    assert job.error is None
    assert job.points == len(wide)
    assert job.written == [tmp_path / "out" / source.name]
    assert job.written[0].read_bytes() == wanted.read_bytes()
    assert [one.name for one in (tmp_path / "out").iterdir()] == [source.name]
    (again,) = run(model, tmp_path / "out", source, overwrite=True, confidence=True)
    assert again.error is None
    confidence = read(job.written[0]).attributes["confidence"]
    np.testing.assert_allclose(confidence, whole.confidence, rtol=1e-4)


@pytest.mark.parametrize("where", ["reading", "segmenting", "writing"])
def test_a_broken_run_goes_on_where_it_stopped(
    model: ScanModel, wide: PointCloud, tmp_path: Path, where: str
) -> None:
    source = tmp_path / "a.laz"
    write(source, wide)
    out, watch = tmp_path / "out", Quiet(lambda what, done: what == where and done > 2000)
    with pytest.raises(KeyboardInterrupt):
        run(model, out, source, watch=watch)
    assert not (out / "a.laz").exists()
    watch = Quiet()
    (job,) = run(model, out, source, watch=watch)
    assert job.error is None
    assert (("a.laz", "reading") in watch.work) == (where == "reading")
    (fresh,) = run(model, tmp_path / "fresh", source)
    assert job.written[0].read_bytes() == fresh.written[0].read_bytes()
    assert [one.name for one in out.iterdir()] == ["a.laz"]


def test_another_scan_or_model_begins_anew(
    model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    source, out = tmp_path / "a.laz", tmp_path / "out"
    write(source, wide)

    def broken() -> None:
        with pytest.raises(KeyboardInterrupt):
            run(model, out, source, watch=Quiet(lambda what, done: what == "writing"))

    broken()
    write(source, wide.take(np.arange(5000)), overwrite=True)
    watch = Quiet()
    assert run(model, out, source, watch=watch)[0].points == 5000
    assert ("a.laz", "reading") in watch.work
    (out / "a.laz").unlink()
    broken()
    net = copy.deepcopy(model.net)
    with torch.no_grad():
        net.head.bias[0] += 100.0  # type: ignore[union-attr,operator,index]
    (job,) = run(replace(model, net=net), out, source)
    assert np.unique(read(job.written[0]).labels).tolist() == [2]


def test_a_folder_goes_on_with_the_file_it_stopped_at(
    model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    sources, out = halves(tmp_path, wide, (2154, 2154)), tmp_path / "out"
    watch = Quiet()
    watch.stop = lambda what, done: what == "writing" and watch.work[-1][0] == "b.laz"
    with pytest.raises(KeyboardInterrupt):
        run(model, out, *sources, watch=watch)
    assert (out / "a.laz").exists()
    stamp = (out / "a.laz").stat().st_mtime_ns
    watch = Quiet()
    jobs = run(model, out, *sources, watch=watch)
    assert [job.written for job in jobs] == [[out / "a.laz"], [out / "b.laz"]]
    assert jobs[0].points == len(read(sources[0]))
    assert (out / "a.laz").stat().st_mtime_ns == stamp
    assert ("a.laz", "segmenting") not in watch.work
    assert sorted(one.name for one in out.iterdir()) == ["a.laz", "b.laz"]


def test_a_file_that_changed_since_is_not_replaced(
    model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    sources, out = halves(tmp_path, wide, (2154, 2154)), tmp_path / "out"
    watch = Quiet()
    watch.stop = lambda what, done: what == "writing" and watch.work[-1][0] == "b.laz"
    with pytest.raises(KeyboardInterrupt):
        run(model, out, *sources, watch=watch)
    (out / "a.laz").write_bytes(b"precious")
    with pytest.raises(InputError, match=r"a\.laz: exists already"):
        run(model, out, *sources)
    assert (out / "a.laz").read_bytes() == b"precious"


def test_adjoining_files_are_segmented_as_one(
    model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    whole = model(wide).labels
    assert whole is not None
    left = wide.xyz[:, 0] < wide.xyz[:, 0].mean()
    sources = halves(tmp_path, wide, (2154, 2154))
    jobs = run(model, tmp_path / "out", *sources)
    for job, own in zip(jobs, (left, ~left), strict=True):
        np.testing.assert_array_equal(read(job.written[0]).labels, whole[own])
        assert not job.strangers


@pytest.mark.parametrize("codes", [(2154, 28992), (None, None), (2154, None)])
def test_files_of_other_systems_or_none_stand_alone(
    model: ScanModel, wide: PointCloud, tmp_path: Path, codes: tuple[int | None, int | None]
) -> None:
    sources = halves(tmp_path, wide, codes)
    together = run(model, tmp_path / "out", *sources)
    for job, source in zip(together, sources, strict=True):
        (alone,) = run(model, tmp_path / "alone", source)
        assert job.written[0].read_bytes() == alone.written[0].read_bytes()
    told = [[one.name for one in job.strangers] for job in together]
    assert told == ([["b.laz"], ["a.laz"]] if None not in codes else [[], []])


def test_files_that_overlap_stand_alone(model: ScanModel, wide: PointCloud, tmp_path: Path) -> None:
    """Another flight over the same place is no part of a scan."""
    random = np.random.default_rng(0)
    sources = []
    for name in "ab":
        sources.append(tmp_path / f"{name}.laz")
        write(sources[-1], wide.take(np.flatnonzero(random.random(len(wide)) < 0.8)))
    together = run(model, tmp_path / "out", *sources)
    for job, source in zip(together, sources, strict=True):
        (alone,) = run(model, tmp_path / "alone", source)
        assert job.written[0].read_bytes() == alone.written[0].read_bytes()


def test_a_broken_neighbour_lends_nothing_and_is_named(
    model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    first, second = halves(tmp_path, wide, (2154, 2154))
    data = second.read_bytes()
    second.write_bytes(data[: len(data) // 2])
    jobs = run(model, tmp_path / "out", first, second)
    assert jobs[0].error is None
    assert jobs[1].error is not None
    assert "b.laz" in str(jobs[1].error)
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["a.laz"]


def test_a_full_disk_is_one_line_and_the_next_run_goes_on(
    model: ScanModel, wide: PointCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "a.las", tmp_path / "out"
    out.mkdir()
    write(source, wide)
    (out / "a.las").write_bytes(b"precious")
    save = las_pieces.save

    def full(stream: Any, *arguments: Any, **flags: Any) -> None:
        save(stream, *arguments, **flags)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(las_pieces, "save", full)
    (job,) = run(model, out, source, overwrite=True)
    assert str(job.error) == f"{out / 'a.las'}: the disk is full; free some space and run again"
    assert (out / "a.las").read_bytes() == b"precious"
    monkeypatch.undo()
    monkeypatch.setattr(pieces, "PIECE", 1500)
    watch = Quiet()
    (job,) = run(model, out, source, overwrite=True, watch=watch)
    assert job.error is None
    assert ("a.las", "reading") not in watch.work
    assert len(read(out / "a.las")) == len(wide)
    assert [one.name for one in out.iterdir()] == ["a.las"]


def test_classes_the_format_cannot_hold_are_refused_before_any_work(
    model: ScanModel, tmp_path: Path
) -> None:
    import laspy

    las = laspy.LasData(laspy.LasHeader(version="1.2", point_format=1))
    las.X = np.arange(4000)
    las.write(tmp_path / "a.las")
    classes = tuple(replace(one, ids=(one.ids[0] + 300,)) for one in model.labels.classes)
    watch = Quiet()
    (job,) = run(
        replace(model, labels=replace(model.labels, classes=classes)),
        tmp_path / "out", tmp_path / "a.las", watch=watch,
    )  # fmt: skip
    assert "class id 302 does not fit LAS" in str(job.error)
    assert watch.work == []


class Counted(Quiet):
    """Notes every number of points it is told of, by work."""

    def __init__(self) -> None:
        super().__init__()
        self.told: dict[str, list[int]] = {}

    def on_points(self, job: Job, count: int) -> None:
        super().on_points(job, count)
        self.told.setdefault(f"{job.source.name} {self.what}", []).append(count)


@pytest.mark.parametrize("tta", [False, True])
def test_a_scan_of_one_tile_is_seen_to_go_on(
    model: ScanModel, boxes: Callable[..., PointCloud], tmp_path: Path, tta: bool
) -> None:
    sources = [tmp_path / "a.ply", tmp_path / "b.ply"]
    for seed, source in enumerate(sources):
        write(source, boxes(seed, 900))
    watch = Counted()
    (tmp_path / "out").mkdir()
    jobs = [Job(source, tmp_path / "out" / source.name) for source in sources]
    hooks = [len(one._forward_hooks) for one in model.net.modules()]
    assert all(job.error is None for job in ScanRun(model, jobs, watch=watch, tta=tta))
    for source, job in zip(sources, jobs, strict=True):
        told = watch.told[f"{source.name} segmenting"]
        assert sum(told) == job.points
        assert len(told) > 5
        assert max(told) < job.points / 2
    assert [len(one._forward_hooks) for one in model.net.modules()] == hooks
