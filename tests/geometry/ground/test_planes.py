"""Planes by local regression: exact on planes, and the same in a part as in the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.geometry.ground.planes import Planes, Points, fit_planes, fit_planes_at, reach_of

Floats = NDArray[np.float64]


def raster(
    seed: int, shape: tuple[int, int] = (24, 32), share: float = 0.5
) -> tuple[Floats, Points]:
    """Weights, 0 in some cells, and points anywhere in their cells."""
    random = np.random.default_rng(seed)
    weights = random.random(shape) * (random.random(shape) < share)
    x, y = random.uniform(-0.5, 0.5, (2, *shape))
    return weights, (x, y, random.normal(100.0, 3.0, shape))


def on_a_plane(points: Points, slopes: tuple[float, float], height: float) -> Points:
    x, y, z = points
    rows, columns = np.indices(z.shape)
    return x, y, height + slopes[0] * (rows + x) + slopes[1] * (columns + y)


def every(planes: Planes) -> tuple[Floats, Floats, Floats, Floats]:
    return planes.height, planes.slope_x, planes.slope_y, planes.weight


def plainly(
    weights: Floats, points: Points, sigma: float, level: float, cell: tuple[int, int]
) -> Floats:
    """Height and slopes of the plane at a cell, by weighted least squares."""
    rows, columns = np.indices(weights.shape)
    x, y = rows - cell[0], columns - cell[1]
    reach = reach_of(sigma)
    own = weights * np.exp(-0.5 * (x**2 + y**2) / sigma**2)
    own *= (np.abs(x) <= reach) & (np.abs(y) <= reach)
    x, y, z = (one.ravel() for one in (x + points[0], y + points[1], points[2]))
    own = own.ravel() / own.sum()
    mean = np.array([own @ x, own @ y])
    away = np.stack((x, y), axis=1) - mean
    spread = (own[:, None] * away).T @ away + level * sigma**2 * np.eye(2)
    slopes = np.linalg.solve(spread, (own[:, None] * away).T @ (z - own @ z))
    return np.array([own @ z - slopes @ mean, *slopes])


class TestLaws:
    @given(st.integers(0, 2**31), st.sampled_from([1, 2, 4]), st.sampled_from([1.2, 4.0]))
    def test_of_points_on_a_plane_it_is_that_plane(
        self, seed: int, factor: int, sigma: float
    ) -> None:
        weights, points = raster(seed)
        points = on_a_plane(points, (0.7, -1.3), 250.0)
        planes = fit_planes(weights, points, sigma, factor=factor, level=0.0)
        # Of two or three points alone a plane is not told well.
        sure = planes.weight > 0.05 * weights.sum()
        rows, columns = np.indices(weights.shape)
        wanted = 250.0 + 0.7 * rows - 1.3 * columns
        np.testing.assert_allclose(planes.height[sure], wanted[sure], atol=1e-6)
        np.testing.assert_allclose(planes.slope_x[sure], 0.7, atol=1e-6)
        np.testing.assert_allclose(planes.slope_y[sure], -1.3, atol=1e-6)

    @given(st.integers(0, 2**31), st.sampled_from([1.0, 1.5]), st.sampled_from([0.001, 0.02]))
    def test_it_is_a_weighted_least_squares_fit(
        self, seed: int, sigma: float, level: float
    ) -> None:
        weights, points = raster(seed, (12, 16))
        planes = fit_planes(weights, points, sigma, level=level)
        for cell in ((5, 7), (0, 0), (11, 4)):
            if planes.weight[cell] > 1e-3:
                found = [planes.height[cell], planes.slope_x[cell], planes.slope_y[cell]]
                wanted = plainly(weights, points, sigma, level, cell)
                np.testing.assert_allclose(found, wanted, rtol=1e-6, atol=1e-6)

    @given(st.integers(0, 2**31), st.sampled_from([1, 2, 4]), st.sampled_from([1.2, 2.0]))
    def test_a_part_has_the_planes_of_the_whole_bit_by_bit(
        self, seed: int, factor: int, sigma: float
    ) -> None:
        weights, points = raster(seed, (48, 56))
        whole = fit_planes(weights, points, sigma, factor=factor)
        part = slice(8, 44), slice(12, 52)
        found = fit_planes(weights[part], tuple(one[part] for one in points), sigma, factor=factor)
        rim = factor * reach_of(sigma / factor)
        for own, all_of_it in zip(every(found), every(whole), strict=True):
            own = own[rim:-rim, rim:-rim]
            assert own.size
            np.testing.assert_array_equal(own, all_of_it[part][rim:-rim, rim:-rim])

    @given(st.integers(0, 2**31), st.integers(0, 12), st.sampled_from([0.05, 1.0]))
    def test_of_some_cells_alone_they_are_the_same_bit_by_bit(
        self, seed: int, count: int, share: float
    ) -> None:
        weights, points = raster(seed, (36, 40), share)
        random = np.random.default_rng(seed)
        place = random.integers(0, 36, count), random.integers(0, 40, count)
        found = fit_planes_at(place, weights, points, 1.2, level=0.02)
        wanted = fit_planes(weights, points, 1.2, level=0.02)[place]
        for own, other in zip(every(found), every(wanted), strict=True):
            assert own.shape == (count,)
            np.testing.assert_array_equal(own, other)

    @given(st.integers(0, 2**31), st.sampled_from([2, 4]))
    def test_finer_cells_lie_on_the_planes_of_the_coarse(self, seed: int, factor: int) -> None:
        coarse = fit_planes(*raster(seed, (8, 12), 1.0), 2.0)
        fine = coarse.finer(factor)
        rows, columns = np.indices(fine.height.shape)
        place = rows // factor, columns // factor
        x, y = ((one % factor + 0.5) / factor - 0.5 for one in (rows, columns))
        np.testing.assert_allclose(fine.height, coarse[place].at(x, y))
        np.testing.assert_allclose(fine.slope_x * factor, coarse.slope_x[place])
        np.testing.assert_array_equal(fine.weight, coarse.weight[place])


def test_where_no_point_is_near_there_is_no_plane() -> None:
    weights, points = raster(0, (40, 8), 1.0)
    weights[12:] = 0.0
    planes = fit_planes(weights, points, 2.0)
    assert np.isnan(planes.height[17:]).all()
    assert not np.isnan(planes.height[:17]).any()
    for other in every(planes)[1:]:
        assert (other[17:] == 0.0).all()


@pytest.mark.parametrize("row", [True, False])
def test_planes_of_points_in_a_row_or_in_one_place_are_level_across(row: bool) -> None:
    weights, (x, y, z) = np.zeros((9, 9)), np.zeros((3, 9, 9))
    weights[4, slice(None) if row else 4] = 1.0
    z[4] = 0.5 * np.arange(9)
    planes = fit_planes(weights, (x, y, z), 2.0)
    np.testing.assert_allclose(planes.slope_x, 0.0, atol=1e-9)
    np.testing.assert_allclose(planes.slope_y[4, 4], 0.5 if row else 0.0, rtol=0.01)
    np.testing.assert_allclose(planes.height[:, 4], 2.0)
