"""How sure predictions are, and how often they are right then."""

from __future__ import annotations

from volseg.metrics.calibration import BINS, Reliability
from volseg.report.charts.chart import LINE, Chart, Values, number, percent

DIAGONAL: Values = {
    "type": "scatter",
    "mode": "lines",
    "x": [0, 1],
    "y": [0, 1],
    "name": "as sure as right",
    "line": {"dash": "dash", "color": "#8A6D00", "width": 2},
    "hoverinfo": "skip",
}
LAYOUT: Values = {
    "xaxis": {
        "title": {"text": "confidence"},
        "range": [0, 1],
        "tickformat": ".0%",
        "anchor": "y2",
    },
    "yaxis": {
        "title": {"text": "right"},
        "range": [0, 1.02],
        "tickformat": ".0%",
        "domain": [0.3, 1],
    },
    "yaxis2": {"title": {"text": "share"}, "tickformat": ".0%", "domain": [0, 0.24]},
    "showlegend": False,
}


def reliability_chart(reliability: Reliability) -> Chart:
    """Accuracy over confidence, and how many predictions are how sure."""
    centres = [(bin_ + 0.5) / BINS for bin_ in range(BINS)]
    accuracy = [number(value) for value in reliability.accuracy.tolist()]
    shares = (reliability.counts / max(1, int(reliability.counts.sum()))).tolist()
    hover = [
        f"confidence {bin_ / BINS:.0%} to {(bin_ + 1) / BINS:.0%}<br>"
        f"right: {percent(reliability.accuracy[bin_])} of {reliability.counts[bin_]:,}"
        for bin_ in range(BINS)
    ]
    common: Values = {"type": "bar", "x": centres, "width": 0.092}
    common |= {"text": hover, "hoverinfo": "text", "textposition": "none"}
    data = [
        common | {"y": accuracy, "name": "right", "marker": {"color": LINE}},
        DIAGONAL,
        common
        | {
            "y": shares,
            "yaxis": "y2",
            "name": "share of predictions",
            "marker": {"color": "#8A949E"},
        },
    ]
    text = (
        "Reliability diagram: the share of right predictions over their confidence. "
        f"The expected calibration error is {reliability.error:.3f}."
    )
    return Chart("chart-calibration", text, {"data": data, "layout": LAYOUT}, 420)
