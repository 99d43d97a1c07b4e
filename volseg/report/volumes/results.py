"""The results of segmented volumes, and the sections to look at."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from PIL import Image

from volseg.evaluate.pairing import Failed, attempt, done
from volseg.evaluate.volumes.scores import CaseScores, background, score_ids
from volseg.evaluate.volumes.summary import average, pool, summarize
from volseg.geometry.labels import LabelMap
from volseg.io.naming import naming
from volseg.metrics.calibration import Reliability
from volseg.metrics.means import mean_known
from volseg.metrics.object_errors import ObjectError
from volseg.progress import SILENT, Progress, counted
from volseg.report.objects import ObjectTally
from volseg.report.results import CaseResult, ClassResult, Results, worst_first
from volseg.report.section import CaseSection
from volseg.report.volumes.case import VolumeCase, read_case
from volseg.report.volumes.confidence import volume_reliability
from volseg.report.volumes.objects import CaseObjects
from volseg.report.volumes.section import image_of, volume_section

MOST_SCENES = 20
"""Cases that are drawn, the worst."""
MOST_VOXELS, MOST_A_SCENE = 9_000_000, 4_000_000
"""Voxels of all drawn cases together, and of one: about a byte each in the page."""


def report_volumes(
    cases: Sequence[VolumeCase],
    scores: Iterable[CaseScores],
    labels: LabelMap,
    tally: ObjectTally | None = None,
) -> tuple[Results, list[CaseSection]]:
    """Gather the scores of volumes and draw the worst of them.

    Args:
        cases: the files.
        scores: of every case, in their order.
        labels: the classes.
        tally: of their objects, by the ids of their sections, where those are compared.

    Returns:
        The results, and a section for each of the worst cases, the worst first.
    """
    scored = list(scores)
    nothing = background(labels)
    results = worst_first([_result(one, k, nothing) for k, one in enumerate(scored, start=1)])
    files = {f"case-{k}": case for k, case in enumerate(cases, start=1)}
    drawn = [one.anchor for one in results[:MOST_SCENES]]
    most = min(MOST_A_SCENE, MOST_VOXELS // max(1, len(drawn)))
    pairs = {} if tally is None else {name: tally.evaluation.matching(name) for name in drawn}
    sections = [
        volume_section(files[anchor], labels, anchor, most, pairs.get(anchor)) for anchor in drawn
    ]
    reliability = volume_reliability(cases, labels)
    gathered = _results(labels, scored, results, reliability)
    return replace(gathered, objects=None if tally is None else tally.results()), sections


def score_objects(
    cases: Sequence[VolumeCase],
    labels: LabelMap,
    failed: Failed | None = None,
    progress: Progress = SILENT,
) -> tuple[list[VolumeCase], list[CaseScores], ObjectTally]:
    """Score cases and compare their objects; ``failed`` is told of those that cannot be used.

    Returns:
        The cases that can be, their scores, and what became of their objects.

    Raises:
        InputError: naming the file that cannot be used, where nobody is told; or if no class is a
            thing.
    """
    tally, usable = ObjectTally(labels), list[VolumeCase]()

    def score(case: VolumeCase) -> CaseScores:
        read = read_case(case, labels)
        assert read.sides is not None
        truth, predicted = read.sides
        anchor = f"case-{len(usable) + 1}"

        def draw(error: ObjectError) -> Image.Image:
            pairs = tally.evaluation.matching(anchor)
            objects = CaseObjects((truth, predicted), pairs, labels.things)
            image, _ = image_of(case, read.truth, read.placed)
            return objects.picture(error, image, read.truth.spacing.tolist())

        with naming(case.pair.truth):
            tally.add(case.pair.name, anchor, truth, predicted, draw)
        usable.append(case)
        guess = predicted.classes.copy()
        spacing = read.truth.spacing.tolist()
        return score_ids(case.pair.name, guess, truth.classes, spacing, labels, None, read.placed)

    tried = (attempt(score, case) for case in cases)
    scores = list(done(counted(tried, "scoring", len(cases), progress), failed))
    return usable, scores, tally


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
