from __future__ import annotations

from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from volseg.geometry import blocks
from volseg.geometry import unique as module
from volseg.geometry.unique import KEY_BITS, unique


@st.composite
def key_arrays(draw: st.DrawFn) -> tuple[np.ndarray, int]:
    """Keys of some width, scattered or in runs, few or many of them different."""
    bits = draw(st.sampled_from([0, 1, 5, 20, 47, 60, KEY_BITS]))
    count = draw(st.integers(1, 300))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    names = random.integers(0, 2**bits, draw(st.integers(1, count)), endpoint=False)
    keys = names[random.integers(0, len(names), count)]
    keys = np.repeat(keys, random.integers(1, draw(st.sampled_from([2, 9])), count))
    return keys.astype(np.int64), bits


@given(key_arrays(), st.sampled_from([1, 3, 16, 10_000]), st.sampled_from([1, 2, 8]))
@settings(deadline=None, max_examples=200)
def test_ranges_of_any_length_give_what_numpy_gives(keys_and_bits, block, cores):
    keys, bits = keys_and_bits
    with (
        patch.object(blocks, "BLOCK", block),
        patch.object(module, "BLOCK", block),
        patch.object(module, "SORTED", 3 * block),
        patch.object(module, "threads", lambda: cores),
    ):
        found = unique(lambda rows: keys[rows].copy(), len(keys), bits)
    for mine, theirs in zip(
        found, np.unique(keys, return_inverse=True, return_counts=True), strict=True
    ):
        assert mine.dtype == np.int64
        assert mine.flags.c_contiguous
        np.testing.assert_array_equal(mine, theirs)


def test_keys_that_leave_no_room_for_their_places_are_sorted_too():
    highest = 2**KEY_BITS - 1
    keys = np.array([highest, 0, highest - 1, highest, 0])
    found = unique(lambda rows: keys[rows], len(keys), KEY_BITS)
    assert found.keys.tolist() == [0, highest - 1, highest]
    assert found.inverse.tolist() == [2, 0, 1, 2, 0]
    assert found.counts.tolist() == [2, 1, 2]
