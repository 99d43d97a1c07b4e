"""How a training run went: loss, every class's score and the learning rate over its epochs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PIL import Image

from volseg.geometry.labels import LabelMap
from volseg.metrics.means import score_text
from volseg.view.charts.chart import FAINT, INK, chart, render, short, whole_numbers
from volseg.view.charts.history import History

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

MOST_NAMED = 14
"""Classes the legend names; of more, the worst."""
WIDE = 30.0
"""The largest loss over the smallest from where on its axis is logarithmic."""
SCORES = {"IoU": "IoU", "Dice": "Dice of patches", "PQ": "PQ of patches"}
"""What validation measures, as the chart names it."""


def draw_curves(rows: Sequence[Mapping[str, Any]], labels: LabelMap) -> Image.Image:
    """Loss, scores and learning rate over epochs.

    Args:
        rows: of ``log.csv``, as `History.of` takes them.
        labels: the classes and their colours.
    """
    run = History.of(rows)
    with chart(13.0 if run.measure else 8.0, 4.2) as figure:
        ratios = [1.0, 1.7, 1.0] if run.measure else [1.0, 1.0]
        panels = figure.subplots(1, len(ratios), width_ratios=ratios)
        _plot(panels[0], run, run.loss, color=INK)
        panels[0].set_title("training loss")
        if run.measure:
            _draw_scores(panels[1], run, labels)
        _plot(panels[-1], run, run.learning_rate, color=INK)
        panels[-1].set_title("learning rate")
        panels[-1].set_ylim(bottom=0)
        if min(run.loss) > 0 and max(run.loss) > WIDE * min(run.loss):
            panels[0].set_yscale("log")
        else:
            panels[0].set_ylim(bottom=min(0, *run.loss))
        for axes in panels:
            axes.grid(axis="y")
            axes.yaxis.set_major_formatter("{x:g}")
            axes.set_xlabel("epoch")
            whole_numbers(axes)
        return render(figure)


def _plot(axes: Axes, run: History, values: Sequence[float], **style: Any) -> Line2D:
    """A line over epochs with a dot at its end; epochs without a value leave gaps."""
    last = max((k for k, value in enumerate(values) if not math.isnan(value)), default=0)
    (line,) = axes.plot(
        run.epochs, values, marker="o", markevery=[last], markersize=4,
        **{"linewidth": 1.6, "clip_on": False, **style},
    )  # fmt: skip
    return line


def _draw_scores(axes: Axes, run: History, labels: LabelMap) -> None:
    """The score of every class and their mean; the legend has the order of the lines' ends."""
    lines = []
    for entry in labels.classes:
        scores = run.by_class[entry.name]
        line = _plot(axes, run, scores, color=entry.colour)
        rank = -1.0 if math.isnan(scores[-1]) else scores[-1]  # what has no score comes last
        lines.append((rank, line, f"{score_text(scores[-1])}  {short(entry.name)}"))
    lines.sort(key=lambda ranked: -ranked[0])
    line = _plot(axes, run, run.mean, color=INK, linewidth=2.6, zorder=3)
    named = [(line, f"{score_text(run.mean[-1])}  mean")]
    named += [(line, text) for _, line, text in lines[-MOST_NAMED:]]
    many = len(lines)
    axes.legend(
        *zip(*named, strict=True),
        loc="center left", bbox_to_anchor=(1.0, 0.5), handlelength=1.2, alignment="left",
        title=f"the worst {MOST_NAMED} of {many} classes" if many > MOST_NAMED else None,
    )  # fmt: skip
    title = f"validation {SCORES[run.measure]}"
    if run.best is not None:
        epoch = run.epochs[run.best]
        title += f", best mean {score_text(run.mean[run.best])} in epoch {epoch:.0f}"
        axes.axvline(epoch, color=FAINT, linestyle=":", linewidth=1)
    axes.set_title(title)
    axes.set_ylim(0, 1)
