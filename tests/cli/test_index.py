"""``volseg index``: what it writes and says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyproj

from volseg.geometry import PointCloud
from volseg.io import write


def test_scans_become_footprints(
    cli: Callable[..., Any], boxes: Callable[..., PointCloud], tmp_path: Path
) -> None:
    cloud = boxes(0)
    cloud = replace(cloud, xyz=cloud.xyz - cloud.xyz.min(axis=0) + (650_000, 6_860_000, 0))
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "a.laz", replace(cloud, crs=pyproj.CRS.from_epsg(2154).to_wkt()))
    write(tmp_path / "in" / "b.laz", cloud)
    out = tmp_path / "index.geojson"
    done = cli("index", tmp_path / "in", "-o", out)
    assert done.code == 2
    assert "b.laz: names no coordinate system" in done.err
    (feature,) = json.loads(out.read_text())["features"]
    assert feature["properties"]["points"] == len(cloud)
    assert feature["properties"]["version"].startswith("LAS 1.")
    longitude, latitude = feature["geometry"]["coordinates"][0][0]
    assert 2 < longitude < 3
    assert 48 < latitude < 49
    assert "exists already" in cli("index", tmp_path / "in", "-o", out).err
    assert "is no index" in cli("index", tmp_path / "in", "-o", tmp_path / "a.gpkg").err
