"""Reliability: bins, and the expected calibration error."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.metrics.calibration import BINS, Reliability


def test_bins_and_error_as_counted_by_hand() -> None:
    found = Reliability()
    found.update(np.array([0.95, 0.85, 1.0]), np.array([True, False, True]))
    found.update(np.array([0.85, np.nan]), np.array([True, True]))
    assert found.counts.tolist() == [0] * 8 + [2, 2]
    assert found.hits.tolist() == [0] * 8 + [1, 2]
    assert found.accuracy[8:] == pytest.approx([0.5, 1.0])
    assert found.error == pytest.approx((2 * abs(0.5 - 0.85) + 2 * abs(1.0 - 0.975)) / 4)


def test_nothing_counted_has_no_error() -> None:
    assert np.isnan(Reliability().error)


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1), st.integers(0))
def test_streams_add_up(pairs: list[tuple[float, bool]], cut: int) -> None:
    sure, right = np.array([p for p, _ in pairs]), np.array([r for _, r in pairs])
    whole, parts = Reliability(), Reliability()
    whole.update(sure, right)
    cut %= len(pairs)
    parts.update(sure[:cut], right[:cut])
    parts.update(sure[cut:], right[cut:])
    assert whole.counts.sum() == len(pairs)
    assert (whole.counts == parts.counts).all()
    assert (whole.hits == parts.hits).all()
    assert whole.error == pytest.approx(parts.error)
    assert 0 <= whole.error <= 1
    assert len(whole.accuracy) == BINS
