"""Features of points and voxels: invariances, scales, and clear refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.data.scans.features import (
    ABSENT,
    CHANNELS,
    FROM_FILE,
    HEIGHT_SCALE,
    Feature,
    FeatureName,
    channels,
    parse_features,
    point_attributes,
    voxel_features,
)
from volseg.errors import InputError
from volseg.geometry import PointCloud
from volseg.geometry.ground.ground import ground_of
from volseg.geometry.ground.layers import layers_of
from volseg.geometry.voxelgrid import voxelize_metres

EVERY = parse_features("log_count", "offset", "height", "intensity", "returns", "colour")
OPTIONAL = parse_features("intensity?", "returns?", "colour?")


def scan(points: int = 500, seed: int = 0, **attributes: NDArray[Any]) -> PointCloud:
    random = np.random.default_rng(seed)
    xyz = random.uniform((5e5, 5e6, 90), (5e5 + 8, 5e6 + 8, 94), (points, 3))
    return PointCloud(xyz, attributes)


class TestVoxelFeatures:
    @given(st.integers(0, 2**31))
    @settings(max_examples=20, deadline=None)
    def test_do_not_depend_on_the_order_of_the_points(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        cloud = scan(
            seed=seed,
            intensity=random.integers(0, 4000, 500).astype(np.uint16),
            return_number=random.integers(0, 4, 500).astype(np.uint8),
            number_of_returns=random.integers(0, 4, 500).astype(np.uint8),
            colour=random.integers(0, 256, (500, 3)).astype(np.uint8),
        )

        def features(one: PointCloud) -> NDArray[np.float32]:
            grid = voxelize_metres(one.metres(), 0.7)
            return voxel_features(grid, one.metres(), point_attributes(one, EVERY), EVERY)

        shuffled = cloud.take(random.permutation(500))
        np.testing.assert_array_equal(features(cloud), features(shuffled))

    def test_are_what_they_say(self) -> None:
        xyz = np.array([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.1, 0.2, 1.5]])
        cloud = PointCloud(xyz, {"intensity": np.array([10.0, 20.0, 30.0])})
        wanted = parse_features("log_count", "offset", "height")
        grid = voxelize_metres(xyz, 1.0)
        found = voxel_features(grid, xyz, point_attributes(cloud, wanted), wanted)
        lower = [np.log(3), 0.2 - 0.5, 0.2 - 0.5, 0.2 - 0.5, 0.1 * HEIGHT_SCALE]
        upper = [np.log(2), 0.1 - 0.5, 0.2 - 0.5, 0.5 - 0.5, 1.4 * HEIGHT_SCALE]
        np.testing.assert_allclose(found, [lower, upper], atol=1e-7)

    @pytest.mark.parametrize("feature", EVERY, ids=str)
    def test_have_the_channels_declared(self, feature: Feature) -> None:
        ones = np.ones(500)
        returns = {"return_number": ones, "number_of_returns": ones}
        cloud = scan(intensity=ones, colour=np.ones((500, 3)), **returns)
        grid = voxelize_metres(cloud.metres(), 1.0)
        made = voxel_features(grid, cloud.metres(), point_attributes(cloud, (feature,)), (feature,))
        assert made.dtype == np.float32
        assert made.shape == (len(grid), CHANNELS[feature.name])
        assert made.shape[1] == channels((feature,))


class TestOptional:
    @pytest.mark.parametrize("feature", OPTIONAL, ids=str)
    def test_is_the_feature_where_the_scan_has_it(self, feature: Feature) -> None:
        random = np.random.default_rng(0)
        attributes = {
            one: random.integers(0, 9, (500, width)).astype(np.uint16)
            for one, width in FROM_FILE[feature.name].items()
        }
        found, wanted = (
            point_attributes(scan(**attributes), (one,))[feature.name]
            for one in (feature, Feature(feature.name))
        )
        np.testing.assert_array_equal(found, wanted)

    @pytest.mark.parametrize("feature", OPTIONAL, ids=str)
    def test_is_as_in_a_scan_of_zeros_where_it_has_none(self, feature: Feature) -> None:
        name = feature.name
        zeros = {one: np.zeros((500, width)) for one, width in FROM_FILE[name].items()}
        found = point_attributes(scan(), (feature,))[name]
        np.testing.assert_array_equal(found, point_attributes(scan(**zeros), (feature,))[name])
        np.testing.assert_array_equal(found, np.full((500, channels((feature,))), ABSENT[name]))

    @pytest.mark.parametrize("feature", EVERY + OPTIONAL, ids=str)
    def test_its_text_gives_it_back(self, feature: Feature) -> None:
        assert Feature.parse(str(feature)) == feature

    @pytest.mark.parametrize("text", ["heigth", "height?", "intensity??", "?", ""])
    def test_another_text_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"wanted one of log_count.*intensity\?"):
            Feature.parse(text)


class TestScales:
    @pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
    def test_intensity_is_in_units_of_its_95th_percentile(self, dtype: Any) -> None:
        raw = np.arange(101).astype(dtype)
        found = point_attributes(scan(101, intensity=raw), (Feature("intensity"),))["intensity"]
        np.testing.assert_allclose(found[:, 0], np.arange(101) / 95, rtol=1e-6)

    @pytest.mark.parametrize("factor", [2, 640])
    def test_intensity_in_other_units_is_the_same(self, factor: int) -> None:
        raw = np.arange(101)
        one, other = (
            point_attributes(scan(101, intensity=values), (Feature("intensity"),))["intensity"]
            for values in (raw, raw * factor)
        )
        np.testing.assert_allclose(one, other, rtol=1e-6)

    def test_a_flash_is_clipped_and_darkness_stays_dark(self) -> None:
        flash = np.r_[np.ones(99), 1e6]
        found = point_attributes(scan(100, intensity=flash), (Feature("intensity"),))["intensity"]
        assert found.max() == 2.0
        dark = point_attributes(scan(100, intensity=np.zeros(100)), (Feature("intensity"),))[
            "intensity"
        ]
        assert not dark.any()

    @pytest.mark.parametrize(
        ("dtype", "top"),
        [
            (np.uint8, 255),
            (np.uint16, 65535),
            (np.uint16, 255),
            (np.float32, 1.0),
            (np.float64, 255),
            (np.float64, 65535),
        ],
    )
    def test_colours_reach_from_0_to_1(self, dtype: Any, top: float) -> None:
        raw = np.array([[0, top, 0], [top, 0, top], [0, 0, 0]]).astype(dtype)
        found = point_attributes(scan(3, colour=raw), (Feature("colour"),))["colour"]
        np.testing.assert_allclose(found, raw / top, rtol=1e-6)

    def test_returns_are_shares_of_their_pulse_and_none_counted_is_a_single_one(self) -> None:
        many, number = np.array([[1, 2, 2, 4, 0], [1, 1, 2, 3, 0]], dtype=np.uint8)
        cloud = scan(5, return_number=number, number_of_returns=many)
        found = point_attributes(cloud, (Feature("returns"),))["returns"]
        np.testing.assert_allclose(found[:, 0], [1, 0.5, 0.5, 0.25, 1])
        np.testing.assert_allclose(found[:, 1], [1, 0.5, 1, 0.75, 1])

    def test_height_is_that_over_the_ground_in_metres(self) -> None:
        cloud = scan()
        feet = replace(cloud, xyz=cloud.xyz / 0.3048, metres_per_unit=(0.3048,) * 3)
        wanted = cloud.xyz[:, 2] - ground_of(layers_of(cloud.xyz)).under(cloud.xyz)
        for one in (cloud, feet):
            found = point_attributes(one, (Feature("height"),))["height"]
            assert found.dtype == np.float32
            np.testing.assert_allclose(found[:, 0], wanted, atol=1e-6)


class TestRefusals:
    @pytest.mark.parametrize("name", ["intensity", "colour"])
    def test_a_missing_attribute_names_those_there(self, name: FeatureName) -> None:
        cloud = scan(10, gps_time=np.zeros(10), echo=np.zeros(10))
        with pytest.raises(InputError, match=f"no '{name}'.*echo, gps_time"):
            point_attributes(cloud, (Feature(name),))
        with pytest.raises(InputError, match="none besides x, y, z"):
            point_attributes(scan(10), (Feature(name),))

    def test_a_missing_count_of_returns_names_the_feature(self) -> None:
        with pytest.raises(InputError, match=r"no 'number_of_returns'.*without 'returns'"):
            point_attributes(scan(10, return_number=np.ones(10)), (Feature("returns"),))

    @pytest.mark.parametrize(("name", "width"), [("intensity", 2), ("colour", 4), ("colour", 1)])
    def test_an_attribute_of_another_shape(self, name: FeatureName, width: int) -> None:
        with pytest.raises(InputError, match=rf"'{name}'.*\(10, {width}\)"):
            point_attributes(scan(10, **{name: np.ones((10, width))}), (Feature(name),))

    @pytest.mark.parametrize("name", ["intensity", "colour"])
    def test_an_attribute_that_is_not_finite(self, name: FeatureName) -> None:
        values = np.ones((10, 3) if name == "colour" else 10)
        values[4] = np.nan
        with pytest.raises(InputError, match=f"'{name}'.*NaN"):
            point_attributes(scan(10, **{name: values}), (Feature(name),))
