"""How training went, as a report plots it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from volseg.report.charts.chart import Chart, Values, number
from volseg.view.charts.history import History


def curve_charts(runs: Sequence[History], colours: dict[str, str]) -> list[Chart]:
    """Loss with learning rate, and the validation's scores, over the epochs of runs."""
    charts = [_loss_chart(runs)]
    scored = [run for run in runs if run.mean]
    if scored:
        charts.append(_score_chart(scored, colours))
    return charts


def _loss_chart(runs: Sequence[History]) -> Chart:
    first = runs[0]
    data = [_line(run.epochs, run.loss, _called("loss", run, runs)) for run in runs]
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
        f"{_called('Loss', run, runs)} went from {run.loss[0]:.3g} to {run.loss[-1]:.3g} in "
        f"{len(run.loss)} epochs and {run.minutes[-1]:.1f} minutes."
        for run in runs
    )
    return Chart("chart-loss", text, {"data": data, "layout": layout}, 320)


def _score_chart(runs: Sequence[History], colours: dict[str, str]) -> Chart:
    data = []
    for run in runs:
        mean = _line(run.epochs, run.mean, _called("mean", run, runs))
        data.append(mean | {"line": {"width": 4, "color": "ink"}} if len(runs) == 1 else mean)
        if len(runs) == 1:
            for name, values in run.by_class.items():
                line = _line(run.epochs, values, name)
                data.append(line | {"line": {"width": 2, "color": colours.get(name)}})
    measure = runs[0].measure
    layout = {
        "xaxis": {"title": {"text": "epoch"}},
        "yaxis": {"title": {"text": f"{measure} in validation"}, "range": [0, 1.02]},
    }
    text = " ".join(
        f"{_called('Best mean', run, runs)} {measure} {run.mean[run.best]:.3f} in epoch "
        f"{run.epochs[run.best]:.0f}."
        for run in runs
        if run.best is not None
    )
    return Chart("chart-scores", text, {"data": data, "layout": layout}, 380)


def _called(what: str, run: History, every: Sequence[History]) -> str:
    return what if len(every) == 1 else f"{what}, {run.name}"


def _line(x: Sequence[float], y: Sequence[float], name: str) -> Values:
    marks = {"mode": "lines"} if len(x) > 1 else {"mode": "markers"}
    values = [number(value) for value in y]
    return marks | {"type": "scatter", "x": list(x), "y": values, "name": escape(name)}
