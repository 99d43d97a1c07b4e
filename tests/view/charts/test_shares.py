"""Shares in a legend: what is there is named, and what is not is said."""

from __future__ import annotations

import numpy as np

from volseg.geometry.colours import default_colour
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.view.charts.shares import share_legend

ORGANS = LabelMap((LabelClass("nothing", (0,), "#123456"), LabelClass("liver", (5,), "#00FF00")))


def test_of_many_classes_those_that_were_found_are_named() -> None:
    labels = LabelMap(tuple(LabelClass(f"c{k}", (k,), default_colour(k)) for k in range(116)))
    counts = np.zeros(116, dtype=np.int64)
    counts[[3, 70]] = 1, 99_999
    legend = share_legend(labels, counts, 100_000)
    assert [one.name for one in legend.entries] == ["c3  <0.1 %", "c70  99.9 %"]


def test_an_empty_prediction_is_said_to_be_empty() -> None:
    legend = share_legend(ORGANS, np.array([504, 0]), 504, first=1)
    assert legend.title == "nothing but background"
    assert [one.name for one in legend.entries] == ["liver  none"]
