"""Tiles on the workers of a real cluster: two processes, some of which die."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg import _version
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import write
from volseg.io.scans import pieces
from volseg.models.load import load_scan_model
from volseg.models.worker import connect
from volseg.predict.scans import cluster, connection
from volseg.predict.scans.cluster import Cluster
from volseg.predict.scans.job import ScanJob, ScanOptions
from volseg.predict.scans.run import segment_scans
from volseg.predict.scans.tile_input import TileInput
from volseg.progress import Progress

SMALL = 3_000_000
"""Bytes that make several tiles of the scan below."""
TILES = 6
REASON = 'dask is not installed: pip install "volseg[cluster]"'


@pytest.fixture(scope="module")
def two() -> Iterator[Any]:
    """A scheduler and two worker processes, of which one may die under a part, but not two."""
    pytest.importorskip("distributed", reason=REASON)
    with connection.import_dask().LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        silence_logs=50,
        scheduler_kwargs={"allowed_failures": 1},
    ) as made:
        yield made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "LOOK", 0.1)
    monkeypatch.setattr(connection, "ANSWER", 2.0)


class Lines(Progress):
    """Keeps the notes it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def note(self, line: str) -> None:
        self.lines.append(line)


def tile_of(number: int) -> TileInput:
    return TileInput(np.full((5, 3), float(number)), {}, None, number, False)


def deadly(number: int, alive: Path | None = None) -> Callable[..., Any]:
    """What a worker dies of at one part: always, or once, when it leaves a sign.

    Workers cannot import this file: a function within a function is sent whole.
    """
    sign = None if alive is None else str(alive)

    def segment(version: str, model: bytes, tile: TileInput) -> Any:
        import os
        import pathlib
        import signal

        if tile.own == number and not (sign and pathlib.Path(sign).exists()):
            if sign:
                pathlib.Path(sign).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return version, model, float(tile.metres.sum())

    return segment


def votes_of_all(made: Cluster) -> dict[int, Any]:
    found = list(made((number, tile_of(number)) for number in range(TILES)))
    assert sorted(key for key, _ in found) == list(range(TILES))
    return dict(found)


@pytest.mark.parametrize("always", [False, True])
def test_a_tile_goes_on_elsewhere_and_one_that_kills_is_given_up(
    two: Any, tmp_path: Path, always: bool
) -> None:
    told = Lines()
    segment = deadly(3, None if always else tmp_path / "died")
    with Cluster(two.scheduler_address, b"weights", segment, told) as made:
        found = votes_of_all(made)
    assert any(line.startswith("lost worker tcp://") for line in told.lines)
    if always:
        assert "ended every worker" in str(found.pop(3))
    assert found == {one: (_version.__version__, b"weights", 15.0 * one) for one in found}


def test_tiles_are_taken_a_few_at_a_time(two: Any) -> None:
    """However many there are, memory holds few."""
    under_way = most = 0

    def tiles() -> Iterator[tuple[int, TileInput]]:
        nonlocal under_way, most
        for number in range(40):
            under_way += 1
            most = max(most, under_way)
            yield number, tile_of(number)

    with Cluster(two.scheduler_address, b"", deadly(-1)) as made:
        for _ in made(tiles()):
            under_way -= 1
    assert most <= 2 * cluster.AHEAD + 1


def test_no_worker_is_waited_for() -> None:
    distributed = pytest.importorskip("distributed", reason=REASON)
    with distributed.LocalCluster(
        n_workers=0, processes=False, protocol="tcp://", dashboard_address=None, silence_logs=50
    ) as empty:

        class Starter(Lines):
            def note(self, line: str) -> None:
                super().note(line)
                empty.scale(1)

        told = Starter()
        with Cluster(empty.scheduler_address, b"", deadly(-1), told) as made:
            assert made.free() > 0
            assert len(votes_of_all(made)) == TILES
    assert told.lines[0].startswith("no workers at tcp://")
    assert "dask worker tcp://" in told.lines[0]


