"""Results of a report: the worst come first, mistakes are counted from one matrix."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from volseg.metrics.confusion import Confusion
from volseg.report.results import CaseResult, ClassResult, Results, worst_first

SCORES = st.lists(st.one_of(st.just(math.nan), st.floats(0, 1)), min_size=1, max_size=8)


def cases_of(scores: list[float]) -> list[CaseResult]:
    return [
        CaseResult(f"c{k}", f"case-{k}", (score,), score, 10, 0) for k, score in enumerate(scores)
    ]


def results_of(cases: list[CaseResult], confusion: Confusion | None) -> Results:
    classes = tuple(ClassResult(name, "#000000", *[math.nan] * 4, support=0) for name in "ab")
    return Results("scan", classes, tuple(cases), math.nan, math.nan, confusion, None)


@given(SCORES)
def test_the_worst_come_first_and_those_without_a_score_last(scores: list[float]) -> None:
    ordered = [case.mean_iou for case in worst_first(cases_of(scores))]
    known = [score for score in ordered if not math.isnan(score)]
    assert known == sorted(known)
    assert all(map(math.isnan, ordered[len(known) :]))


@given(SCORES)
def test_the_worst_case_of_a_class_has_the_class(scores: list[float]) -> None:
    results = results_of(cases_of(scores), None)
    worst = results.worst_case(0)
    known = [score for score in scores if not math.isnan(score)]
    assert (worst is None) == (not known)
    assert worst is None or worst.iou[0] == min(known)
    assert results.total == 10 * len(scores)


@given(st.lists(st.integers(0, 5), min_size=6, max_size=6), st.integers(1, 9))
def test_mistakes_are_what_lies_beside_the_diagonal(counts: list[int], most: int) -> None:
    confusion = Confusion(2)
    confusion.counts[:] = np.reshape(counts, (2, 3))
    mistakes = results_of([], confusion).mistakes(most)
    places = {"a": 0, "b": 1, "no class": 2}
    for truth, taken, count in mistakes:
        assert truth != taken
        assert confusion.counts[places[truth], places[taken]] == count > 0
    listed = [count for _, _, count in mistakes]
    assert listed == sorted(listed, reverse=True)
    wrong = int(confusion.counts.sum() - np.trace(confusion.counts))
    assert sum(listed) <= wrong
    assert len(listed) == most or sum(listed) == wrong


def test_regions_have_no_mistakes() -> None:
    assert results_of([], None).mistakes(3) == []
