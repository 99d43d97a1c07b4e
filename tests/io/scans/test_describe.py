from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from volseg.geometry import PointCloud
from volseg.io import describe, describe_volume, write


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


class TestVolumes:
    def test_labels_on_an_oblique_grid(self, tmp_path):
        turn = np.radians(10)
        affine = np.eye(4)
        affine[:2, :2] = [[-np.cos(turn), -np.sin(turn)], [np.sin(turn), -np.cos(turn)]]
        affine[:3, :3] *= (0.5, 0.5, 3)
        array = np.zeros((4, 5, 6), np.int16)
        array[0, 0, :3] = 7
        nib.save(nib.Nifti1Image(array, affine), tmp_path / "a.nii.gz")
        info = describe_volume(tmp_path / "a.nii.gz")
        assert (info.format, info.grid, info.channels) == ("NIfTI", (4, 5, 6), 1)
        assert (info.dtype, info.orientation) == ("int16", "LPS")
        assert info.spacing == pytest.approx((0.5, 0.5, 3))
        assert info.oblique == pytest.approx(10, abs=1e-4)
        assert (info.minimum, info.maximum, info.broken) == ((0,), (7,), 0)
        assert info.labels == {0: 117, 7: 3}

    def test_broken_values_and_images_without_labels(self, tmp_path):
        array = np.random.default_rng(0).random((4, 5, 6, 2)).astype(np.float32)
        array[0, 0, 0], array[1, ..., 1] = np.nan, np.inf
        nib.save(nib.Nifti1Image(array, np.eye(4)), tmp_path / "a.nii")
        info = describe_volume(tmp_path / "a.nii")
        assert info.broken == 2 + 30
        assert info.maximum[1] == array[2:, ..., 1].max()
        assert (info.labels, info.oblique) == ({}, 0)
        nib.save(nib.Nifti1Image(array[:1, :1, :1], np.eye(4)), tmp_path / "b.nii")
        info = describe_volume(tmp_path / "b.nii")
        assert (info.minimum, info.maximum) == ((None, None), (None, None))

    def test_many_integers_are_no_labels(self, tmp_path):
        levels = np.arange(256, dtype=np.uint8).reshape(16, 16)
        for name, many, few in (("a.png", levels // 3, False), ("b.png", levels // 4, True)):
            Image.fromarray(many).save(tmp_path / name)
            info = describe_volume(tmp_path / name)
            assert bool(info.labels) == few
            assert (info.format, info.orientation, info.spacing) == ("PNG", None, (1, 1, 1))
