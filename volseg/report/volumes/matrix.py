"""The scores of segmented volumes as a chart: means over cases, and the confusion of all."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PIL import Image

from volseg.evaluate.volumes.scores import CaseScores
from volseg.evaluate.volumes.summary import average, pool, summarize
from volseg.geometry.labels import LabelMap
from volseg.metrics.means import score_text
from volseg.view.charts.chart import short
from volseg.view.charts.matrix import draw_scores


def draw_cases(labels: LabelMap, cases: Sequence[CaseScores], leave_out: str | None) -> Image.Image:
    """The scores of volumes: IoU as means over cases, and the confusion of all voxels together.

    Args:
        labels: the classes; those that overlap have bars alone.
        cases: the scored volumes.
        leave_out: the class that means leave out (the background), if any.
    """
    classes = summarize(cases)
    mean, (whole, each) = average(classes, leave_out), pool(cases)
    return draw_scores(
        labels,
        np.array([classes[name].iou for name in labels.names]),
        np.array([one.counts[1].sum() for one in each]),
        cells="voxels",
        title=f"mean Dice {score_text(mean.dice)}   mean IoU {score_text(mean.iou)}"
        + ("" if leave_out is None else f"   (without {short(leave_out)})"),
        confusion=whole,
    )
