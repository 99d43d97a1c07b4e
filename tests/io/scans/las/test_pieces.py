"""LAS a piece at a time: what its header says, and records that cannot hold a class."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyproj
import pytest
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io import write
from volseg.io.scans.pieces import Pieces, extent_of

Rows = tuple[NDArray[np.int64], NDArray[np.float32] | None, None]


def test_a_class_no_record_holds_is_refused(
    boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    write(tmp_path / "a.las", boxes(0, 2000))

    def many(rows: slice) -> Rows:
        return np.full(rows.stop - rows.start, 300), None, None

    with pytest.raises(InputError, match="class id 300"):
        Pieces(tmp_path / "a.las").relabel(tmp_path / "b.las", many, highest=300)
    assert not (tmp_path / "b.las").exists()


def test_a_frame_needs_a_crs(boxes: Callable[..., PointCloud], tmp_path: Path) -> None:
    cloud = boxes(0, 400)
    wkt = pyproj.CRS.from_epsg(28992).to_wkt()
    for name, crs in (("a.laz", None), ("b.laz", wkt)):
        write(tmp_path / name, replace(cloud, crs=crs))
    write(tmp_path / "c.ply", cloud)
    (tmp_path / "d.laz").write_bytes(b"no scan")
    assert [extent_of(tmp_path / f) for f in ("a.laz", "c.ply", "d.laz")] == [None] * 3
    found = extent_of(tmp_path / "b.laz")
    assert found is not None
    np.testing.assert_allclose(found.lower, cloud.xyz[:, :2].min(axis=0), atol=1e-3)
    np.testing.assert_allclose(found.upper, cloud.xyz[:, :2].max(axis=0), atol=1e-3)
