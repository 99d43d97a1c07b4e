"""The results of segmented scans, and the sections to look at, one scan in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from volseg.errors import InputError
from volseg.evaluate.pairing import Failed, attempt, done
from volseg.evaluate.scans.objects import ids_of
from volseg.evaluate.scans.pairs import ScanPair
from volseg.evaluate.scans.scores import Labelled, encode, read_pair
from volseg.geometry.labels import IGNORE, UNKNOWN, LabelMap
from volseg.io import scan_stem
from volseg.io.scans.extent import ScanExtent
from volseg.io.scans.fields import CONFIDENCE, OUR_CONFIDENCE
from volseg.metrics.calibration import Reliability
from volseg.metrics.confusion import Confusion
from volseg.metrics.matching import Matching
from volseg.report.objects import ObjectTally
from volseg.report.results import CaseResult, ClassResult, Results, worst_first
from volseg.report.scans.case import ScanCase
from volseg.report.scans.objects import draw_object
from volseg.report.scans.section import scan_section
from volseg.report.section import CaseSection
from volseg.view.palette import id_class, is_asprs

MOST_SCENES = 20
"""Cases that are drawn, the worst."""
MOST_POINTS, MOST_A_SCENE = 800_000, 100_000
"""Points of all drawn cases together, and of one: twelve bytes each in the page."""


def report_scans(
    cases: Iterable[ScanCase], labels: LabelMap, many: int, *, objects: bool = False
) -> tuple[Results, list[CaseSection]]:
    """Score scans and draw the worst of them.

    Args:
        cases: scans with their truth; one at a time is in memory.
        labels: the classes.
        many: how many cases there are.
        objects: whether their objects are compared, which all cases have then.

    Returns:
        The results, and a section for each of the worst cases, the worst first.
    """
    whole, reliability = Confusion(len(labels)), Reliability()
    tally = ObjectTally(labels) if objects else None
    most = min(MOST_A_SCENE, MOST_POINTS // min(many, MOST_SCENES))
    results: list[CaseResult] = []
    sections: dict[str, CaseSection] = {}
    for number, case in enumerate(cases, start=1):
        anchor = f"case-{number}"
        own = Confusion(len(labels))
        own.update(case.truth, case.predicted)
        whole.merge(own)
        if case.confidence is not None:
            known = case.truth != IGNORE
            right = case.truth[known] == case.predicted[known]
            reliability.update(case.confidence[known], right)
        results.append(_result(case, own, anchor))
        pairs = None if tally is None else _compared(tally, case, anchor)
        if case.xyz is not None and len(case.xyz):
            sections[anchor] = scan_section(case, labels, anchor, most, pairs)
        kept = {one.anchor for one in worst_first(results)[:MOST_SCENES]}
        sections = {name: drawn for name, drawn in sections.items() if name in kept}
    ordered = worst_first(results)
    found = reliability if reliability.counts.any() else None
    drawn = [sections[one.anchor] for one in ordered if one.anchor in sections]
    gathered = _results(labels, ordered, whole, found)
    return replace(gathered, objects=None if tally is None else tally.results()), drawn


def _compared(tally: ObjectTally, case: ScanCase, anchor: str) -> Matching:
    """What became of the objects of a case."""
    truth, predicted = case.sides
    tally.add(case.name, anchor, truth, predicted, partial(draw_object, case))
    return tally.evaluation.matching(anchor)


def read_cases(
    pairs: Sequence[ScanPair],
    labels: LabelMap,
    label_field: str | None,
    failed: Failed | None = None,
    *,
    objects: bool = False,
) -> Iterator[ScanCase]:
    """Predicted and true scans, point by point; ``failed`` is told of those that cannot be used.

    Args:
        pairs: the files.
        labels: the classes.
        label_field: of the truth.
        failed: told of files that cannot be used.
        objects: whether ids of objects are wanted.

    Raises:
        InputError: naming the file whose labels are missing, too few, or outside the map, where
            nobody is told; or if no scan is left.
    """

    def case(pair: ScanPair) -> ScanCase:
        guess, truth = pair
        predicted, true = read_pair(guess, truth, label_field)
        cloud = true.cloud or predicted.cloud
        return ScanCase(
            scan_stem(truth),
            None if cloud is None or cloud.metres_per_unit is None else cloud.metres(),
            encode(labels, true.labels, truth),
            encode(labels, predicted.labels, guess),
            _confidence(predicted, true),
            None if cloud is None else cloud.crs,
            None if not objects else (ids_of(truth, true), ids_of(guess, predicted)),
        )

    usable = False
    for one in done((attempt(case, pair) for pair in pairs), failed):
        usable = True
        yield one
    if not usable:
        raise InputError("none of the scans can be scored", path=pairs[0][0].parent)


def _confidence(predicted: Labelled, true: Labelled) -> NDArray[np.float32] | None:
    """How sure a prediction is, as `volseg.io.write` names it: not what the scan itself had."""
    if predicted.cloud is None:
        return None
    own = {} if true.cloud is None else true.cloud.attributes
    for name in (OUR_CONFIDENCE, CONFIDENCE):
        values = predicted.cloud.attributes.get(name)
        if values is None or values.ndim != 1:
            continue
        if name not in own or not np.array_equal(values, own[name], equal_nan=True):
            return values.astype(np.float32)
    return None


def every_id(
    pairs: Sequence[ScanPair],
    label_field: str | None,
    failed: Failed | None = None,
    *,
    objects: bool = False,
) -> LabelMap:
    """A label map in which every id of truths and predictions is a class.

    With ``objects``, those of which the truth has objects are things.

    Ids of LAS's classification are named as the ASPRS names them. ``failed`` is told of files
    that cannot be used.

    Raises:
        InputError: naming the file that cannot be read, or if no scan has a point.
    """
    found: set[int] = set()
    things: set[int] = set()
    asprs = True

    def ids(pair: ScanPair) -> tuple[tuple[Labelled, Labelled], set[int]]:
        both = read_pair(*pair, label_field)
        own = ids_of(pair[1], both[1]) > 0 if objects else np.zeros(len(both[1].labels), bool)
        return both, set(np.unique(both[1].labels[own]).tolist())

    for both, own in done((attempt(ids, pair) for pair in pairs), failed):
        asprs = asprs and all(_is_asprs(one) for one in both)
        things |= own
        found.update(np.unique(np.concatenate([one.labels for one in both])).tolist())
    found.discard(UNKNOWN)
    if not found:
        raise InputError("no point to compare: the scans are empty", path=pairs[0][1])
    classes = (id_class(value, asprs=asprs) for value in sorted(found))
    return LabelMap(tuple(replace(one, thing=not things.isdisjoint(one.ids)) for one in classes))


def _is_asprs(one: Labelled) -> bool:
    return one.cloud is not None and is_asprs(one.cloud.label_field)


def _result(case: ScanCase, own: Confusion, anchor: str) -> CaseResult:
    scores = own.scores()
    total = int(own.counts.sum())
    return CaseResult(
        case.name,
        anchor,
        tuple(scores.iou.tolist()),
        scores.mean_iou,
        total,
        total - int(np.trace(own.counts)),
        _extent(case),
    )


def _extent(case: ScanCase) -> ScanExtent | None:
    if case.xyz is None or len(case.xyz) == 0:
        return None
    low, high = case.xyz[:, :2].min(axis=0).tolist(), case.xyz[:, :2].max(axis=0).tolist()
    return ScanExtent(case.crs or "", tuple(low), tuple(high))


def _results(
    labels: LabelMap,
    cases: tuple[CaseResult, ...],
    confusion: Confusion,
    reliability: Reliability | None,
) -> Results:
    scores = confusion.scores()
    columns = (
        scores.iou, scores.dice, scores.precision, scores.recall, scores.support, scores.counted
    )  # fmt: skip
    figures = zip(labels.classes, *(one.tolist() for one in columns), strict=True)
    classes = tuple(ClassResult(one.name, one.colour, *numbers) for one, *numbers in figures)
    return Results(
        "scan", classes, cases, scores.mean_iou, scores.mean_dice, confusion, reliability
    )
