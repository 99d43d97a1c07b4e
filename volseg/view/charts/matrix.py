"""How good a prediction is, class by class: what became of each, its IoU and its support."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from volseg.geometry.labels import LabelMap
from volseg.metrics.confusion import Absent, Confusion
from volseg.metrics.means import score_text
from volseg.view.charts.chart import FAINT, GRID, INK, chart, render, short
from volseg.view.charts.confusion_table import ConfusionTable

if TYPE_CHECKING:
    from matplotlib.axes import Axes


MOST_WRITTEN = 24
"""Classes up to which every cell of the matrix is written as a number."""
BARS = 4.2
"""Inches for the bars, and what stands beside them."""
LETTER = 0.085
"""Inches a letter of a class's name takes."""


def draw_confusion(
    labels: LabelMap, confusion: Confusion, cells: str, absent: Absent = "nan"
) -> Image.Image:
    """The scores of a confusion of all classes: points or voxels, as ``cells`` says."""
    scores = confusion.scores(absent)
    title = (
        f"mean IoU {score_text(scores.mean_iou)}   overall accuracy "
        f"{score_text(scores.overall_accuracy)}   {int(scores.support.sum()):,} {cells}"
    )
    return draw_scores(
        labels, scores.iou, scores.support, cells=cells, title=title, confusion=confusion
    )


def draw_scores(
    labels: LabelMap,
    iou: NDArray[np.float64],
    support: NDArray[np.int64],
    *,
    cells: str,
    title: str,
    confusion: Confusion | None = None,
) -> Image.Image:
    """A row a class: the confusion matrix as shares of the truth, IoU bars, and supports.

    Args:
        labels: K classes and their colours.
        iou: float64 (K,); NaN where neither truth nor prediction has a class.
        support: int64 (K,), cells of the class in the truth.
        cells: what is counted: ``points`` or ``voxels``.
        title: the line above.
        confusion: of all classes; None for bars alone, as classes that overlap have no matrix.
    """
    many, names = len(labels), [short(name) for name in labels.names]
    row = float(np.clip(10.0 / many, 0.14, 0.45))
    size = min(10.0, 72 * row * 0.8)
    margin = max(map(len, names)) * LETTER * size / 10 + 0.5
    table = None if confusion is None else ConfusionTable.of(names, confusion)
    side = 0.0 if table is None else max(2.4, len(table.columns) * row)
    below = 0.3 if table is None else 0.8 * margin
    with chart(margin + side + BARS, max(1.0, many * row) + 1.2 + below) as figure:
        if table is None:
            bars = figure.subplots()
        else:
            matrix, bars = figure.subplots(1, 2, width_ratios=[side, 0.55 * BARS], sharey=True)
            _draw_matrix(matrix, table, size)
        absent = (support == 0) & ~np.isnan(iou)
        beside = [
            "not in truth" if invented else f"{count:,} {cells}"
            for count, invented in zip(support.tolist(), absent.tolist(), strict=True)
        ]
        _draw_bars(bars, labels, iou, beside, size)
        bars.set_yticks(range(many), names, fontsize=size)
        bars.tick_params(axis="y", length=0, labelleft=table is None)
        bars.set_ylim(many - 0.5, -0.5)
        figure.suptitle(title, fontsize=11)
        return render(figure)


def _draw_matrix(axes: Axes, table: ConfusionTable, size: float) -> None:
    shares, columns = 100 * table.shares, table.columns
    image = axes.imshow(
        np.ma.masked_invalid(shares), cmap="Blues", vmin=0, vmax=100, aspect="auto",
        interpolation="nearest",
    )  # fmt: skip
    image.get_cmap().set_bad(GRID)
    axes.set_xlabel("prediction")
    axes.set_ylabel("truth")
    axes.tick_params(length=0)
    if len(table.rows) <= MOST_WRITTEN:
        axes.set_xticks(
            range(len(columns)), columns, fontsize=size,
            rotation=45, ha="right", rotation_mode="anchor",
        )  # fmt: skip
        axes.set_title("% of the truth", fontsize=size)
        _write_shares(axes, shares, min(size, 9.0))
        return
    axes.set_xticks(range(len(columns)), columns, fontsize=size, rotation=90)
    axes.figure.colorbar(
        image, ax=axes, location="top", label="% of the truth", aspect=60, pad=0.01
    )


def _write_shares(axes: Axes, shares: NDArray[np.float64], size: float) -> None:
    for (row, column), share in np.ndenumerate(shares):
        if share > 0:
            text = "<0.1" if share < 0.05 else f"{share:.1f}" if share < 99.95 else "100"
            colour = "white" if share > 55 else INK
            axes.text(column, row, text, color=colour, fontsize=size, ha="center", va="center")


def _draw_bars(
    axes: Axes, labels: LabelMap, iou: NDArray[np.float64], supports: list[str], size: float
) -> None:
    places = range(len(labels))
    colours = [one.colour for one in labels.classes]
    axes.barh(
        places, np.nan_to_num(iou), color=colours, height=0.72, edgecolor=FAINT, linewidth=0.5
    )
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.grid(axis="x")
    axes.set_xlabel("IoU")
    figures = [score_text(value) for value in iou]
    beside = axes.secondary_yaxis("right")
    beside.set_yticks(
        places, [f"{one}   {many}" for one, many in zip(figures, supports, strict=True)],
        fontsize=size,
    )  # fmt: skip
    beside.tick_params(length=0)
    beside.spines[:].set_visible(False)
