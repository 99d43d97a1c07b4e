"""Schedules: shares from 0 to 1, rates from the peak to nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volseg.train.schedule import Schedule, poly


@given(st.floats(0, 1), st.floats(0, 1))
def test_poly_falls_from_the_peak_to_zero(one: float, other: float) -> None:
    assert poly(0.0) == 1.0
    assert poly(1.0) == 0.0
    assert 0.0 <= poly(one) <= 1.0
    assert (poly(one) - poly(other)) * (one - other) <= 0


def test_shares_follow_steps_or_the_clock() -> None:
    assert Schedule(4, 25).share(50, 1e9) == 0.5
    assert Schedule(4, 25, minutes=2).share(10**9, 30.0) == pytest.approx(0.25)
    assert Schedule(4, 25, minutes=2).share(0, 1e9) == 1.0
