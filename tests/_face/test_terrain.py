"""The ground of scans as rasters: one of several, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import volseg as vs
from tests.predict.scans.runs import halves, wkt

pytest.importorskip("rasterio", reason="takes the extra raster")


def test_tiles_become_the_raster_of_the_whole(world: Path, boxes: Any) -> None:
    cloud = replace(boxes(0), crs=wkt(2154))
    vs.write("whole.laz", cloud)
    whole = vs.dtm("whole.laz", "whole.tif")
    tiles = vs.dtm(halves(world, cloud, (2154, 2154)), "tiles.tif")
    np.testing.assert_allclose(tiles.height, whole.height, atol=1e-5)
    assert 99.9 < np.nanmin(whole.height) <= np.nanmax(whole.height) < 100.1


def test_ground_of_other_classes_is_named(world: Path) -> None:
    with pytest.raises(vs.InputError, match=r"tile.laz: has no point of class 11; mark its ground"):
        vs.dtm("tile.laz", "dtm.tif", classes=[11])
    assert vs.dtm("tile.laz", "dtm.tif", classes=[11, 2]).height.shape == (20, 30)


def test_tiles_in_two_systems_are_refused_and_nothing_is_written(world: Path, boxes: Any) -> None:
    paths = halves(world, boxes(0), (2154, 3946))
    with pytest.raises(vs.InputError, match=r"b.laz: its coordinate system is another than that"):
        vs.dtm(paths, "dtm.tif")
    assert not (world / "dtm.tif").exists()


def test_what_is_wrong_with_a_scan_is_raised(world: Path) -> None:
    (world / "broken.laz").write_bytes(b"LASF")
    with pytest.raises(vs.InputError, match=r"broken\.laz"):
        vs.ground("broken.laz", "out.laz")
    with pytest.raises(vs.InputError, match="exists already"):
        vs.ground("tile.laz", "broken.laz")
