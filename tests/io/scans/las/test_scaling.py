from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.io.scans.las.scaling import LARGEST, choose_steps


def stored(values: np.ndarray, scale: float, offset: float) -> np.ndarray:
    return np.rint((values - offset) / scale)


@given(
    steps=st.lists(st.integers(-(2**30), 2**30), min_size=1, max_size=30),
    scale=st.sampled_from([0.1, 0.01, 0.001, 0.0001, 2**-10]),
)
@settings(max_examples=200, deadline=None)
def test_coordinates_of_a_usual_file_come_back_to_the_bit(steps, scale):
    values = np.array(steps) * scale
    chosen = choose_steps(values, 0.001)
    integers = stored(values, *chosen)
    assert np.abs(integers).max() <= LARGEST
    assert np.array_equal(integers * chosen[0] + chosen[1], values)


@given(st.lists(st.floats(-1e12, 1e12), min_size=1, max_size=30))
@settings(max_examples=200, deadline=None)
def test_any_coordinates_fit_and_move_half_a_step_at_most(values):
    xyz = np.array(values)
    scale, offset = choose_steps(xyz, 0.001)
    integers = stored(xyz, scale, offset)
    assert np.abs(integers).max() <= LARGEST + 1
    # Up to the digits a float64 has.
    assert (
        np.abs(integers * scale + offset - xyz).max() <= 0.501 * scale + 1e-15 * np.abs(xyz).max()
    )


def test_float32_of_a_street_is_kept_by_a_power_of_two():
    values = np.random.default_rng(0).uniform(10, 200, 500).astype(np.float32).astype(np.float64)
    scale, offset = choose_steps(values, 0.001)
    assert np.log2(scale) == round(np.log2(scale))
    assert np.array_equal(stored(values, scale, offset) * scale + offset, values)


@pytest.mark.parametrize("usual", [0.001, 1e-7])
@pytest.mark.parametrize("extent", [0.3, 40.0, 1e3, 5e4, 1e7])
def test_floats_lose_no_more_than_32_bits_have_no_room_for(extent, usual):
    values = np.random.default_rng(0).uniform(5e5, 5e5 + extent, 3000)
    scale, offset = choose_steps(values, usual)
    integers = stored(values, scale, offset)
    assert np.abs(integers).max() <= LARGEST
    lost = np.abs(integers * scale + offset - values).max()
    assert lost <= 5 * max(extent / 2**31, 1e-9) + np.spacing(5e5)


@pytest.mark.parametrize(
    ("values", "usual", "steps"),
    [
        ([], 0.001, (0.001, 0)),
        ([np.pi, np.e], 0.001, (1e-9, 3)),  # nothing keeps them
        ([12.34, 15.2], 0.001, (0.001, 12)),
        ([5.25e6, 9e6], 0.001, (0.01, 5.25e6)),
        ([0.12345, 1], 0.001, (1e-5, 0)),
    ],
)
def test_steps_of_examples(values, usual, steps):
    assert choose_steps(np.array(values, dtype=np.float64), usual) == steps
