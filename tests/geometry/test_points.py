from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.points import LazyAttributes


def cloud() -> PointCloud:
    return PointCloud(
        np.arange(12.0).reshape(4, 3),
        {"intensity": np.arange(4), "colour": np.arange(12).reshape(4, 3)},
        np.array([3, 1, 2, 0]),
        np.linspace(0, 1, 4),
        metres_per_unit=(0.5, 0.5, 2.0),
    )


def test_types_are_those_promised():
    made = PointCloud([[1, 2, 3]], labels=np.array([7], np.uint8), confidence=np.array([0.5]))
    assert made.xyz.dtype == np.float64
    assert made.labels.dtype == np.int64
    assert made.confidence.dtype == np.float32
    assert len(made) == 1


def test_coordinates_of_millions_keep_every_digit():
    xyz = np.array([[654321.123456789, 6543210.987654321, -0.1]])
    assert np.array_equal(PointCloud(xyz).xyz, xyz)
    assert np.array_equal(PointCloud(xyz).metres(), xyz)


@pytest.mark.parametrize("index", [np.array([2, 0, 2]), np.array([False, True, True, False])])
def test_take_selects_everything_alike(index):
    taken = cloud().take(index)
    for got, whole in (
        (taken.xyz, cloud().xyz),
        (taken.labels, cloud().labels),
        (taken.confidence, cloud().confidence),
        (taken.attributes["colour"], cloud().attributes["colour"]),
    ):
        assert np.array_equal(got, whole[index])
    assert taken.metres_per_unit == cloud().metres_per_unit


def test_lazy_attributes_are_made_once_and_when_asked_for():
    made = []

    def make(name: str) -> np.ndarray:
        made.append(name)
        return np.arange(2) + len(name)

    scan = PointCloud(np.eye(3)[:2], LazyAttributes(["a", "bc"], make)).with_labels(np.zeros(2))
    assert list(scan.attributes) == ["a", "bc"]
    assert "b" not in scan.attributes
    assert made == []
    assert scan.attributes["bc"] is scan.attributes["bc"]
    assert made == ["bc"]
    assert scan.take(np.array([1])).attributes["a"].tolist() == [2]


def test_taking_an_order_and_its_inverse_changes_nothing():
    order = np.random.default_rng(0).permutation(4)
    back = cloud().take(order).take(np.argsort(order))
    assert np.array_equal(back.xyz, cloud().xyz)
    assert np.array_equal(back.labels, cloud().labels)


def test_units_are_applied_by_axis():
    assert np.array_equal(cloud().metres(), cloud().xyz * [0.5, 0.5, 2.0])


def test_degrees_are_not_metres():
    with pytest.raises(InputError, match="reproject"):
        PointCloud(np.zeros((1, 3)), metres_per_unit=None).metres()


def test_other_labels_on_the_same_points():
    new = cloud().with_labels(np.zeros(4, np.uint8), np.ones(4))
    assert new.xyz is cloud().xyz or np.array_equal(new.xyz, cloud().xyz)
    assert new.labels.tolist() == [0, 0, 0, 0]
    assert new.confidence.tolist() == [1, 1, 1, 1]
    assert cloud().with_labels(np.zeros(4, np.uint8)).confidence is None


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_points_whose_coordinates_are_not_finite_have_no_place(bad):
    xyz = np.arange(3000.0).reshape(-1, 3)
    xyz[[3, 7], [0, 2]] = bad
    every = PointCloud(xyz, {"row": np.arange(1000)})
    assert np.flatnonzero(~every.placed).tolist() == [3, 7]
    with pytest.raises(InputError, match="2 of 1,000"):
        every.metres()
    placed = every.only_placed()
    assert placed.only_placed() is placed
    assert placed.metres().shape == (998, 3)
    labelled = every.with_labels_of(every.placed, placed.attributes["row"] + 1, np.ones(998))
    expected = np.where(every.placed, np.arange(1000) + 1, 0)
    assert np.array_equal(labelled.labels, expected)
    assert np.array_equal(labelled.confidence, every.placed)
    again = labelled.with_labels(np.full(1000, 9)).with_labels_of(every.placed, np.zeros(998, int))
    assert np.array_equal(again.labels, np.where(every.placed, 0, 9))


@pytest.mark.parametrize(
    "parts",
    [
        {"labels": np.zeros(2)},
        {"confidence": np.zeros(4)},
        {"attributes": {"a": np.zeros((2, 3))}},
    ],
)
def test_everything_has_one_value_a_point(parts):
    with pytest.raises(InputError, match=r"(2|4) values for 3 points"):
        PointCloud(np.zeros((3, 3)), **parts)


@pytest.mark.parametrize("shape", [(3,), (3, 2), (3, 4), (1, 3, 3)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(InputError, match="shape"):
        PointCloud(np.zeros(shape))


def test_objects_go_with_their_points():
    scan = replace(cloud(), instances=np.array([2, 0, 1, 2]))
    assert scan.take(np.array([3, 1])).instances.tolist() == [2, 0]
    assert scan.with_labels(np.zeros(4)).instances is scan.instances
    chosen = np.array([True, False, True, False])
    new = scan.with_labels_of(chosen, np.zeros(2), instances=np.array([7, 8]))
    assert new.instances.tolist() == [7, 0, 8, 0]
    assert scan.with_labels_of(chosen, np.zeros(2)).instances is scan.instances


def test_new_objects_outdate_those_of_an_attribute():
    scan = PointCloud(np.eye(3), {"instance": np.arange(3)}, instances=np.arange(3))
    new = scan.with_instances(np.zeros(3)).with_labels(np.ones(3))
    assert (new.outdated, new.instance_field) == (("instance",), None)
