"""How a training run went: loss, every class's score and the learning rate over its epochs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PIL import Image

from volseg.geometry.labels import LabelMap
from volseg.view.charts.chart import FAINT, INK, chart, render, short, whole_numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

MOST_NAMED = 14
"""Classes the legend names; of more, the worst."""
WIDE = 30.0
"""The largest loss over the smallest from where on its axis is logarithmic."""

Rows = Sequence[Mapping[str, Any]]


def draw_curves(rows: Rows, labels: LabelMap) -> Image.Image:
    """Loss, scores and learning rate over epochs.

    Args:
        rows: of ``log.csv``, in numbers, one at least: ``epoch``, ``loss``, ``learning_rate`` and,
            where something validates, ``mean_iou`` and ``iou_NAME`` of every class (or ``dice``).
        labels: the classes and their colours.
    """
    measure = next((key.removeprefix("mean_") for key in rows[0] if key.startswith("mean_")), None)
    with chart(13.0 if measure else 8.0, 4.2) as figure:
        ratios = [1.0, 1.7, 1.0] if measure else [1.0, 1.0]
        axes = figure.subplots(1, len(ratios), width_ratios=ratios)
        _plot(axes[0], rows, "loss", color=INK)
        axes[0].set_title("training loss")
        if measure:
            _draw_scores(axes[1], rows, measure, labels)
        _plot(axes[-1], rows, "learning_rate", color=INK)
        axes[-1].set_title("learning rate")
        axes[-1].set_ylim(bottom=0)
        losses = [row["loss"] for row in rows]
        if min(losses) > 0 and max(losses) > WIDE * min(losses):
            axes[0].set_yscale("log")
        else:
            axes[0].set_ylim(bottom=min(0, *losses))
        for one in axes:
            one.grid(axis="y")
            one.yaxis.set_major_formatter("{x:g}")
            one.set_xlabel("epoch")
            whole_numbers(one)
        return render(figure)


def _plot(axes: Axes, rows: Rows, key: str, **style: Any) -> Line2D:
    """A line over epochs with a dot at its end; rows without a value leave gaps."""
    values = [row[key] for row in rows]
    last = max((k for k, value in enumerate(values) if not math.isnan(value)), default=0)
    (line,) = axes.plot(
        [row["epoch"] for row in rows], values, marker="o", markevery=[last], markersize=4,
        **{"linewidth": 1.6, "clip_on": False, **style},
    )  # fmt: skip
    return line


def _draw_scores(axes: Axes, rows: Rows, measure: str, labels: LabelMap) -> None:
    """The score of every class and their mean; the legend has the order of the lines' ends."""
    name = {"iou": "IoU", "dice": "Dice of patches"}[measure]
    final = rows[-1]
    lines = []
    for one in labels.classes:
        key = f"{measure}_{one.name}"
        line = _plot(axes, rows, key, color=one.colour)
        lines.append((_last(final[key]), line, f"{_figure(final[key])}  {short(one.name)}"))
    lines.sort(key=lambda entry: -entry[0])
    mean = f"mean_{measure}"
    line = _plot(axes, rows, mean, color=INK, linewidth=2.6, zorder=3)
    named = [(line, f"{_figure(final[mean])}  mean")]
    named += [(line, text) for _, line, text in lines[-MOST_NAMED:]]
    many = len(lines)
    axes.legend(
        *zip(*named, strict=True),
        loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=1.2, alignment="left",
        title=f"the worst {MOST_NAMED} of {many} classes" if many > MOST_NAMED else None,
    )  # fmt: skip
    best = max(rows, key=lambda row: _last(row[mean]))
    title = f"validation {name}"
    if not math.isnan(best[mean]):
        title += f", best mean {_figure(best[mean])} in epoch {best['epoch']}"
        axes.axvline(best["epoch"], color=FAINT, linestyle=":", linewidth=1)
    axes.set_title(title)
    axes.set_ylim(0, 1)


def _last(value: float) -> float:
    """A score to sort by: what has none comes last."""
    return -1.0 if math.isnan(value) else value


def _figure(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}"
