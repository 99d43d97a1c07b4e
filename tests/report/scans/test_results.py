"""Scans: the figures are those of `volseg evaluate`, whatever is drawn."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.errors import InputError
from volseg.evaluate.scans.scores import compare
from volseg.geometry import PointCloud
from volseg.geometry.labels import IGNORE, LabelMap
from volseg.io import write
from volseg.report.scans import results as scans
from volseg.report.scans.case import ScanCase
from volseg.report.scans.results import every_id, read_cases, report_scans

Cases = Callable[..., ScanCase]


@pytest.fixture
def pairs(tmp_path: Path) -> list[tuple[Path, Path]]:
    """Three scans and their predictions, ids 2 and 6, one prediction with confidence."""
    random = np.random.default_rng(1)
    made = []
    for name in "abc":
        xyz, truth = random.uniform(0, 9, (50, 3)), random.choice([2, 6], 50)
        guess = np.where(random.random(50) < 0.3, 2, truth)
        sure = random.random(50).astype(np.float32) if name == "a" else None
        paths = tmp_path / f"{name}_guess.laz", tmp_path / f"{name}.laz"
        write(paths[0], PointCloud(xyz, labels=guess, confidence=sure))
        write(paths[1], PointCloud(xyz, labels=truth))
        made.append(paths)
    return made


def test_figures_are_those_of_evaluate(pairs: list[tuple[Path, Path]], labels: LabelMap) -> None:
    results, sections = report_scans(read_cases(pairs, labels, None), labels, len(pairs))
    _, confusion = compare(pairs, labels)
    scores = confusion.scores()
    assert results.confusion is not None
    assert (results.confusion.counts == confusion.counts).all()
    assert results.mean_iou == scores.mean_iou
    for number, one in enumerate(results.classes):
        figures = (one.iou, one.dice, one.precision, one.recall, one.support)
        columns = (scores.iou, scores.dice, scores.precision, scores.recall, scores.support)
        assert figures == tuple(column[number] for column in columns)
    assert results.total == 150
    assert results.reliability is not None
    assert results.reliability.counts.sum() == 50
    assert [scene.anchor for scene in sections] == [case.anchor for case in results.cases]


def test_cases_come_worst_first_and_unscored_last(cloud_case: Cases, labels: LabelMap) -> None:
    good, bad = cloud_case("good", wrong=0.05), cloud_case("bad", wrong=0.5)
    unknown = replace(cloud_case("unknown"), truth=np.full(300, IGNORE))
    results, _ = report_scans([good, unknown, bad], labels, 3)
    assert [case.name for case in results.cases] == ["bad", "good", "unknown"]
    assert math.isnan(results.cases[-1].mean_iou)
    worst = results.worst_case(0)
    assert worst is not None
    assert worst.name == "bad"


def test_ignored_truth_counts_nowhere(cloud_case: Cases, labels: LabelMap) -> None:
    case = cloud_case(wrong=0.2)
    truth = np.where(case.truth != case.predicted, IGNORE, case.truth)
    results, _ = report_scans([replace(case, truth=truth)], labels, 1)
    assert results.mean_iou == 1.0
    assert results.cases[0].wrong == 0
    assert results.mistakes(5) == []
    assert results.reliability is not None
    assert results.reliability.counts.sum() == results.total == (truth >= 0).sum()


def test_points_predicted_as_no_class_are_mistakes(cloud_case: Cases, labels: LabelMap) -> None:
    case = cloud_case(wrong=0.0)
    results, _ = report_scans(
        [replace(case, predicted=np.where(case.truth == 1, IGNORE, 0))], labels, 1
    )
    assert results.mistakes(5) == [("box", "no class", int((case.truth == 1).sum()))]


def test_the_worst_of_many_are_drawn(
    cloud_case: Cases, labels: LabelMap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scans, "MOST_SCENES", 2)
    monkeypatch.setattr(scans, "MOST_POINTS", 200)
    cases = [cloud_case(str(number), wrong=number / 10) for number in range(5)]
    results, sections = report_scans(iter(cases), labels, 5)
    assert [scene.title for scene in sections] == ["4", "3"]
    assert len(results.cases) == 5


def test_without_labels_every_id_is_a_class(pairs: list[tuple[Path, Path]]) -> None:
    found = every_id(pairs, None)
    assert [(one.name, one.ids) for one in found.classes] == [
        ("2  ground", (2,)),
        ("6  building", (6,)),
    ]


def test_ids_of_other_formats_keep_their_numbers(tmp_path: Path) -> None:
    for name, ids in (("a", [2, 40]), ("b", [2, 2])):
        write(tmp_path / f"{name}.ply", PointCloud(np.eye(3)[:2], labels=np.array(ids)))
    found = every_id([(tmp_path / "a.ply", tmp_path / "b.ply")], None)
    assert found.names == ("2", "40")


def test_scans_without_points_have_no_classes(tmp_path: Path) -> None:
    for name in "ab":
        empty: Any = np.empty((0, 3))
        write(tmp_path / f"{name}.ply", PointCloud(empty, labels=np.empty(0, np.int64)))
    with pytest.raises(InputError, match="no point to compare"):
        every_id([(tmp_path / "a.ply", tmp_path / "b.ply")], None)
