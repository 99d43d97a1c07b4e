"""A raster is read again as it was, in its place, by the library that others use."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyproj
import pytest

from volseg.errors import InputError, InputWarning
from volseg.io.scans.crs import chosen
from volseg.io.scans.geotiff import write_geotiff

rasterio = pytest.importorskip("rasterio", reason="takes the extra raster")

VALUES = np.array([[1.5, np.nan, -3.25], [4.0, 5.0, 6.0]], dtype=np.float32)
PLACE = {"west": 650_000.0, "north": 6_860_000.5, "cell": 0.5}


@pytest.mark.parametrize("code", [2154, 7415, 6438])  # metres; with heights; US survey feet
def test_values_and_place_are_read_again(tmp_path: Path, code: int) -> None:
    path = tmp_path / "dtm.tif"
    crs = pyproj.CRS.from_epsg(code)
    write_geotiff(path, VALUES, **PLACE, crs=crs.to_wkt())
    with rasterio.open(path) as raster:
        np.testing.assert_array_equal(raster.read(1, masked=True).filled(np.nan), VALUES)
        assert tuple(raster.bounds) == (650_000.0, 6_859_999.5, 650_001.5, 6_860_000.5)
        assert raster.res == (0.5, 0.5)
        found = pyproj.CRS.from_wkt(raster.crs.to_wkt())
    assert found.name == crs.name
    assert [axis.unit_name for axis in found.axis_info] == [
        axis.unit_name for axis in crs.axis_info
    ]


def test_a_system_that_geotiff_cannot_hold_is_said(tmp_path: Path) -> None:
    path = tmp_path / "dtm.tif"
    write_geotiff(path, VALUES, **PLACE, crs=None)
    with rasterio.open(path) as raster:
        assert raster.crs is None
    with pytest.warns(InputWarning, match="without its coordinate system"):
        write_geotiff(path, VALUES, **PLACE, crs="no system", overwrite=True)
    with rasterio.open(path) as raster:
        assert raster.crs is None


def test_local_feet_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "dtm.tif"
    write_geotiff(path, VALUES, **PLACE, crs=chosen(None, "us-ft"))
    with rasterio.open(path) as raster:
        assert "foot" in raster.crs.to_wkt().lower() or "feet" in raster.crs.to_wkt().lower()


def test_a_file_in_the_way_stays(tmp_path: Path) -> None:
    path = tmp_path / "dtm.tif"
    path.write_bytes(b"precious")
    with pytest.raises(InputError, match="exists already"):
        write_geotiff(path, VALUES, **PLACE, crs=None)
    assert path.read_bytes() == b"precious"
