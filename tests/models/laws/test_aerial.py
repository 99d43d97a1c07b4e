"""The airborne model: what its classes may not depend on, and the ids it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyproj
import pytest

from volseg.demo import scan_path
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.models import find_bundled
from volseg.models.load import load_scan_model
from volseg.predict.scans.model import ScanModel

FEET = 1200 / 3937  # metres in a US survey foot
ASPRS = {"ground": 2, "vegetation": 5, "building": 6, "other": 1}


@pytest.fixture(params=["bundled", "untaught"])
def model(request: pytest.FixtureRequest, aerial: Path) -> ScanModel:
    """That of the package, and one of the same preset whose weights are random."""
    path = aerial if request.param == "untaught" else find_bundled("aerial")
    if path is None:
        pytest.skip("no airborne model is bundled")
    return load_scan_model(path, "cpu")


@pytest.fixture
def cloud(boxes: Callable[..., PointCloud]) -> PointCloud:
    """A scan none of whose points lies on the border of a voxel."""
    made = boxes(3)
    return replace(made, xyz=np.floor(made.xyz * 100) / 100 + 0.005, attributes={}, labels=None)


def test_it_writes_the_ids_of_asprs(model: ScanModel) -> None:
    assert {one.name: one.ids[0] for one in model.labels.classes} == ASPRS


def test_feet_are_metres(model: ScanModel, cloud: PointCloud, tmp_path: Path) -> None:
    wanted = model(cloud)
    assert len(np.unique(wanted.labels)) > 1
    feet = replace(
        cloud, xyz=cloud.xyz / FEET, crs=pyproj.CRS.from_epsg(2225).to_wkt(),
        metres_per_unit=(FEET, FEET, FEET),
    )  # fmt: skip
    np.testing.assert_array_equal(model(feet).labels, wanted.labels)
    write(tmp_path / "feet.ply", feet)  # a file that names no unit is one in metres
    write(tmp_path / "feet.laz", feet)
    for name, same in (("feet.laz", True), ("feet.ply", False)):
        labels = model(read(tmp_path / name)).labels
        assert (labels == wanted.labels).all() == same


def test_places_are_enough_and_colour_changes_nothing(model: ScanModel, cloud: PointCloud) -> None:
    random = np.random.default_rng(0)
    n = len(cloud)
    rich = replace(
        cloud,
        attributes={
            "intensity": np.zeros(n, np.uint16),
            "colour": random.integers(0, 65535, (n, 3)).astype(np.uint16),
            "return_number": np.ones(n, np.uint8),
            "number_of_returns": np.ones(n, np.uint8),
        },
        labels=random.integers(0, 9, n),
    )
    one, other = model(replace(cloud, attributes={})), model(rich)
    np.testing.assert_array_equal(one.labels, other.labels)
    np.testing.assert_array_equal(one.confidence, other.confidence)


@pytest.mark.parametrize("factor", [2, 100])
def test_intensity_may_be_in_any_unit(model: ScanModel, cloud: PointCloud, factor: int) -> None:
    bright = np.random.default_rng(0).integers(0, 600, len(cloud)).astype(np.uint16)
    one, other = (
        model(replace(cloud, attributes={"intensity": values}))
        for values in (bright, bright * factor)
    )
    np.testing.assert_array_equal(one.labels, other.labels)


@pytest.mark.parametrize("density", [0.3, 1, 3, 10, 50])
def test_any_density(model: ScanModel, density: float) -> None:
    """Points a square metre of flat ground with a shed: each gets one of the four classes."""
    random = np.random.default_rng(0)
    side = 40.0
    xyz = random.uniform((0, 0, 0), (side, side, 0.05), (int(side**2 * density), 3))
    inside = (np.abs(xyz[:, :2] - side / 2) < 5).all(axis=1)
    xyz[inside, 2] += 4
    labelled = model(PointCloud(xyz + (7e5, 6.6e6, 100)))
    assert labelled.labels is not None
    assert labelled.confidence is not None
    assert set(labelled.labels.tolist()) <= set(ASPRS.values())
    assert np.isfinite(labelled.confidence).all()


def test_the_bundled_one_finds_ground_and_trees() -> None:
    """On the airborne scan that comes with the package."""
    file = find_bundled("aerial")
    if file is None:
        pytest.skip("no airborne model is bundled")
    cloud = read(scan_path())
    found, truth = load_scan_model(file, "cpu")(cloud).labels, cloud.labels
    assert found is not None
    assert truth is not None
    for own, true in ((2, [2]), (5, [3, 4, 5])):
        right = (found == own) & np.isin(truth, true)
        either = ((found == own) | np.isin(truth, true)) & (truth != 7)
        assert right.sum() / either.sum() > 0.6
