"""What a broken run leaves, and what the next one takes up of it."""

from __future__ import annotations

import copy
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.predict.scans.runs import Watch, halves, run, stops_at_second
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.predict.scans.model import ScanModel

pytestmark = pytest.mark.usefixtures("small_pieces")


@pytest.mark.parametrize("where", ["reading", "segmenting", "writing"])
def test_a_broken_run_goes_on_where_it_stopped(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path, where: str
) -> None:
    source = tmp_path / "a.laz"
    write(source, wide)
    out, watch = tmp_path / "out", Watch(lambda verb, done: verb == where and done > 2000)
    with pytest.raises(KeyboardInterrupt):
        run(run_model, out, source, watch=watch)
    assert not (out / "a.laz").exists()
    watch = Watch()
    (job,) = run(run_model, out, source, watch=watch)
    assert job.error is None
    assert (("a.laz", "reading") in watch.works) == (where == "reading")
    (fresh,) = run(run_model, tmp_path / "fresh", source)
    assert job.written[0].read_bytes() == fresh.written[0].read_bytes()
    assert [one.name for one in out.iterdir()] == ["a.laz"]


def test_another_scan_or_model_begins_anew(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    source, out = tmp_path / "a.laz", tmp_path / "out"
    write(source, wide)

    def broken() -> None:
        with pytest.raises(KeyboardInterrupt):
            run(run_model, out, source, watch=Watch(lambda verb, done: verb == "writing"))

    broken()
    write(source, wide.take(np.arange(5000)), overwrite=True)
    watch = Watch()
    assert run(run_model, out, source, watch=watch)[0].points == 5000
    assert ("a.laz", "reading") in watch.works
    (out / "a.laz").unlink()
    broken()
    net = copy.deepcopy(run_model.net)
    with torch.no_grad():
        net.head.bias[0] += 100.0  # type: ignore[union-attr,operator,index]
    (job,) = run(replace(run_model, net=net), out, source)
    assert np.unique(read(job.written[0]).labels).tolist() == [2]


def test_a_folder_goes_on_with_the_file_it_stopped_at(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    sources, out = halves(tmp_path, wide, (2154, 2154)), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(run_model, out, *sources, watch=stops_at_second())
    assert (out / "a.laz").exists()
    stamp = (out / "a.laz").stat().st_mtime_ns
    watch = Watch()
    jobs = run(run_model, out, *sources, watch=watch)
    assert [job.written for job in jobs] == [[out / "a.laz"], [out / "b.laz"]]
    assert jobs[0].points == len(read(sources[0]))
    assert (out / "a.laz").stat().st_mtime_ns == stamp
    assert ("a.laz", "segmenting") not in watch.works
    assert sorted(one.name for one in out.iterdir()) == ["a.laz", "b.laz"]


def test_a_file_that_changed_since_is_not_replaced(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    sources, out = halves(tmp_path, wide, (2154, 2154)), tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(run_model, out, *sources, watch=stops_at_second())
    (out / "a.laz").write_bytes(b"precious")
    with pytest.raises(InputError, match=r"a\.laz: exists already"):
        run(run_model, out, *sources)
    assert (out / "a.laz").read_bytes() == b"precious"
