"""The index of scans: outlines go round their points."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.area import Polygons
from volseg.io import write
from volseg.io.scans.crs import chosen, to_lonlat
from volseg.io.scans.index import index_scans


def test_a_footprint_holds_the_points(tmp_path: Path) -> None:
    system = chosen("EPSG:2154", None)
    xyz = np.random.default_rng(0).uniform(0, (900, 700, 20), (500, 3)) + (650_000, 6_860_000, 0)
    cloud = PointCloud(xyz, labels=np.arange(500) % 2)
    write(tmp_path / "a.ply", replace(cloud, xyz=np.round(xyz, 3)))
    assert index_scans([tmp_path / "a.ply"], tmp_path / "i.geojson", crs=system) == []
    (feature,) = json.loads((tmp_path / "i.geojson").read_text())["features"]
    ring = tuple((x, y) for x, y in feature["geometry"]["coordinates"][0])
    assert system is not None
    inside = Polygons(((ring,),)).holds(to_lonlat(xyz[:, :2], system))
    assert inside.mean() > 0.98  # but those on the edges
    assert feature["properties"]["classes"] == "0:250 1:250"
    assert feature["properties"]["per_square_metre"] == pytest.approx(500 / 630_000, abs=1e-3)


def test_without_any_scan_nothing_is_written(tmp_path: Path) -> None:
    write(tmp_path / "a.ply", PointCloud(np.zeros((2, 3))))
    with pytest.raises(InputError, match="names no coordinate system"):
        index_scans([tmp_path / "a.ply"], tmp_path / "i.geojson")
    assert not (tmp_path / "i.geojson").exists()
