"""GeoJSON of objects: read by GDAL where it is installed, and by the rules of RFC 7946."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pyproj
import pytest

from volseg.errors import InputError
from volseg.io.scans.geojson import to_geojson

UTM = pyproj.CRS.from_epsg(25832).to_wkt()
BOX = np.array([[500_000.0, 5.4e6], [500_020, 5.4e6], [500_020, 5_400_010], [500_000, 5_400_010]])
OUTLINES = [BOX, BOX[:2], BOX[:1]]
ROWS = {"id": [1, 2, 3], "class": ["building"] * 3}


def test_outlines_lie_where_they_are_on_the_earth() -> None:
    features = json.loads(to_geojson(OUTLINES, ROWS, UTM))["features"]
    kinds = [feature["geometry"]["type"] for feature in features]
    assert kinds == ["Polygon", "LineString", "Point"]
    assert features[1]["properties"] == {"id": 2, "class": "building"}
    (ring,) = features[0]["geometry"]["coordinates"]
    assert ring[0] == ring[-1]
    assert ring[0][0] == pytest.approx(9, abs=1e-9)  # the meridian of zone 32
    area, _ = pyproj.Geod(ellps="WGS84").polygon_area_perimeter(*zip(*ring, strict=True))
    assert area == pytest.approx(200, rel=2e-3)  # above 0: counterclockwise, as the RFC asks


def test_gdal_opens_it(tmp_path: Path) -> None:
    pyogrio = pytest.importorskip("pyogrio")
    path = tmp_path / "a.geojson"
    path.write_bytes(to_geojson(OUTLINES, ROWS, UTM))
    facts = pyogrio.read_info(path)
    assert (facts["features"], facts["crs"]) == (3, "EPSG:4326")
    fields, columns = pyogrio.raw.read(path)[0]["fields"].tolist(), pyogrio.raw.read(path)[3]
    assert columns[fields.index("id")].tolist() == [1, 2, 3]


def test_a_local_system_is_one_line() -> None:
    axes = 'AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]'
    local = f'ENGCRS["site",EDATUM["x"],CS[Cartesian,2],{axes}]'
    with pytest.raises(InputError, match="'site' has no place on the Earth"):
        to_geojson(OUTLINES, ROWS, local)
