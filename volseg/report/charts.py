"""The plots of a report, as plotly draws them: plain values, coloured by the page's script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from volseg.io.scans.crs import same_crs
from volseg.metrics.calibration import BINS, Reliability
from volseg.report.curves import Curves
from volseg.report.results import CaseResult, Results
from volseg.view.palette import RAMP, ramp

Values = dict[str, Any]
MOST_NAMED = 40
"""Classes of a matrix whose axes still have room for names."""
BLUES = ((0.0, "#F4F7FB"), (0.25, "#B9D3EA"), (0.5, "#6BA6D6"), (0.75, "#2B6CB0"), (1.0, "#123A6B"))
LINE = "#2B6CB0"


@dataclass(frozen=True)
class Chart:
    """A plot.

    Attributes:
        anchor: id of its element.
        text: what it shows, in words, for those who do not see it.
        figure: plotly's ``data`` and ``layout``; texts in it are HTML, escaped.
        height: in pixels.
    """

    anchor: str
    text: str
    figure: Values
    height: int


def matrix_chart(results: Results) -> Chart | None:
    """The confusion matrix, each row's shares of the true class; None where there is none."""
    if results.confusion is None:
        return None
    counts = results.confusion.counts
    names = [escape(one.name) for one in results.classes]
    columns = [*names, "no class"] if counts[:, -1].any() else names
    counts = counts[:, : len(columns)]
    totals = counts.sum(axis=1, keepdims=True)
    shares = np.where(totals > 0, counts / np.maximum(totals, 1), np.nan)
    few = len(names) <= MOST_NAMED
    hover = [
        [
            f"{counts[row, column]:,} {results.cells} of <b>{name}</b><br>"
            f"predicted as <b>{other}</b> ({_percent(shares[row, column])})"
            for column, other in enumerate(columns)
        ]
        for row, name in enumerate(names)
    ]
    cells: Values = {
        "type": "heatmap",
        "z": [[_number(share) for share in row] for row in shares.tolist()],
        "x": list(range(len(columns))),
        "y": list(range(len(names))),
        "text": hover,
        "hoverinfo": "text",
        "colorscale": BLUES,
        "zmin": 0,
        "zmax": 1,
        "xgap": 1 if few else 0,
        "ygap": 1 if few else 0,
        "colorbar": {"title": {"text": "share of<br>true class"}, "tickformat": ".0%", "len": 0.6},
    }
    layout = {
        "xaxis": _class_axis("predicted", columns, few) | {"side": "bottom"},
        "yaxis": _class_axis("truth", names, few) | {"autorange": "reversed"},
        "annotations": _written(shares) if len(names) <= 12 else [],
    }
    height = int(np.clip(160 + 44 * len(names), 320, 900))
    text = "Confusion matrix: rows are true classes, columns predicted ones. " + " ".join(
        f"{many:,} {results.cells} of {truth} were taken for {taken}."
        for truth, taken, many in results.mistakes(3)
    )
    return Chart("chart-confusion", text, {"data": [cells], "layout": layout}, height)


