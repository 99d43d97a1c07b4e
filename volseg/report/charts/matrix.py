"""The confusion matrix of a report."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from volseg.report.charts.chart import Chart, Values, number, percent
from volseg.report.results import Results
from volseg.view.charts.confusion_table import ConfusionTable

MOST_NAMED = 40
"""Classes of a matrix whose axes still have room for names."""
BLUES = ((0.0, "#F4F7FB"), (0.25, "#B9D3EA"), (0.5, "#6BA6D6"), (0.75, "#2B6CB0"), (1.0, "#123A6B"))


def matrix_chart(results: Results) -> Chart | None:
    """The confusion matrix, each row's shares of the true class; None where there is none."""
    if results.confusion is None:
        return None
    names = [escape(entry.name) for entry in results.classes]
    table = ConfusionTable.of(names, results.confusion)
    few = len(names) <= MOST_NAMED
    cells: Values = {
        "type": "heatmap",
        "z": [[number(share) for share in row] for row in table.shares.tolist()],
        "x": list(range(len(table.columns))),
        "y": list(range(len(names))),
        "text": _hover(table, results.cells),
        "hoverinfo": "text",
        "colorscale": BLUES,
        "zmin": 0,
        "zmax": 1,
        "xgap": 1 if few else 0,
        "ygap": 1 if few else 0,
        "colorbar": {"title": {"text": "share of<br>true class"}, "tickformat": ".0%", "len": 0.6},
    }
    layout = {
        "xaxis": _class_axis("predicted", table.columns, few) | {"side": "bottom"},
        "yaxis": _class_axis("truth", names, few) | {"autorange": "reversed"},
        "annotations": _written(table.shares) if len(names) <= 12 else [],
    }
    height = int(np.clip(160 + 44 * len(names), 320, 900))
    text = "Confusion matrix: rows are true classes, columns predicted ones. " + " ".join(
        f"{count:,} {results.cells} of {truth} were taken for {taken}."
        for truth, taken, count in results.mistakes(3)
    )
    return Chart("chart-confusion", text, {"data": [cells], "layout": layout}, height)


def _hover(table: ConfusionTable, cells: str) -> list[list[str]]:
    """What the mouse is told over every cell."""
    return [
        [
            f"{table.counts[row, column]:,} {cells} of <b>{truth}</b><br>"
            f"predicted as <b>{taken}</b> ({percent(table.shares[row, column])})"
            for column, taken in enumerate(table.columns)
        ]
        for row, truth in enumerate(table.rows)
    ]


def _class_axis(title: str, names: Sequence[str], few: bool) -> Values:
    axis: Values = {"title": {"text": title}, "automargin": True, "showgrid": False}
    if few:
        shown = [name if len(name) <= 24 else name[:23] + "…" for name in names]
        axis |= {"tickmode": "array", "tickvals": list(range(len(names))), "ticktext": shown}
    return axis | {"zeroline": False, "showticklabels": few}


def _written(shares: NDArray[np.float64]) -> list[Values]:
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
