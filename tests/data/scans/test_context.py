"""What parts need to know of a scan is the same however the scan was cut."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.data.scans.context import ContextBuilder
from volseg.data.scans.features import (
    Feature,
    attributes_of,
    gather,
    parse_features,
    point_attributes,
)
from volseg.geometry import PointCloud
from volseg.geometry.ground.ground import ground_of
from volseg.geometry.ground.layers import layers_of

EVERY = parse_features("log_count", "offset", "height", "intensity", "returns", "colour")


@pytest.fixture(scope="module")
def scan(boxes: Callable[..., PointCloud]) -> PointCloud:
    cloud = boxes(5, 3000)
    random = np.random.default_rng(0)
    attributes = {
        "intensity": cloud.attributes["intensity"],
        "number_of_returns": random.integers(1, 4, 3000).astype(np.uint8),
        "return_number": np.ones(3000, np.uint8),
        "colour": random.integers(0, 60_000, (3000, 3)).astype(np.uint16),
    }
    return PointCloud(cloud.xyz * (3, 3, 1), attributes)


@settings(deadline=None)
@given(cuts=st.lists(st.integers(0, 3000), max_size=5))
def test_any_pieces_gather_the_same(scan: PointCloud, cuts: list[int]) -> None:
    builder = ContextBuilder(ground=True)
    for rows in np.split(np.arange(len(scan)), sorted(cuts)):
        part = scan.take(rows)
        builder.add(part.metres(), attributes_of(part, EVERY))
    found, wanted = builder.context(), gather(scan, EVERY)
    np.testing.assert_array_equal(found.layers, wanted.layers)
    np.testing.assert_array_equal(found.voxels, wanted.voxels)
    assert found.scales == wanted.scales
    np.testing.assert_array_equal(found.columns, wanted.columns)
    assert found.attributes == wanted.attributes
    assert found.scales.keys() == {"intensity", "colour"}


def test_a_part_has_the_features_it_has_in_the_whole(scan: PointCloud) -> None:
    context, rows = gather(scan, EVERY), np.arange(0, 3000, 7)
    entire = point_attributes(scan, EVERY)
    part = point_attributes(scan.take(rows), EVERY, context)
    alone = point_attributes(scan.take(rows), EVERY)
    for name, values in entire.items():
        np.testing.assert_array_equal(part[name], values[rows])
    assert (alone["height"] != part["height"]).any()


def test_the_ground_is_that_of_all_points(scan: PointCloud) -> None:
    metres = scan.metres()
    found, wanted = gather(scan, (Feature("height"),)).ground, ground_of(layers_of(metres))
    np.testing.assert_array_equal(found.under(metres), wanted.under(metres))


def test_ground_is_shared_with_what_adjoins(scan: PointCloud) -> None:
    left = scan.xyz[:, 0] < scan.xyz[:, 0].mean()
    one, other = (gather(scan.take(part), EVERY) for part in (left, ~left))
    both, metres = one.beside([other]), scan.metres()
    wanted = ground_of(layers_of(metres))
    np.testing.assert_array_equal(both.ground.under(metres), wanted.under(metres))
    assert both.scales == one.scales


def test_what_no_feature_needs_is_not_gathered(scan: PointCloud) -> None:
    context = gather(scan, parse_features("log_count", "offset"))
    assert (len(context.layers), len(context.voxels), context.scales) == (0, 0, {})


def test_noise_is_told_by_its_class(scan: PointCloud) -> None:
    middle = scan.xyz.mean(axis=0)
    noise = middle + np.array([(0, 0, -30), (0, 0, 500)])
    metres = np.concatenate((scan.xyz, noise))
    context = gather(PointCloud(metres), (Feature("height"),))
    found = context.noise_of(metres)
    assert found.dtype == np.int8
    assert found[-2:].tolist() == [7, 18]
    assert not found[:-2].any()
    alone = gather(PointCloud(metres[-2:]), (Feature("height"),))
    assert not alone.noise_of(metres[-2:]).any()
    both = alone.beside([gather(scan, (Feature("height"),))])
    assert both.noise_of(metres[-2:]).tolist() == [7, 18]
