"""Objects of scans that adjoin: grouped as one, whatever files the survey is cut into."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.predict.scans.runs import Watch, halves, run, stops_at_second, wkt
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.labels import LabelMap
from volseg.io import read, write
from volseg.models.load import load_scan_model
from volseg.predict.scans import run as run_module
from volseg.predict.scans.model import ScanModel

pytestmark = pytest.mark.usefixtures("small_pieces")


@pytest.fixture(scope="module")
def model(run_folder: Path) -> ScanModel:
    """A model all of whose classes are things."""
    trained = load_scan_model(run_folder, "cpu")
    entries = (
        replace(entry, thing=True, grouping="components", radius=0.5, min_points=5)
        for entry in trained.labels.classes
    )
    return replace(trained, labels=LabelMap(tuple(entries), trained.labels.ignore))


@pytest.fixture
def wide(boxes: Callable[..., PointCloud]) -> PointCloud:
    cloud = boxes(2, 6000)
    corner = cloud.xyz.min(axis=0)
    return replace(cloud, xyz=np.round((cloud.xyz - corner) * (5, 2, 1) + corner, 3))


def rows(table: Path) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in csv.DictReader(table.read_text().splitlines())}


def test_files_are_grouped_as_the_whole(model: ScanModel, wide: PointCloud, tmp_path: Path) -> None:
    write(tmp_path / "whole.laz", replace(wide, crs=wkt(2154)))
    (whole,) = run(model, tmp_path / "one", tmp_path / "whole.laz", objects=True)
    ids, table = read(whole.written[0]).instances, rows(whole.written[1])
    assert ids is not None
    left = wide.xyz[:, 0] < wide.xyz[:, 0].mean()
    jobs = run(model, tmp_path / "out", *halves(tmp_path, wide, (2154, 2154)), objects=True)
    both = set(np.unique(ids[left])) & set(np.unique(ids[~left])) - {0}
    assert both, "no object crosses the seam: the test says nothing"
    for job, own in zip(jobs, (left, ~left), strict=True):
        assert np.array_equal(read(job.written[0]).instances, ids[own])
        assert rows(job.written[1]) == {
            key: row for key, row in table.items() if int(key) in ids[own]
        }
        assert job.objects == len(np.unique(ids[own][ids[own] > 0]))


def test_a_run_broken_between_files_groups_all_anew(
    model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    sources = halves(tmp_path, wide, (2154, 2154))
    fresh = run(model, tmp_path / "fresh", *sources, objects=True)
    with pytest.raises(KeyboardInterrupt):
        run(model, tmp_path / "out", *sources, watch=stops_at_second(), objects=True)
    again = run(model, tmp_path / "out", *sources, objects=True)
    for one, two in zip(again, fresh, strict=True):
        assert [path.read_bytes() for path in one.written] == [
            path.read_bytes() for path in two.written
        ]


@pytest.mark.parametrize("broken", [0, 1])
def test_who_waits_for_a_file_that_fails_is_written(
    model: ScanModel, wide: PointCloud, tmp_path: Path, broken: int
) -> None:
    sources = halves(tmp_path, wide, (2154, 2154))
    data = sources[broken].read_bytes()
    sources[broken].write_bytes(data[: len(data) // 2])
    jobs = run(model, tmp_path / "out", *sources, objects=True)
    found = {job.source: job for job in jobs}
    assert found[sources[broken]].error is not None
    assert found[sources[1 - broken]].error is None
    assert found[sources[1 - broken]].written[0].exists()


def test_a_group_that_fails_fails_in_all(
    model: ScanModel, wide: PointCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise InputError("too far apart")

    monkeypatch.setattr(run_module, "group_spools", fail)
    jobs = run(model, tmp_path / "out", *halves(tmp_path, wide, (2154, 2154)), objects=True)
    assert ["too far apart" in str(job.error) for job in jobs] == [True, True]


def test_files_of_other_systems_are_grouped_on_their_own(
    model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    sources = halves(tmp_path, wide, (2154, 28992))
    together = run(model, tmp_path / "out", *sources, objects=True, watch=Watch())
    for job, source in zip(together, sources, strict=True):
        (alone,) = run(model, tmp_path / "alone", source, objects=True)
        assert job.written[0].read_bytes() == alone.written[0].read_bytes()
