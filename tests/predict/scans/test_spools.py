"""What scans given together lend each other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.predict.scans.runs import halves, run
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.predict.scans.model import ScanModel

pytestmark = pytest.mark.usefixtures("small_pieces")


def test_adjoining_files_are_segmented_as_one(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    whole = run_model(wide).labels
    assert whole is not None
    left = wide.xyz[:, 0] < wide.xyz[:, 0].mean()
    sources = halves(tmp_path, wide, (2154, 2154))
    jobs = run(run_model, tmp_path / "out", *sources)
    for job, own in zip(jobs, (left, ~left), strict=True):
        np.testing.assert_array_equal(read(job.written[0]).labels, whole[own])
        assert not job.strangers


@pytest.mark.parametrize("codes", [(2154, 28992), (None, None), (2154, None)])
def test_files_of_other_systems_or_none_stand_alone(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path, codes: tuple[int | None, int | None]
) -> None:
    sources = halves(tmp_path, wide, codes)
    together = run(run_model, tmp_path / "out", *sources)
    for job, source in zip(together, sources, strict=True):
        (alone,) = run(run_model, tmp_path / "alone", source)
        assert job.written[0].read_bytes() == alone.written[0].read_bytes()
    told = [[one.name for one in job.strangers] for job in together]
    assert told == ([["b.laz"], ["a.laz"]] if None not in codes else [[], []])


def test_files_that_overlap_stand_alone(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    """Another flight over the same place is no part of a scan."""
    random = np.random.default_rng(0)
    sources = []
    for name in "ab":
        sources.append(tmp_path / f"{name}.laz")
        write(sources[-1], wide.take(np.flatnonzero(random.random(len(wide)) < 0.8)))
    together = run(run_model, tmp_path / "out", *sources)
    for job, source in zip(together, sources, strict=True):
        (alone,) = run(run_model, tmp_path / "alone", source)
        assert job.written[0].read_bytes() == alone.written[0].read_bytes()


def test_a_broken_neighbour_lends_nothing_and_is_named(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    first, second = halves(tmp_path, wide, (2154, 2154))
    data = second.read_bytes()
    second.write_bytes(data[: len(data) // 2])
    jobs = run(run_model, tmp_path / "out", first, second)
    assert jobs[0].error is None
    assert jobs[1].error is not None
    assert "b.laz" in str(jobs[1].error)
    assert [one.name for one in (tmp_path / "out").iterdir()] == ["a.laz"]
