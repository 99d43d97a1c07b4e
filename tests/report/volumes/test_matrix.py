"""The chart of volumes: its figures are those of the table."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from volseg.evaluate.volumes.scores import CaseScores, ClassScore
from volseg.evaluate.volumes.summary import average, summarize
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.metrics.confusion import Confusion
from volseg.report.volumes import matrix as matrix_module
from volseg.report.volumes.matrix import draw_cases

LABELS = LabelMap((LabelClass("class 0", (0,), "#000000"), LabelClass("class 1", (1,), "#00FF00")))


def test_the_plot_has_the_means_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """A small case that is missed counts as much as a large one; background not at all."""
    cases = []
    for name, large, missed in (("a", 900, 0), ("b", 2, 8)):
        whole, organ = Confusion(2), Confusion(2)
        whole.counts[:] = organ.counts[:] = [[9000, 0, 0], [missed, large, 0]]
        back = Confusion(2)
        back.counts[:] = [[large, missed, 0], [0, 9000, 0]]
        nan = float("nan")
        scores = {
            "class 0": ClassScore(back, 1, nan, nan),
            "class 1": ClassScore(organ, 1, nan, nan),
        }
        cases.append(CaseScores(name, "ml", scores, whole))
    drawn: list[tuple[str, list[float]]] = []

    def record(
        labels: LabelMap, iou: NDArray[np.float64], *_: object, title: str, **__: object
    ) -> Image.Image:
        drawn.append((title, iou.tolist()))
        return Image.new("RGB", (1, 1))

    monkeypatch.setattr(matrix_module, "draw_scores", record)
    draw_cases(LABELS, cases, "class 0")
    classes = summarize(cases)
    mean = average(classes, "class 0")
    ((title, iou),) = drawn
    assert f"mean Dice {mean.dice:.3f}   mean IoU {mean.iou:.3f}" in title
    assert mean.iou == pytest.approx(0.6)
    assert iou == [classes["class 0"].iou, classes["class 1"].iou]
