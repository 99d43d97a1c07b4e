"""Values of a plot: what JSON cannot hold is None, what is no score a dash."""

from __future__ import annotations

import math

import pytest

from volseg.report.charts.chart import number, percent


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_json_cannot_hold_is_none(value: float) -> None:
    assert number(value) is None


def test_numbers_keep_six_digits() -> None:
    assert number(1 / 3) == 0.333333
    assert (percent(1 / 3), percent(math.nan)) == ("33.3%", "-")
