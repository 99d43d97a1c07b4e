from __future__ import annotations

import struct

import numpy as np
import pyproj
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io.scans.crs import (
    assigned,
    chosen,
    crs_name,
    from_geokeys,
    is_local,
    metres_per_unit,
    same_crs,
)

SURVEY_FOOT, FOOT = 1200 / 3937, 0.3048


def geokeys(**keys: int) -> bytes:
    numbers = {"geographic": 2048, "projected": 3072, "linear": 3076, "vcs": 4096, "vunit": 4099}
    entries = [struct.pack("<4H", numbers[name], 0, 1, value) for name, value in keys.items()]
    return struct.pack("<4H", 1, 1, 0, len(entries)) + b"".join(entries)


@pytest.mark.parametrize(
    ("code", "units"),
    [
        ("EPSG:2154", (1.0, 1.0, 1.0)),
        ("EPSG:2263", (SURVEY_FOOT,) * 3),
        ("EPSG:2222", (FOOT,) * 3),
        ("EPSG:2263+6360", (SURVEY_FOOT, SURVEY_FOOT, SURVEY_FOOT)),
        ("EPSG:2263+5703", (SURVEY_FOOT, SURVEY_FOOT, 1.0)),
        ("EPSG:32617+8228", (1.0, 1.0, FOOT)),
        ("EPSG:4978", (1.0, 1.0, 1.0)),
    ],
)
def test_units_of_each_axis(code, units):
    for version in ("WKT1_GDAL", "WKT2_2019") if code != "EPSG:4978" else ("WKT2_2019",):
        assert metres_per_unit(pyproj.CRS(code).to_wkt(version)) == pytest.approx(units, rel=1e-9)


@pytest.mark.parametrize("code", ["EPSG:4326", "EPSG:4979", "EPSG:4326+5773"])
def test_degrees_are_no_lengths(code):
    assert metres_per_unit(pyproj.CRS(code).to_wkt()) is None


def test_a_datum_shift_around_a_crs_changes_nothing():
    bound = pyproj.CRS(
        "+proj=utm +zone=32 +ellps=bessel +towgs84=598,73,418 +units=us-ft +type=crs"
    )
    assert bound.is_bound
    assert metres_per_unit(bound.to_wkt()) == pytest.approx((SURVEY_FOOT,) * 3)


def test_no_crs_is_metres_and_nonsense_is_an_error():
    assert metres_per_unit(None) == (1.0, 1.0, 1.0)
    with pytest.raises(InputError, match="cannot be understood"):
        metres_per_unit("PROJCS[nonsense")


def test_geokeys_name_an_epsg_code():
    wkt, units = from_geokeys(geokeys(projected=2263))
    assert "New York" in crs_name(wkt)
    assert units == pytest.approx((SURVEY_FOOT,) * 3)
    assert from_geokeys(geokeys(geographic=4326))[1] is None
    assert from_geokeys(geokeys(geographic=4269, projected=2154))[1] == (1.0, 1.0, 1.0)


def test_geokeys_with_units_alone():
    assert from_geokeys(geokeys(projected=32767, linear=9003)) == (None, (SURVEY_FOOT,) * 3)
    assert from_geokeys(geokeys(linear=9001, vunit=9002)) == (None, (1.0, 1.0, FOOT))
    assert from_geokeys(geokeys()) == (None, (1.0, 1.0, 1.0))
    assert from_geokeys(b"") == (None, (1.0, 1.0, 1.0))


def test_geokeys_with_heights_of_their_own():
    assert from_geokeys(geokeys(projected=2154, vcs=6360))[1] == pytest.approx((1, 1, SURVEY_FOOT))
    assert from_geokeys(geokeys(projected=2154, vcs=5103))[1] == (1.0, 1.0, 1.0)


def test_geokeys_of_no_known_crs_are_an_error():
    with pytest.raises(InputError, match="EPSG:1030"):
        from_geokeys(geokeys(projected=1030))


@pytest.mark.parametrize(("unit", "metres"), [("m", 1.0), ("ft", FOOT), ("us-ft", SURVEY_FOOT)])
def test_a_unit_that_is_chosen_is_that_of_every_axis(unit, metres):
    wkt = chosen(None, unit)
    assert metres_per_unit(wkt) == pytest.approx((metres,) * 3, rel=1e-15)
    assert is_local(wkt)
    cloud = PointCloud(np.eye(3), metres_per_unit=None, crs_problem="it is broken")
    with pytest.raises(InputError, match=r"it is broken; name it with --crs .* --units"):
        cloud.metres()
    np.testing.assert_allclose(assigned(cloud, wkt).metres(), metres * np.eye(3), rtol=1e-15)
    assert assigned(cloud, None) is cloud


@pytest.mark.parametrize("name", ["EPSG:2225", "epsg:2225", "2225", pyproj.CRS(2225).to_wkt()])
def test_a_crs_may_be_chosen_by_any_name(name):
    wkt = chosen(name, None)
    assert same_crs(wkt, pyproj.CRS.from_epsg(2225).to_wkt())
    assert not is_local(wkt)


@pytest.mark.parametrize("name", ["EPSG:1", "EPSG:", "", "utm 32", "PROJCS[broken"])
def test_what_names_no_crs_is_refused(name):
    with pytest.raises(InputError, match=r"--crs .* such as EPSG:25832"):
        chosen(name, None)
    with pytest.raises(InputError, match="give one of them"):
        chosen("EPSG:2225", "m")


def test_text_that_is_no_crs_is_its_own_name():
    assert crs_name("PROJCS[nonsense") == "PROJCS[nonsense"
