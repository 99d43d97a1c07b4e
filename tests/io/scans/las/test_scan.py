"""Clouds of LAS files: their dimensions, and the coordinate system they name."""

from __future__ import annotations

import struct

import pytest

from volseg.errors import InputError
from volseg.io import read, write
from volseg.io.scans.crs import chosen

UTM = struct.pack("<4H4H4H", 1, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 32633)
NO_CODE = struct.pack("<4H4H", 1, 1, 0, 1, 3072, 0, 1, 9999)

WKT_KEY = (b"LASF_Projection", 2112)


def test_missing_dimension_names_those_there(make_las, tmp_path):
    source = tmp_path / "scan.las"
    source.write_bytes(make_las(1).to_bytes())
    with pytest.raises(InputError, match=r"scan.las.*'nothing'.*gps_time"):
        read(source, label_field="nothing")


def test_crs_travels(shared_data, tmp_path):
    cloud = read(shared_data / "lidar/laspy_sdist/file_with_both_wkt_and_geotiff_vlrs.las")
    assert cloud.metres_per_unit == pytest.approx((1200 / 3937,) * 3)
    write(tmp_path / "new.laz", cloud)
    assert read(tmp_path / "new.laz").metres_per_unit == pytest.approx(cloud.metres_per_unit)


def test_crs_in_an_extended_record_is_found(make_las, tmp_path):
    import pyproj

    wkt = pyproj.CRS.from_epsg(2263).to_wkt().encode() + b"\0"
    (tmp_path / "scan.las").write_bytes(make_las(6, evlrs=[(*WKT_KEY, wkt)]).to_bytes())
    units = read(tmp_path / "scan.las").metres_per_unit
    assert units == pytest.approx((1200 / 3937,) * 3)


@pytest.mark.parametrize("text", [b"PROJCS[", b"Netz \xfc", b"EPSG 1", b'GEOGCS["a"]', b"\xff"])
def test_a_crs_that_cannot_be_understood_stops_nobody_who_needs_no_metres(make_las, tmp_path, text):
    source, copy = tmp_path / "a.las", tmp_path / "b.las"
    source.write_bytes(make_las(6, vlrs=[(*WKT_KEY, text)]).to_bytes())
    cloud = read(source)
    assert "cannot be understood" in cloud.crs_problem
    with pytest.raises(InputError, match="--crs EPSG:NUMBER"):
        cloud.metres()
    write(copy, cloud, like=source)
    assert copy.read_bytes() == source.read_bytes()
    write(tmp_path / "c.laz", cloud)  # a new file names no system that nobody understands
    assert read(tmp_path / "c.laz").crs is None


def test_geokeys_stand_in_for_text_that_cannot_be_understood(make_las, tmp_path):
    keys = (b"LASF_Projection", 34735)
    for vlrs, name, problem in (
        ([(*WKT_KEY, b"GEOGCS["), (*keys, UTM)], "UTM zone 33N", None),
        ([(*WKT_KEY, b"GEOGCS["), (*keys, NO_CODE)], None, "'GEOGCS"),
        ([(*keys, NO_CODE)], None, "EPSG:9999"),
    ):
        (tmp_path / "a.las").write_bytes(make_las(6, vlrs=vlrs).to_bytes())
        cloud = read(tmp_path / "a.las")
        assert (name is None) == (cloud.crs is None)
        assert name is None or name in cloud.crs
        assert (problem is None) == (cloud.crs_problem is None)
        assert problem is None or problem in cloud.crs_problem
        assert read(tmp_path / "a.las", crs=chosen("EPSG:2263", None)).crs_problem is None
