from __future__ import annotations

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import describe, write


def test_facts_of_a_scan_in_survey_feet(shared_data):
    info = describe(shared_data / "lidar/laspy_sdist/file_with_both_wkt_and_geotiff_vlrs.las")
    assert (info.format, info.points, info.unit) == ("LAS", 25408, "US survey feet")
    assert info.crs == "NAD83_2011_Nebraska_ft"
    assert sum(info.classes.values()) == 25408
    assert ("intensity", "uint16") in info.attributes
    assert info.label_field == "classification"
    assert all(low < high for low, high in zip(info.minimum, info.maximum, strict=True))


def test_units_that_differ_are_both_named(shared_data):
    info = describe(shared_data / "lidar/laspy_sdist/simple.copc.laz")
    assert (info.format, info.unit) == ("COPC", "metres, heights in US survey feet")


def test_an_assumed_unit_is_called_assumed(tmp_path):
    xyz = np.array([[0.0, 1, 2], [3, 4, 5]])
    write(tmp_path / "a.ply", PointCloud(xyz, {"c": np.zeros((2, 2))}, np.array([9, -1])))
    info = describe(tmp_path / "a.ply")
    assert info.unit == "metres (assumed: the file names no CRS)"
    assert info.crs is None
    assert (info.minimum, info.maximum) == ((0, 1, 2), (3, 4, 5))
    assert info.classes == {-1: 1, 9: 1}
    assert info.attributes == (("c_0", "float64"), ("c_1", "float64"))


def test_a_scan_without_points(tmp_path):
    write(tmp_path / "a.npz", PointCloud(np.empty((0, 3))))
    info = describe(tmp_path / "a.npz")
    assert (info.points, info.minimum, info.maximum, info.classes) == (0, None, None, {})
    assert info.label_field is None


def test_degrees_are_named(tmp_path):
    import pyproj

    wkt = pyproj.CRS.from_epsg(4326).to_wkt()
    write(tmp_path / "a.laz", PointCloud(np.zeros((1, 3)), crs=wkt, metres_per_unit=None))
    assert describe(tmp_path / "a.laz").unit == "degrees"


@pytest.mark.parametrize("name", ["a.ply", "a.las"])
@pytest.mark.parametrize(
    ("place", "extent", "unit"),
    [
        ((-71.06, 42.35, 10), (2e-3, 3e-3, 40), "degrees, by the look of x and y"),
        ((-71.06, 42.35, 10), (200, 300, 40), "metres (assumed"),
        ((0, 0, 10), (2e-3, 3e-3, 40), "metres (assumed"),
    ],
)
def test_degrees_nobody_names_are_told_by_their_look(tmp_path, name, place, extent, unit):
    xyz = np.random.default_rng(0).random((50, 3)) * extent + place
    write(tmp_path / name, PointCloud(xyz))
    assert describe(tmp_path / name).unit.startswith(unit)
