"""Histograms of pieces are those of all values at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from volseg.data.scans.histogram import RunningHistogram

SHAPES = st.tuples(st.integers(1, 60), st.integers(1, 3))
VALUES = st.one_of(
    arrays(np.uint16, SHAPES, elements=st.integers(0, 12)),
    arrays(np.float32, SHAPES, elements=st.sampled_from([-1.5, 0.0, 0.1, 7.0])),
)


@given(VALUES, st.integers(1, 100), st.integers(1, 5))
def test_any_pieces_make_the_percentile(values: np.ndarray, share: int, pieces: int) -> None:
    histogram = RunningHistogram()
    for part in np.array_split(values, pieces):
        histogram.add(part)
    wanted = np.percentile(values, share, method="inverted_cdf")
    assert histogram.percentile(share) == wanted
    assert histogram.largest == values.max()
    assert histogram.values.dtype == values.dtype
    assert histogram.counts.sum() == values.size


@pytest.mark.parametrize("empty", [np.empty(0, np.uint8), np.empty((0, 3))])
def test_nothing_has_no_brightness(empty: np.ndarray) -> None:
    histogram = RunningHistogram()
    histogram.add(empty)
    assert (histogram.percentile(95), histogram.largest) == (0.0, 0.0)
