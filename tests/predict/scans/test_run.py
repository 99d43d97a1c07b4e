"""Files of any size: what is written, of each alone."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.predict.scans.runs import Watch, run
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.labels import LabelMap
from volseg.io import read, write
from volseg.io.scans import pieces
from volseg.io.scans.las import pieces as las_pieces
from volseg.predict.scans.model import ScanModel

pytestmark = pytest.mark.usefixtures("small_pieces")


@pytest.mark.parametrize("suffix", [".laz", ".las", ".ply"])
def test_the_file_is_that_of_one_piece(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path, suffix: str
) -> None:
    source, wanted = tmp_path / f"a{suffix}", tmp_path / f"wanted{suffix}"
    write(source, wide)
    whole = run_model(read(source))
    write(wanted, replace(whole, confidence=None), like=source)
    (job,) = run(run_model, tmp_path / "out", source)
    assert job.error is None
    assert job.points == len(wide)
    assert job.written == [tmp_path / "out" / source.name]
    assert job.written[0].read_bytes() == wanted.read_bytes()
    assert [one.name for one in (tmp_path / "out").iterdir()] == [source.name]
    (again,) = run(run_model, tmp_path / "out", source, overwrite=True, confidence=True)
    assert again.error is None
    confidence = read(job.written[0]).attributes["confidence"]
    np.testing.assert_allclose(confidence, whole.confidence, rtol=1e-4)


def test_a_full_disk_is_one_line_and_the_next_run_goes_on(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, out = tmp_path / "a.las", tmp_path / "out"
    out.mkdir()
    write(source, wide)
    (out / "a.las").write_bytes(b"precious")
    save = las_pieces.save  # type: ignore[attr-defined]

    def full(stream: Any, *arguments: Any, **flags: Any) -> None:
        save(stream, *arguments, **flags)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(las_pieces, "save", full)
    (job,) = run(run_model, out, source, overwrite=True)
    assert str(job.error) == f"{out / 'a.las'}: the disk is full; free some space and run again"
    assert (out / "a.las").read_bytes() == b"precious"
    monkeypatch.undo()
    monkeypatch.setattr(pieces, "PIECE", 1500)
    watch = Watch()
    (job,) = run(run_model, out, source, overwrite=True, watch=watch)
    assert job.error is None
    assert ("a.las", "reading") not in watch.works
    assert len(read(out / "a.las")) == len(wide)
    assert [one.name for one in out.iterdir()] == ["a.las"]


def test_classes_the_format_cannot_hold_are_refused_before_any_work(
    run_model: ScanModel, tmp_path: Path
) -> None:
    import laspy

    las = laspy.LasData(laspy.LasHeader(version="1.2", point_format=1))
    las.X = np.arange(4000)
    las.write(tmp_path / "a.las")
    classes = tuple(replace(one, ids=(one.ids[0] + 300,)) for one in run_model.labels.classes)
    watch = Watch()
    (job,) = run(
        replace(run_model, labels=replace(run_model.labels, classes=classes)),
        tmp_path / "out", tmp_path / "a.las", watch=watch,
    )  # fmt: skip
    assert "class id 302 does not fit LAS" in str(job.error)
    assert watch.works == []


def test_ground_alone_is_written_where_that_is_asked_for(
    run_model: ScanModel, wide: PointCloud, tmp_path: Path
) -> None:
    write(tmp_path / "a.laz", wide)
    (every,) = run(run_model, tmp_path / "every", tmp_path / "a.laz")
    (alone,) = run(run_model, tmp_path / "alone", tmp_path / "a.laz", ground_only=True)
    labels, ground = (read(job.written[0]).labels for job in (every, alone))
    assert labels is not None
    assert set(np.unique(labels)) == {2, 6}
    np.testing.assert_array_equal(ground, np.where(labels == 2, 2, 1))
    roofs = replace(run_model, labels=LabelMap.of({"roof": [6], "wall": [5]}))
    with pytest.raises(InputError, match="no class is called ground"):
        run(roofs, tmp_path / "roofs", tmp_path / "a.laz", ground_only=True)
