"""How many points are done is told as they are done, within a tile too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.heard import Heard
from tests.predict.scans.runs import Watch
from volseg.geometry import PointCloud
from volseg.io import write
from volseg.predict.scans.job import ScanJob, ScanOptions
from volseg.predict.scans.model import ScanModel
from volseg.predict.scans.progress import PointProgress
from volseg.predict.scans.run import segment_scans


@pytest.mark.parametrize("tta", [False, True])
def test_a_scan_of_one_tile_is_seen_to_go_on(
    run_model: ScanModel, boxes: Callable[..., PointCloud], tmp_path: Path, tta: bool
) -> None:
    sources = [tmp_path / "a.ply", tmp_path / "b.ply"]
    for seed, source in enumerate(sources):
        write(source, boxes(seed, 900))
    watch = Watch()
    (tmp_path / "out").mkdir()
    jobs = [ScanJob(source, tmp_path / "out" / source.name) for source in sources]
    hooks = [len(one._forward_hooks) for one in run_model.net.modules()]
    done = segment_scans(run_model, jobs, ScanOptions(tta=tta), progress=watch)
    assert all(job.error is None for job in done)
    for source, job in zip(sources, jobs, strict=True):
        told = np.diff(watch.done[source.name, "segmenting"])
        assert told.sum() == job.points
        assert np.count_nonzero(told) > 5
        assert told.max() < job.points / 2
    assert [len(one._forward_hooks) for one in run_model.net.modules()] == hooks


@pytest.mark.parametrize("total", [None, 0, 10, 30])
@pytest.mark.parametrize("done", [0, 10])
def test_work_that_is_given_up_is_over(total: int | None, done: int) -> None:
    heard = Heard()
    job = ScanJob(Path("a.laz"), Path("b.laz"))
    points = PointProgress(heard, [job])
    points.begin(job, "reading", total)
    points.add(job, done)
    points.end(job)
    points.end(job)
    assert heard.works[-1][1] == heard.works[-1][2] > 0
    assert heard.works.count(heard.works[-1]) == 1
