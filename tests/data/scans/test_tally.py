"""Tallies of pieces are those of the whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from volseg.data.scans.tally import Tally

SHAPES = st.tuples(st.integers(1, 60), st.integers(1, 3))
VALUES = st.one_of(
    arrays(np.uint16, SHAPES, elements=st.integers(0, 12)),
    arrays(np.float32, SHAPES, elements=st.sampled_from([-1.5, 0.0, 0.1, 7.0])),
)


@given(VALUES, st.integers(1, 100), st.integers(1, 5))
def test_any_pieces_make_the_percentile(values: np.ndarray, share: int, pieces: int) -> None:
    tally = Tally()
    for part in np.array_split(values, pieces):
        tally.add(part)
    wanted = np.percentile(values, share, method="inverted_cdf")
    assert tally.percentile(share) == wanted
    assert tally.largest == values.max()
    assert tally.values.dtype == values.dtype
    assert tally.counts.sum() == values.size


@pytest.mark.parametrize("empty", [np.empty(0, np.uint8), np.empty((0, 3))])
def test_nothing_has_no_brightness(empty: np.ndarray) -> None:
    tally = Tally()
    tally.add(empty)
    assert (tally.percentile(95), tally.largest) == (0.0, 0.0)