def test_another_volseg_is_refused(two: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    there = _version.__version__
    monkeypatch.setattr(_version, "__version__", "0.0.1")
    made = Cluster(two.scheduler_address, b"", deadly(-1))
    with pytest.raises(InputError, match=f"tcp://.* has volseg {there} .* 0.0.1"):
        made.__enter__()


class Once(Progress):
    """Calls a function when the first points are segmented."""

    def __init__(self, then: Callable[[], None]) -> None:
        self.then: Callable[[], None] | None = then

    def work(self, what: str, done: float, total: float) -> None:
        if self.then is not None and what.startswith("segmenting") and done:
            then, self.then = self.then, None
            then()


def stop() -> None:
    raise KeyboardInterrupt


def write_sources(folder: Path, cloud: PointCloud) -> list[Path]:
    """A scan of several tiles, some of its points noise, and half of it."""
    corner = cloud.xyz.min(axis=0)
    cloud = replace(cloud, xyz=np.round((cloud.xyz - corner) * (5, 2, 1) + corner, 3))
    sources = [folder / "a.laz", folder / "b.laz"]
    cloud.xyz[:9, 2] -= 9  # noise, which is marked
    write(sources[0], cloud)
    write(sources[1], cloud.take(np.arange(3000)))
    return sources


def test_the_files_are_those_of_one_process(
    two: Any,
    run_folder: Path,
    boxes: Callable[..., PointCloud],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With a worker killed on the way, and where either goes on with what the other began."""
    monkeypatch.setattr(pieces, "PIECE", 1500)
    sources = write_sources(tmp_path, boxes(2, 6000))
    model, told = load_scan_model(run_folder, "cpu"), Lines()
    workers = connect(two.scheduler_address, run_folder, device="cpu", progress=told)

    def run(name: str, on_workers: bool, then: Callable[[], None]) -> list[bytes]:
        out = tmp_path / name
        out.mkdir(exist_ok=True)
        jobs = [ScanJob(one, out / one.name) for one in sources]
        work = segment_scans(
            model, jobs, ScanOptions(confidence=True, mark_noise=True),
            segmenter=workers if on_workers else None, memory=SMALL, progress=Once(then),
        )  # fmt: skip
        assert all(job.error is None for job in work)
        assert sorted(one.name for one in out.iterdir()) == ["a.laz", "b.laz"]
        return [job.target.read_bytes() for job in jobs]

    def kill() -> None:
        os.kill(next(iter(two.workers.values())).pid, signal.SIGKILL)

    wanted = run("here", False, lambda: None)
    with workers:
        assert run("there", True, kill) == wanted
        assert any(line.startswith("lost worker") for line in told.lines)
        for first in (True, False):
            with pytest.raises(KeyboardInterrupt):
                run(f"begun {first}", first, stop)
            assert run(f"begun {first}", not first, lambda: None) == wanted


def test_objects_are_those_of_one_process(
    two: Any, run_folder: Path, boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    """Workers give classes; which points are one object is found out here."""
    model = load_scan_model(run_folder, "cpu")
    things = [replace(entry, thing=True, radius=0.4) for entry in model.labels.classes]
    model = replace(model, labels=replace(model.labels, classes=tuple(things)))
    write(tmp_path / "a.laz", boxes(2, 6000))
    made = []
    with connect(two.scheduler_address, run_folder, device="cpu") as workers:
        for segmenter in (None, workers):
            job = ScanJob(tmp_path / "a.laz", tmp_path / f"out{len(made)}" / "a.laz")
            job.target.parent.mkdir()
            list(segment_scans(model, [job], ScanOptions(objects=True), segmenter=segmenter))
            assert job.error is None
            assert job.objects > 1
            made.append([path.read_bytes() for path in job.written])
    assert made[0] == made[1]
