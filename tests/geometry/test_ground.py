"""The ground: slopes kept, houses and stray points passed over, and how far it looks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.geometry import ground
from volseg.geometry.ground import CELL, REACH, SLOPE, STEP, WINDOWS, ground_under

Floats = NDArray[np.float64]


@st.composite
def clouds(draw: st.DrawFn, spread: int = 6000) -> Floats:
    """Points at multiples of 1/64 m, so that shifts are exact; dense to sparse, also negative."""
    random = np.random.default_rng(draw(st.integers(0, 2**31)))
    flat = random.integers(-spread, spread, (draw(st.integers(1, 400)), 2))
    heights = random.integers(0, draw(st.sampled_from([100, 2000])), len(flat))
    return np.column_stack((flat, heights)) / 64.0


def plain(side: float = 120.0, slope: float = 0.0, spacing: float = 0.7) -> Floats:
    """A plane over a square that rises along x."""
    x, y = (one.ravel() for one in np.mgrid[0:side:spacing, 0:side:spacing])
    return np.column_stack((x, y, slope * x))


class TestLaws:
    @given(clouds())
    @settings(deadline=None)
    def test_the_order_of_the_points_changes_nothing(self, metres: Floats) -> None:
        order = np.random.default_rng(0).permutation(len(metres))
        np.testing.assert_array_equal(ground_under(metres[order]), ground_under(metres)[order])

    @given(clouds(), st.tuples(*[st.integers(-500, 500)] * 2), st.integers(-(2**16), 2**16))
    @settings(deadline=None)
    def test_it_moves_with_the_scan(
        self, metres: Floats, cells: tuple[int, int], rise: int
    ) -> None:
        moved = metres + (cells[0] * CELL, cells[1] * CELL, rise / 64.0)
        np.testing.assert_allclose(ground_under(moved), ground_under(metres) + rise / 64.0)

    @given(clouds(), st.integers(0, 399))
    @settings(deadline=None)
    def test_nothing_beyond_its_reach_matters(self, metres: Floats, number: int) -> None:
        centre = metres[number % len(metres)]
        near = (np.abs(metres[:, :2] - centre[:2]) <= REACH).all(axis=1)
        whole, part = ground_under(metres), ground_under(metres[near])
        here = (metres[near] == centre).all(axis=1)
        np.testing.assert_array_equal(part[here], whole[near][here])

    @given(clouds(spread=30_000))
    @settings(deadline=None, max_examples=20)
    def test_rasters_of_any_size_give_one_answer(self, metres: Floats) -> None:
        whole = ground_under(metres)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ground, "_RASTER", (4 * ground._RANGE) ** 2)
            np.testing.assert_array_equal(ground_under(metres), whole)

    def test_a_scan_may_be_larger_than_any_raster(self) -> None:
        near = plain(20.0)
        far = np.concatenate((near, [[5e6, -7e6, 3.0]]))
        np.testing.assert_array_equal(ground_under(far)[:-1], ground_under(near))
        assert ground_under(far)[-1] == 3.0


class TestScenes:
    @pytest.mark.parametrize("slope", [0.0, 0.05, 0.1])
    def test_on_a_slope_the_ground_is_the_lowest_of_its_column(self, slope: float) -> None:
        metres = plain(slope=slope)
        assert (metres[:, 2] - ground_under(metres) <= slope * CELL).all()

    @pytest.mark.parametrize("slope", [0.3, 1.0])
    def test_a_steep_slope_is_kept_away_from_the_edge_of_the_scan(self, slope: float) -> None:
        metres = plain(slope=slope)
        inside = (np.abs(metres[:, :2] - 60) < 10).all(axis=1)
        heights = (metres[:, 2] - ground_under(metres))[inside]
        assert (heights <= slope * CELL).all()

    @pytest.mark.parametrize("width", [6.0, 20.0, 2 * CELL * max(WINDOWS) - CELL])
    @pytest.mark.parametrize("slope", [0.0, 0.1])
    def test_the_middle_of_a_roof_is_as_high_as_its_rim(self, width: float, slope: float) -> None:
        metres = plain(slope=slope)
        roof = (np.abs(metres[:, :2] - 60) < width / 2).all(axis=1)
        rise = 3.0 + slope * width
        metres[roof, 2] += rise
        heights = metres[:, 2] - ground_under(metres)
        # An opening gives a ramp back but for a column on either side.
        assert heights[roof].min() >= rise - slope * (width + 2 * CELL) - STEP
        assert heights[~roof].max() <= slope * CELL + STEP

    def test_a_hill_wider_than_its_windows_stays(self) -> None:
        metres = plain()
        away = np.hypot(*(metres[:, :2] - 60).T)
        metres[:, 2] = np.maximum(0.0, SLOPE / 2 * (60 - away))
        assert (metres[:, 2] - ground_under(metres)).max() <= SLOPE * CELL + STEP

    @given(st.integers(0, 2**31))
    @settings(deadline=None, max_examples=20)
    def test_a_few_stray_points_below_change_nothing_elsewhere(self, seed: int) -> None:
        random = np.random.default_rng(seed)
        metres = plain(60.0)
        stray = metres[random.choice(len(metres), 5, replace=False)]
        stray[:, 2] = (-5.0, -10.0, -20.0, -40.0, -80.0)
        found = ground_under(np.concatenate((metres, stray)))
        np.testing.assert_array_equal(found[: len(metres)], ground_under(metres))
        assert (found[len(metres) :] == 0.0).all()
