"""Volumes of one place on another's grid: nothing moves, and what is cut out goes back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.geometry import Volume
from volseg.geometry.onto import covered, lay_into, offset_within, resample_onto

AFFINE = np.array([[0, 2.0, 0, -9], [1.5, 0, 0, 4], [0, 0, -3.0, 7], [0, 0, 0, 1]])
RANDOM = np.random.default_rng(0)


def moved(affine: np.ndarray, voxels: tuple[float, float, float]) -> np.ndarray:
    """An affine whose first voxel is another one, maybe between voxels, of the same grid."""
    changed = affine.copy()
    changed[:3, 3] = (affine @ [*voxels, 1])[:3]
    return changed


@given(
    st.tuples(*[st.integers(0, 4)] * 3), st.tuples(*[st.integers(1, 4)] * 3), st.floats(-0.09, 0.09)
)
def test_a_cut_out_goes_back_to_where_it_was_cut(
    start: tuple[int, int, int], sides: tuple[int, int, int], beside: float
) -> None:
    image = Volume(np.zeros((1, 8, 8, 8), np.float32), AFFINE)
    labels = RANDOM.integers(1, 9, (1, *sides)).astype(np.uint8)
    cut = Volume(labels, moved(AFFINE, (start[0] + beside, start[1], start[2])))
    assert offset_within(cut, image) == start
    laid = lay_into(cut, image)
    inside = tuple(slice(low, low + side) for low, side in zip(start, sides, strict=True))
    assert np.array_equal(laid.array[(slice(None), *inside)], labels)
    assert int((laid.array != 0).sum()) == labels.size
    assert np.array_equal(laid.affine, AFFINE)


@pytest.mark.parametrize("place", [(0.5, 0, 0), (-1, 0, 0), (0, 0, 6), (0, 0.2, 0)])
def test_what_lies_between_voxels_or_beyond_is_no_cut_out(
    place: tuple[float, float, float],
) -> None:
    image = Volume(np.zeros((1, 8, 8, 8), np.uint8), AFFINE)
    part = Volume(np.ones((1, 3, 3, 3), np.uint8), moved(AFFINE, place))
    assert offset_within(part, image) is None


def test_its_own_grid_changes_nothing_and_a_shift_takes_the_voxels_along() -> None:
    image = Volume(RANDOM.random((2, 5, 6, 7)).astype(np.float32), AFFINE)
    again = resample_onto(image, image.grid, AFFINE)
    assert np.allclose(again.array, image.array, atol=1e-6)
    shifted = resample_onto(image, (3, 4, 5), moved(AFFINE, (1, 1, 2)))
    assert np.allclose(shifted.array, image.array[:, 1:4, 1:5, 2:7], atol=1e-6)


def test_a_ramp_stays_a_ramp_between_voxels_and_is_least_beyond() -> None:
    ramp = np.broadcast_to(np.arange(6, dtype=np.float32)[:, None, None], (1, 6, 6, 6)).copy() + 1
    image = Volume(ramp, np.eye(4))
    half = resample_onto(image, (5, 6, 6), moved(np.eye(4), (0.5, 0, 0)))
    assert np.allclose(half.array[0, :, 3, 3], np.arange(5) + 1.5)
    beyond = resample_onto(image, (2, 6, 6), moved(np.eye(4), (7, 0, 0)))
    assert np.array_equal(beyond.array, np.ones((1, 2, 6, 6)))


@pytest.mark.parametrize(("start", "share"), [((0, 0, 0), 1), ((4, 0, 0), 0.5), ((9, 0, 0), 0)])
def test_the_share_of_a_grid_that_an_image_reaches(
    start: tuple[float, float, float], share: float
) -> None:
    image = Volume(np.zeros((1, 8, 8, 8), np.float32), AFFINE)
    assert covered(image, (8, 8, 8), moved(AFFINE, start)) == share
