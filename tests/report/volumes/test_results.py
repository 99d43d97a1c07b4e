"""Volumes: figures as `volseg evaluate` prints them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from volseg.evaluate.volumes.pairs import VolumePair
from volseg.evaluate.volumes.scores import score_cases
from volseg.evaluate.volumes.summary import average, summarize
from volseg.geometry.labels import LabelClass, LabelMap
from volseg.report.page import Subject, build_page
from volseg.report.volumes.case import VolumeCase
from volseg.report.volumes.results import report_volumes

COLOUR = "#123456"
LABELS = LabelMap((LabelClass("back", (0,), COLOUR), LabelClass("ball", (1,), COLOUR)), ignore=(9,))
REGIONS = LabelMap(
    (LabelClass("whole", (1, 2), COLOUR), LabelClass("core", (2,), COLOUR)), overlap=True
)
MakePairs = Callable[..., list[VolumePair]]


@pytest.mark.parametrize(("labels", "ids"), [(LABELS, [0, 0, 1, 9]), (REGIONS, [0, 1, 2])])
def test_figures_are_those_of_evaluate(
    make_pairs: MakePairs, labels: LabelMap, ids: list[int]
) -> None:
    pairs = make_pairs(ids)
    scored = list(score_cases(pairs, labels))
    results, sections = report_volumes([VolumeCase(pair) for pair in pairs], iter(scored), labels)
    summaries = summarize(scored)
    mean = average(summaries, None if labels.overlap else "back")
    assert (results.mean_iou, results.mean_dice) == (mean.iou, mean.dice)
    for one in results.classes:
        assert (one.iou, one.dice) == (summaries[one.name].iou, summaries[one.name].dice)
        assert one.counts == (one.name != "back")
    assert [scene.anchor for scene in sections] == [case.anchor for case in results.cases]
    assert (results.confusion is None) == labels.overlap
    if results.confusion is not None:
        assert results.confusion.counts.sum() == results.total
        wrong = results.confusion.counts.sum() - np.trace(results.confusion.counts)
        assert sum(case.wrong or 0 for case in results.cases) == wrong
    build_page(Subject("a", "b"), results, sections)
