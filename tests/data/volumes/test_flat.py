"""Flat parts of images: found however they lie, and never where a channel changes."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from volseg.data.volumes.flat import count_flat, is_flat, rounding


def neighbours_equal(image: NDArray[Any], cell: tuple[int, ...], axes: tuple[int, ...]) -> bool:
    for axis, step in itertools.product(axes, (-1, 1)):
        other = list(cell)
        other[axis] += step
        inside = 0 <= other[axis] < image.shape[1 + axis]
        if inside and (image[(slice(None), *cell)] != image[(slice(None), *other)]).any():
            return False
    return True


@settings(max_examples=60, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 2), *(st.integers(1, 5),) * 3),
    axes=st.sampled_from([(0, 1, 2), (0, 1), (1, 2), (0, 2)]),
    seed=st.integers(0, 1000),
)
def test_a_voxel_is_flat_if_it_equals_its_neighbours_in_every_channel(
    shape: tuple[int, ...], axes: tuple[int, ...], seed: int
) -> None:
    random = np.random.default_rng(seed)
    image = (random.random(shape) < 0.15).astype(np.float32)
    inside = random.random(shape[1:]) < 0.7
    wanted = sum(
        neighbours_equal(image, cell, axes) for cell in zip(*np.nonzero(inside), strict=True)
    )
    assert count_flat(image, inside, axes) == wanted


def test_what_resampling_rounds_is_flat_and_what_it_does_not_is_not() -> None:
    image = np.zeros((1, 4, 4, 4), np.float32)
    image[0, 0, 0, 0] = 100
    window = torch.full((1, 2, 2, 2), 3.0)
    within = torch.from_numpy(rounding(image))
    assert is_flat(window, within)
    window[0, 0, 0, 0] = float(np.nextafter(np.float32(3), np.float32(4)))
    assert is_flat(window, within)
    window[0, 0, 0, 0] = 3.01
    assert not is_flat(window, within)


@pytest.mark.parametrize("channel", [0, 1])
def test_a_window_is_flat_only_if_every_channel_is(channel: int) -> None:
    image = np.zeros((2, 4, 4, 4), np.float32)
    image[:, 0, 0, 0] = 1
    window = torch.zeros(2, 2, 2, 2)
    window[channel, 1, 1, 1] = 0.5
    assert not is_flat(window, torch.from_numpy(rounding(image)))
