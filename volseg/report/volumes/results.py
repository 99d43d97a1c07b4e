"""The results of segmented volumes, and the sections to look at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from volseg.evaluate.volumes.scores import CaseScores, background
from volseg.evaluate.volumes.summary import average, pool, summarize
from volseg.geometry.labels import LabelMap
from volseg.metrics.calibration import Reliability
from volseg.metrics.means import mean_known
from volseg.report.results import CaseResult, ClassResult, Results, worst_first
from volseg.report.section import CaseSection
from volseg.report.volumes.confidence import volume_reliability
from volseg.report.volumes.section import VolumeCase, volume_section

MOST_SCENES = 20
"""Cases that are drawn, the worst."""
MOST_VOXELS, MOST_A_SCENE = 9_000_000, 4_000_000
"""Voxels of all drawn cases together, and of one: about a byte each in the page."""


def report_volumes(
    cases: Sequence[VolumeCase], scores: Iterable[CaseScores], labels: LabelMap
) -> tuple[Results, list[CaseSection]]:
    """Gather the scores of volumes and draw the worst of them.

    Args:
        cases: the files.
        scores: of every case, in their order.
        labels: the classes.

    Returns:
        The results, and a section for each of the worst cases, the worst first.
    """
    scored = list(scores)
    nothing = background(labels)
    results = worst_first([_result(one, k, nothing) for k, one in enumerate(scored, start=1)])
    files = {f"case-{k}": case for k, case in enumerate(cases, start=1)}
    drawn = [one.anchor for one in results[:MOST_SCENES]]
    most = min(MOST_A_SCENE, MOST_VOXELS // max(1, len(drawn)))
    sections = [volume_section(files[anchor], labels, anchor, most) for anchor in drawn]
    reliability = volume_reliability([case.pair for case in cases], labels)
    return _results(labels, scored, results, reliability), sections


def _result(case: CaseScores, number: int, nothing: str | None) -> CaseResult:
    iou = {name: one.iou for name, one in case.classes.items()}
    whole = case.confusion
    any_class = next(iter(case.classes.values()))
    return CaseResult(
        case.name,
        f"case-{number}",
        tuple(iou.values()),
        mean_known(value for name, value in iou.items() if name != nothing),
        int(any_class.confusion.counts.sum()),
        None if whole is None else int(whole.counts.sum() - np.trace(whole.counts)),
    )


def _results(
    labels: LabelMap,
    scored: Sequence[CaseScores],
    cases: tuple[CaseResult, ...],
    reliability: Reliability | None,
) -> Results:
    summaries, nothing = summarize(scored), background(labels)
    overall = average(summaries, nothing)
    whole, each = pool(scored)
    classes = []
    for one, pooled in zip(labels.classes, each, strict=True):
        both, summary = pooled.scores(), summaries[one.name]
        known = not math.isnan(summary.iou)
        classes.append(
            ClassResult(
                one.name,
                one.colour,
                summary.iou,
                summary.dice,
                float(both.precision[1]) if known else math.nan,
                float(both.recall[1]) if known else math.nan,
                int(both.support[1]),
                counts=one.name != nothing and summary.in_truth,
            )
        )
    return Results("volume", tuple(classes), cases, overall.iou, overall.dice, whole, reliability)
