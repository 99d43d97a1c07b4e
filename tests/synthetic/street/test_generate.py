"""Generated streets: seeds, sizes, classes and what the file holds."""

from __future__ import annotations

from pathlib import Path

import laspy
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.config import load_config
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.io.scans.files import read
from volseg.synthetic.labels import Label
from volseg.synthetic.street import generate_street, write_streets
from volseg.synthetic.street.scanner import KINDS, Kind

CLASSES = (Label.GROUND, Label.VEGETATION, Label.BUILDING, Label.FURNITURE, Label.VEHICLE)


def shares(cloud: PointCloud) -> np.ndarray:
    return np.bincount(cloud.labels, minlength=max(Label) + 1) / len(cloud)


@pytest.fixture(scope="module")
def street() -> PointCloud:
    return generate_street(5, length=50, points=60_000)


def test_the_same_seed_gives_the_same_bytes(street: PointCloud) -> None:
    np.random.seed(1)  # noqa: NPY002 - the global state must not matter
    again = generate_street(5, length=50, points=60_000)
    assert again.xyz.tobytes() == street.xyz.tobytes()
    assert again.labels.tobytes() == street.labels.tobytes()
    intensity = street.attributes["intensity"]
    assert again.attributes["intensity"].tobytes() == intensity.tobytes()


def test_another_seed_gives_another_street(street: PointCloud) -> None:
    other = generate_street(6, length=50, points=60_000)
    assert np.abs(shares(other) - shares(street)).max() > 0.01
    assert np.abs(other.xyz.mean(axis=0) - street.xyz.mean(axis=0)).max() > 10


@pytest.mark.parametrize("seed", range(3))
def test_shares_of_classes_are_those_of_a_street(seed: int) -> None:
    found = shares(generate_street(seed, points=60_000))
    assert 0.2 < found[Label.GROUND] < 0.8
    assert 0.005 < found[Label.VEGETATION] < 0.5
    assert 0.03 < found[Label.BUILDING] < 0.6
    assert 0.005 < found[Label.VEHICLE] < 0.25
    assert 0.002 < found[Label.FURNITURE] < 0.2
    assert found[Label.NOISE] < 0.06


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 2**64 - 1), length=st.floats(40, 60))
def test_every_class_is_there_for_any_seed(seed: int, length: float) -> None:
    found = shares(generate_street(seed, length=length, points=30_000)) * 30_000
    assert (found[list(CLASSES)] > 0).all()


@settings(max_examples=3, deadline=None)
@given(points=st.integers(1000, 40_000), length=st.floats(10, 80), seed=st.integers(0, 1000))
@pytest.mark.parametrize("scanner", KINDS)
def test_there_are_about_as_many_points_as_asked_for(
    scanner: Kind, points: int, length: float, seed: int
) -> None:
    made = generate_street(seed, scanner=scanner, length=length, points=points)
    assert 0.5 * points < len(made) <= points


def test_coordinates_are_whole_millimetres_that_float32_would_lose(street: PointCloud) -> None:
    counts = np.rint(street.xyz * 1000).astype(np.int64)
    np.testing.assert_array_equal(counts / 1000, street.xyz)
    assert np.abs(street.xyz.astype(np.float32) - street.xyz).max() > 0.1
    assert (np.ptp(street.xyz, axis=0) < (220, 220, 60)).all()
    assert street.crs is None


def test_labels_and_attributes_are_declared(street: PointCloud) -> None:
    assert street.label_field == "classification"
    names = load_config("lidar/street").labels.label_map()
    train = names.encode(street.labels)
    for number, label in enumerate(CLASSES):
        np.testing.assert_array_equal(train == number, street.labels == label)
        assert names.names[number] == label.name.lower()
    intensity = street.attributes["intensity"]
    assert intensity.dtype == np.uint16
    assert (
        intensity[street.labels == Label.GROUND].mean()
        < intensity[street.labels == Label.BUILDING].mean()
    )


def test_ids_are_those_of_asprs_or_those_it_leaves_to_users() -> None:
    meant = {"unlabelled": 0, "ground": 2, "vegetation": 5, "building": 6, "noise": 7, "water": 9}
    meant |= {"guard_wire": 13, "wire": 14, "pylon": 15, "bridge": 17, "high_noise": 18}
    for label in Label:
        assert label == meant.get(label.name.lower(), label)
        assert label.name.lower() in meant or 64 <= label <= 255


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ({"seed": -1}, "seed is -1"),
        ({"seed": 1, "length": 5.0}, "length is 5 m"),
        ({"seed": 1, "length": float("nan")}, "length is nan"),
        ({"seed": 1, "length": float("inf")}, "length is inf"),
        ({"seed": 1, "points": 10}, "10 points"),
    ],
)
def test_arguments_out_of_range_are_named(arguments: dict[str, float], found: str) -> None:
    with pytest.raises(InputError, match=found):
        generate_street(**arguments)


def test_things_are_objects_and_ground_is_none(street: PointCloud) -> None:
    ids = street.instances
    assert ids is not None
    assert (ids[np.isin(street.labels, (Label.GROUND, Label.NOISE))] == 0).all()
    assert (ids[np.isin(street.labels, (Label.VEHICLE, Label.BUILDING))] > 0).all()
    for label in (Label.VEHICLE, Label.BUILDING, Label.VEGETATION, Label.FURNITURE):
        assert len(np.unique(ids[street.labels == label])) > 3


def test_an_object_is_in_one_place(street: PointCloud) -> None:
    """No car is in two places: ids of parts joined to a scene never collide."""
    assert street.instances is not None
    car = street.labels == Label.VEHICLE
    for number in np.unique(street.instances[car]):
        xyz = street.xyz[car & (street.instances == number)]
        assert np.ptp(xyz, axis=0).max() < 26


def test_a_street_keeps_its_objects_in_a_file(tmp_path: Path) -> None:
    [(path, _)] = write_streets(tmp_path, 1, seed=3)
    header = laspy.read(path).header
    assert header.point_format.dimension_by_name("instance").dtype == np.uint32
    ids = read(path).instances
    assert ids is not None
    assert len(np.unique(ids)) > 10