def _class_axis(title: str, names: Sequence[str], few: bool) -> Values:
    axis: Values = {"title": {"text": title}, "automargin": True, "showgrid": False}
    if few:
        shown = [name if len(name) <= 24 else name[:23] + "…" for name in names]
        axis |= {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": shown}
    return axis | {"zeroline": False, "showticklabels": few}


def _written(shares: np.ndarray[Any, Any]) -> list[Values]:
    """The share written in every cell, white on dark ones."""
    return [
        {
            "x": column,
            "y": row,
            "text": f"{100 * share:.0f}",
            "showarrow": False,
            "font": {"color": "#FFFFFF" if share > 0.6 else "#1B2733", "size": 12},
        }
        for (row, column), share in np.ndenumerate(shares)
        if share >= 0.005
    ]


def reliability_chart(found: Reliability) -> Chart:
    """Accuracy over confidence, and how many predictions are how sure."""
    centres = [(number + 0.5) / BINS for number in range(BINS)]
    accuracy = [_number(value) for value in found.accuracy.tolist()]
    shares = (found.counts / max(1, int(found.counts.sum()))).tolist()
    hover = [
        f"confidence {number / BINS:.0%} to {(number + 1) / BINS:.0%}<br>"
        f"right: {_percent(found.accuracy[number])} of {found.counts[number]:,}"
        for number in range(BINS)
    ]
    common: Values = {"type": "bar", "x": centres, "width": 0.092}
    common |= {"text": hover, "hoverinfo": "text", "textposition": "none"}
    data = [
        common | {"y": accuracy, "name": "right", "marker": {"color": LINE}},
        {
            "type": "scatter",
            "mode": "lines",
            "x": [0, 1],
            "y": [0, 1],
            "name": "as sure as right",
            "line": {"dash": "dash", "color": "#8A6D00", "width": 2},
            "hoverinfo": "skip",
        },
        common
        | {
            "y": shares,
            "yaxis": "y2",
            "name": "share of predictions",
            "marker": {"color": "#8A949E"},
        },
    ]
    layout = {
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
    text = (
        "Reliability diagram: the share of right predictions over their confidence. "
        f"The expected calibration error is {found.error:.3f}."
    )
    return Chart("chart-calibration", text, {"data": data, "layout": layout}, 420)


def curve_charts(curves: Sequence[Curves], colours: dict[str, str]) -> list[Chart]:
    """Loss with learning rate, and the validation's scores, over the epochs of runs."""
    charts = [_loss_chart(curves)]
    scored = [one for one in curves if one.mean]
    if scored:
        charts.append(_score_chart(scored, colours))
    return charts


def _loss_chart(curves: Sequence[Curves]) -> Chart:
    first = curves[0]
    data = [_line(one.epochs, one.loss, _called("loss", one, curves)) for one in curves]
    rate = _line(first.epochs, first.learning_rate, "learning rate")
    data.append(rate | {"yaxis": "y2", "line": {"dash": "dot", "width": 2, "color": "#8A6D00"}})
    layout = {
        "xaxis": {"title": {"text": "epoch"}},
        "yaxis": {"title": {"text": "loss"}, "rangemode": "tozero"},
        "yaxis2": {
            "title": {"text": "learning rate"},
            "overlaying": "y",
            "side": "right",
            "rangemode": "tozero",
            "showgrid": False,
            "tickmode": "auto",  # round numbers, not those beside the ticks of the loss
            "exponentformat": "e",
            "automargin": True,
        },
    }
    text = " ".join(
        f"{_called('Loss', one, curves)} went from {one.loss[0]:.3g} to {one.loss[-1]:.3g} in "
        f"{len(one.loss)} epochs and {one.minutes[-1]:.1f} minutes."
        for one in curves
    )
    return Chart("chart-loss", text, {"data": data, "layout": layout}, 320)


def _score_chart(curves: Sequence[Curves], colours: dict[str, str]) -> Chart:
    data = []
    for one in curves:
        mean = _line(one.epochs, one.mean, _called("mean", one, curves))
        data.append(mean | {"line": {"width": 4, "color": "ink"}} if len(curves) == 1 else mean)
        if len(curves) == 1:
            for name, values in one.by_class.items():
                line = _line(one.epochs, values, name)
                data.append(line | {"line": {"width": 2, "color": colours.get(name)}})
    measure = curves[0].measure
    layout = {
        "xaxis": {"title": {"text": "epoch"}},
        "yaxis": {"title": {"text": f"{measure} in validation"}, "range": [0, 1.02]},
    }
    text = " ".join(
        f"{_called('Best mean', one, curves)} {measure} {max(one.mean):.3f} in epoch "
        f"{one.epochs[one.mean.index(max(one.mean))]:.0f}."
        for one in curves
        if not any(map(math.isnan, one.mean))
    )
    return Chart("chart-scores", text, {"data": data, "layout": layout}, 380)


def _called(what: str, one: Curves, every: Sequence[Curves]) -> str:
    return what if len(every) == 1 else f"{what}, {one.name}"


def _line(x: Sequence[float], y: Sequence[float], name: str) -> Values:
    marks = {"mode": "lines"} if len(x) > 1 else {"mode": "markers"}
    values = [_number(value) for value in y]
    return marks | {"type": "scatter", "x": list(x), "y": values, "name": escape(name)}


def map_chart(cases: Sequence[CaseResult]) -> Chart | None:
    """Where the cases lie, coloured by IoU; None where that says nothing.

    That is with fewer than two places, or where not all name one coordinate system, or none.
    """
    placed = [(case, case.extent) for case in cases if case.extent is not None]
    places = {(box.lower, box.upper) for _, box in placed}
    if len(places) < 2 or not _in_one_system([box.crs for _, box in placed]):
        return None
    data = []
    for case, box in placed:
        (left, bottom), (right, top) = box.lower, box.upper
        score = "no score" if math.isnan(case.mean_iou) else f"mean IoU {case.mean_iou:.3f}"
        data.append(
            {
                "type": "scatter",
                "mode": "lines",
                "x": [left, right, right, left, left],
                "y": [bottom, bottom, top, top, bottom],
                "fill": "toself",
                "fillcolor": _shade(case.mean_iou),
                "line": {"color": "ink", "width": 1},
                "name": escape(case.name),
                "text": f"{escape(case.name)}<br>{score}",
                "hoverinfo": "text",
                "hoveron": "fills",
                "showlegend": False,
                "meta": case.anchor,
            }
        )
    scale = [[number / (len(RAMP) - 1), colour] for number, colour in enumerate(RAMP)]
    marker = {"colorscale": scale, "cmin": 0, "cmax": 1, "color": [0], "showscale": True}
    marker |= {"colorbar": {"title": {"text": "mean IoU"}, "len": 0.8}}
    data.append(
        {"type": "scatter", "mode": "markers", "x": [None], "y": [None], "marker": marker}
        | {"hoverinfo": "skip", "showlegend": False}
    )
    plain = {"tickformat": "d", "automargin": True, "zeroline": False, "constrain": "domain"}
    layout = {
        "xaxis": plain | {"title": {"text": "x, m"}},
        "yaxis": plain | {"title": {"text": "y, m"}, "scaleanchor": "x"},
        "hovermode": "closest",
    }
    text = f"Map of {len(placed)} cases coloured by mean IoU, which the table of cases lists."
    return Chart("chart-map", text, {"data": data, "layout": layout}, 460)


def _in_one_system(systems: Sequence[str | None]) -> bool:
    """Whether all scans name the same coordinate system, or all name none."""
    first, *others = dict.fromkeys(systems)
    return all(first and other and same_crs(first, other) for other in others)


def _shade(score: float) -> str:
    """The colour of a score from 0 to 1 on the ramp; grey for none."""
    if math.isnan(score):
        return "#8A949E"
    return "#" + bytes(ramp(np.array(score)).tolist()).hex()


def _percent(share: float) -> str:
    return "-" if math.isnan(share) else f"{share:.1%}"


def _number(value: float) -> float | None:
    """A number JSON can hold, in as many digits as a plot shows."""
    return round(value, 6) if math.isfinite(value) else None
