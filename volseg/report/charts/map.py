"""Where scans lie, coloured by their scores."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import numpy as np

from volseg.io.scans.crs import same_crs
from volseg.io.scans.extent import ScanExtent
from volseg.report.charts.chart import Chart, Values
from volseg.report.results import CaseResult
from volseg.view.palette import RAMP, ramp, to_hex


def map_chart(cases: Sequence[CaseResult]) -> Chart | None:
    """Where the cases lie, coloured by IoU; None where that says nothing.

    That is with fewer than two places, or where not all name one coordinate system, or none.
    """
    placed = [(case, case.extent) for case in cases if case.extent is not None]
    places = {(box.lower, box.upper) for _, box in placed}
    if len(places) < 2 or not _in_one_system([box.crs for _, box in placed]):
        return None
    data = [*(_box(case, extent) for case, extent in placed), _colour_bar()]
    plain = {"tickformat": "d", "automargin": True, "zeroline": False, "constrain": "domain"}
    layout = {
        "xaxis": plain | {"title": {"text": "x, m"}},
        "yaxis": plain | {"title": {"text": "y, m"}, "scaleanchor": "x"},
        "hovermode": "closest",
    }
    text = f"Map of {len(placed)} cases coloured by mean IoU, which the table of cases lists."
    return Chart("chart-map", text, {"data": data, "layout": layout}, 460)


def _box(case: CaseResult, extent: ScanExtent) -> Values:
    """The outline of a case; a click leads to its section."""
    (left, bottom), (right, top) = extent.lower, extent.upper
    score = "no score" if math.isnan(case.mean_iou) else f"mean IoU {case.mean_iou:.3f}"
    return {
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


def _colour_bar() -> Values:
    """A marker that is nowhere, for the sake of its colour bar."""
    scale = [[step / (len(RAMP) - 1), colour] for step, colour in enumerate(RAMP)]
    marker = {"colorscale": scale, "cmin": 0, "cmax": 1, "color": [0], "showscale": True}
    marker |= {"colorbar": {"title": {"text": "mean IoU"}, "len": 0.8}}
    return {
        "type": "scatter", "mode": "markers", "x": [None], "y": [None], "marker": marker,
        "hoverinfo": "skip", "showlegend": False,
    }  # fmt: skip


def _in_one_system(systems: Sequence[str]) -> bool:
    """Whether all scans name the same coordinate system, or all name none."""
    first, *others = dict.fromkeys(systems)
    return all(first and other and same_crs(first, other) for other in others)


def _shade(score: float) -> str:
    """The colour of a score from 0 to 1 on the ramp; grey for none."""
    if math.isnan(score):
        return "#8A949E"
    return to_hex(ramp(np.array(score)).tolist())
