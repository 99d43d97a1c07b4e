"""Spacings: what most have is usual, what is far from it or cannot be meant is odd."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.data.volumes.checks.spacings import ODD, is_possible, odd_spacing, usual_spacing

sides = st.tuples(*[st.floats(0.1, 4)] * 3)


@given(sides, st.floats(1 / ODD + 0.01, ODD - 0.01))
def test_what_is_near_the_usual_is_not_odd(usual: tuple[float, ...], factor: float) -> None:
    assert odd_spacing([side * factor for side in usual], usual) == ""


@given(sides, st.sampled_from([1.1 * ODD, 0.9 / ODD]), st.integers(0, 2))
def test_one_axis_far_off_is_odd(usual: tuple[float, ...], factor: float, axis: int) -> None:
    spacing = [side * (factor if number == axis else 1) for number, side in enumerate(usual)]
    assert "most others'" in odd_spacing(spacing, usual)


def test_what_all_share_is_odd_only_where_it_cannot_be_meant() -> None:
    assert "wanted 1e-06 to 100" in odd_spacing((500, 500, 500), (500, 500, 500))
    assert "a voxel has 125 ml" in odd_spacing((50, 50, 50), (50, 50, 50))
    assert odd_spacing((2e-4, 2e-4, 2e-4), (2e-4, 2e-4, 2e-4)) == ""  # of a microscope
    assert not is_possible((1, 1, 0))


@pytest.mark.parametrize("many", [3, 4])
def test_one_stray_spacing_does_not_move_the_usual_one(many: int) -> None:
    assert usual_spacing([(1, 1, 2)] * many + [(900, 900, 900)]) == (1, 1, 2)
