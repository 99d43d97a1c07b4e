"""The reliability diagram: bars as high as predictions are often right."""

from __future__ import annotations

import json

import numpy as np
import pytest

from volseg.metrics.calibration import BINS, Reliability
from volseg.report.charts.calibration import reliability_chart


def test_bars_are_the_shares_that_are_right() -> None:
    reliability = Reliability()
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.55], dtype=np.float32)
    reliability.update(confidence, np.array([True, True, True, False, False]))
    chart = reliability_chart(reliability)
    json.dumps(chart.figure, allow_nan=False)
    right, _, shares = chart.figure["data"]
    assert (right["y"][-1], right["y"][BINS // 2]) == (0.75, 0.0)
    assert right["y"][0] is None  # nothing is so little sure
    assert (shares["y"][-1], sum(shares["y"])) == (0.8, pytest.approx(1))
    assert f"error is {reliability.error:.3f}" in chart.text
