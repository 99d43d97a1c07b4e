"""Windows cover the axis evenly; their weights are a bell."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from volseg.errors import InputError
from volseg.geometry.windows import gaussian, starts


class TestStarts:
    @pytest.mark.parametrize(
        ("size", "patch", "overlap", "wanted"),
        [
            (110, 64, 0.5, [0, 23, 46]),  # the example in nnU-Net's documentation
            (128, 128, 0.5, [0]),
            (30, 64, 0.5, [0]),
            (129, 128, 0.5, [0, 1]),
            (192, 128, 0.5, [0, 64]),
            (193, 128, 0.5, [0, 32, 65]),
            (10, 4, 0.0, [0, 3, 6]),
            (4, 1, 0.5, [0, 1, 2, 3]),
            (100, 40, 0.75, [0, 10, 20, 30, 40, 50, 60]),
        ],
    )
    def test_by_hand(self, size: int, patch: int, overlap: float, wanted: list[int]) -> None:
        assert starts(size, patch, overlap) == wanted

    @given(st.integers(1, 300), st.integers(1, 100), st.floats(0, 0.95))
    @settings(deadline=None)
    def test_cover_evenly(self, size: int, patch: int, overlap: float) -> None:
        found = starts(size, patch, overlap)
        assert found[0] == 0
        assert max(found[-1] + patch, size) == max(patch, size)
        assert found[-1] + patch >= size
        gaps = np.diff(found)
        assert (gaps >= 1).all()
        assert (gaps <= max(1, math.ceil(patch * (1 - overlap)))).all()
        assert not len(gaps) or gaps.max() - gaps.min() <= 1

    @given(st.integers(1, 300), st.integers(2, 100), st.floats(0, 0.5))
    @example(size=6, patch=3, overlap=2.0**-52)
    @settings(deadline=None)
    def test_no_more_than_needed(self, size: int, patch: int, overlap: float) -> None:
        many = len(starts(size, patch, overlap))
        step = Fraction(patch * (1 - overlap))  # sums of floats would round
        assert many == 1 or (many - 2) * step < size - patch

    @pytest.mark.parametrize(("size", "patch", "overlap"), [(0, 4, 0), (4, 0, 0), (4, 2, 1.0)])
    def test_refused(self, size: int, patch: int, overlap: float) -> None:
        with pytest.raises(InputError, match="wanted sizes"):
            starts(size, patch, overlap)


class TestGaussian:
    @given(st.lists(st.integers(1, 24), min_size=1, max_size=3))
    @settings(deadline=None)
    def test_a_symmetric_bell(self, patch: list[int]) -> None:
        weights = gaussian(patch)
        assert weights.shape == tuple(patch)
        assert weights.dtype == np.float32
        assert weights.min() > 0
        assert weights.max() == weights[tuple(side // 2 for side in patch)] == 1
        for axis in range(len(patch)):
            np.testing.assert_array_equal(weights, np.flip(weights, axis))

    def test_deviation_is_an_eighth_of_the_side(self) -> None:
        assert gaussian([33])[16 + 4] == pytest.approx(math.exp(-0.5 * (4 / (33 / 8)) ** 2))

    def test_above_zero_in_large_windows(self) -> None:
        assert (gaussian([160, 160, 160])[0, 0] > 0).all()
