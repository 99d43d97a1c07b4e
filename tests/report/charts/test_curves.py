"""Curves of a report: of one run all classes, of several their means."""

from __future__ import annotations

from dataclasses import replace

from volseg.report.charts.curves import curve_charts
from volseg.view.charts.history import History

NAN = float("nan")
RUN = History(
    "run", (1, 2), (0.5, 1), (1.5, 0.5), (0.1, 0.0), "IoU", (0.5, 0.75), {"a<b": (0.9, NAN)}
)


def test_one_run_has_a_line_for_every_class() -> None:
    loss, scores = curve_charts([RUN], {"a<b": "#123456"})
    assert "1.5 to 0.5 in 2 epochs and 1.0 minutes" in loss.text
    assert "0.750 in epoch 2" in scores.text
    mean, line = scores.figure["data"]
    assert (line["name"], line["y"], line["line"]["color"]) == ("a&lt;b", [0.9, None], "#123456")
    assert mean["y"] == [0.5, 0.75]


def test_several_runs_have_their_means_alone() -> None:
    other = replace(RUN, name="fold_1", mean=(0.6, NAN))
    loss, scores = curve_charts([RUN, other], {})
    assert [line["name"] for line in scores.figure["data"]] == ["mean, run", "mean, fold_1"]
    assert len(loss.figure["data"]) == 3  # and the learning rate
    assert "0.600 in epoch 1" in scores.text


def test_a_run_that_validates_nothing_has_a_loss() -> None:
    charts = curve_charts([replace(RUN, measure="", mean=(), by_class={})], {})
    assert [chart.anchor for chart in charts] == ["chart-loss"]
