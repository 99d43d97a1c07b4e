"""Target spacing, median size and the axis of slices."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.plan.fingerprint import Fingerprint, Frame
from volseg.plan.grid import (
    median_grid,
    mirror_axes,
    rounded,
    slice_axis,
    target_spacing,
    thick_axis,
)

spacings = st.tuples(*[st.floats(0.2, 8)] * 3)
grids = st.tuples(*[st.integers(1, 300)] * 3)
cases = st.lists(st.tuples(grids, spacings), min_size=1, max_size=6)


def facts(*frames: tuple[tuple[int, ...], tuple[float, ...]]) -> Fingerprint:
    made = tuple(Frame(str(n), grid, step, 1) for n, (grid, step) in enumerate(frames))  # type: ignore[arg-type]
    return Fingerprint(made, (), 0.0, {0: 1})


def test_median_of_the_cases() -> None:
    found = facts(*[((50, 50, 50), (s, 1.0, 2 * s)) for s in (0.5, 0.7, 0.9)])
    assert thick_axis(found) is None
    assert target_spacing(found) == (0.7, 1.0, 1.4)


def test_thick_slices_take_the_tenth_percentile() -> None:
    # As ACDC in nnU-Net: 5 to 10 mm slices of 1.5 mm pixels.
    found = facts(*[((200, 200, 10), (1.5, 1.5, s)) for s in (5.0, 5.0, 10.0, 10.0, 10.0)])
    assert thick_axis(found) == 2
    assert target_spacing(found) == (1.5, 1.5, 5.0)


def test_thick_slices_stay_as_coarse_as_pixels() -> None:
    found = facts(*[((200, 200, 10), (1.5, 1.5, s)) for s in (0.5, 6.0, 6.0, 6.0)])
    assert target_spacing(found) == (1.5, 1.5, 2.15)
    assert target_spacing(
        facts(*[((99, 99, 9), (1.5, 1.5, s)) for s in (0.1,) * 2 + (6.0,) * 3])
    ) == ((1.5, 1.5, 1.5))


def test_many_coarse_slices_are_not_thick() -> None:
    assert thick_axis(facts(((100, 100, 90), (1.0, 1.0, 3.5)))) is None
    assert thick_axis(facts(((100, 100, 20), (1.0, 1.0, 3.0)))) is None
    assert thick_axis(facts(((100, 20, 100), (1.0, 3.1, 1.0)))) == 1


def test_the_median_image_is_that_on_the_target_grid() -> None:
    found = facts(((100, 100, 20), (1, 1, 2)), ((50, 40, 20), (2, 2, 2)), ((80, 80, 10), (1, 1, 4)))
    assert target_spacing(found) == (1, 1, 2)
    assert median_grid(found, (1, 1, 2)) == (100, 80, 20)


@settings(deadline=None)
@given(cases)
def test_axes_have_no_order(frames: list[tuple[tuple[int, ...], tuple[float, ...]]]) -> None:
    found = facts(*frames)
    target = target_spacing(found)
    grid = median_grid(found, target)
    for order in permutations(range(3)):
        turned = facts(
            *[(tuple(g[i] for i in order), tuple(s[i] for i in order)) for g, s in frames]
        )
        assert target_spacing(turned) == tuple(target[i] for i in order)
        assert median_grid(turned, target_spacing(turned)) == tuple(grid[i] for i in order)


@pytest.mark.parametrize(
    ("spacing", "grid", "axis"),
    [
        ((1, 1, 1), (50, 50, 50), 2),
        ((1, 1, 1), (512, 512, 1), 2),
        ((1, 1, 1), (1, 512, 512), 0),
        ((0.6, 0.6, 3.6), (320, 320, 20), 2),
        ((3.6, 0.6, 0.6), (20, 320, 320), 0),
        ((0.8, 2.0, 0.8), (99, 99, 99), 1),
        ((1.01, 1.0, 0.99), (99, 99, 99), 2),
        ((3, 3, 0.5), (99, 99, 99), 2),
        ((9, 1, 1), (10, 99, 1), 2),
    ],
)
def test_slice_axis(
    spacing: tuple[float, float, float], grid: tuple[int, int, int], axis: int
) -> None:
    assert slice_axis(spacing, grid) == axis


@settings(deadline=None)
@given(st.floats(1e-3, 1e3))
def test_rounding_is_relative(value: float) -> None:
    assert rounded(value) == pytest.approx(value, rel=1e-5)
    assert rounded(rounded(value)) == rounded(value)
    assert np.float32(0.625).item() == rounded(0.62500006)


@pytest.mark.parametrize("axes", [(0, 1, 2), (0, 1), (1, 2)])
def test_bodies_are_mirrored_from_left_to_right_and_what_has_no_upright_along_all_axes(
    axes: tuple[int, ...],
) -> None:
    body = mirror_axes(axes, flat=False, spacing=(1.0, 1.0, 0.005))
    assert body == tuple(axis for axis in axes if axis == 0)
    assert mirror_axes(axes, flat=True, spacing=(1.0, 1.0, 1.0)) == axes
    assert mirror_axes(axes, flat=False, spacing=(1e-4, 1e-4, 3e-4)) == axes
