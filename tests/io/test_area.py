"""Polygons of GeoJSON, and files that hold none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from volseg.errors import InputError
from volseg.io.area import read_area

SQUARE = [[[0, 0], [1, 0], [1, 1], [0, 0]]]


def test_polygons_are_found_in_collections(tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    parts = [
        {"type": "Feature", "geometry": {"type": "Polygon", "coordinates": SQUARE}},
        {"type": "Feature", "geometry": None},
        {"type": "Feature", "geometry": {"type": "MultiPolygon", "coordinates": [SQUARE] * 2}},
    ]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": parts}))
    assert len(read_area(path).rings) == 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no json", "is no GeoJSON"),
        ("[1]", "is no GeoJSON as"),
        ('{"type": "Polygon", "coordinates": [[[0, 0], [1, null], [1, 1]]]}', "is no GeoJSON as"),
        ('{"type": "Point", "coordinates": [0, 0]}', "holds no polygon"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(text)
    with pytest.raises(InputError, match=says):
        read_area(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_area(tmp_path / "none.geojson")
