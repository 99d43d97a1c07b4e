"""``volseg evaluate --objects``: tables, JSON, and what goes with what."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import write

LABELS = "classes: {road: {ids: 1}, car: {ids: 2, thing: true}}"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    xyz, labels = np.arange(18.0).reshape(6, 3), np.array([1, 1, 2, 2, 2, 2])
    for name, ids in (("p", [0, 0, 5, 5, 5, 5]), ("t", [0, 0, 1, 1, 1, 2])):
        write(tmp_path / f"{name}.las", PointCloud(xyz, labels=labels, instances=np.array(ids)))
    (tmp_path / "labels.yaml").write_text(LABELS)
    return tmp_path / "p.las", tmp_path / "t.las"


def test_a_row_a_thing_and_all_figures_as_json(
    cli: Callable[..., Any], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    file = tmp_path / "s.json"
    flags = ["--labels", tmp_path / "labels.yaml", "--json", file, "--distance", "4"]
    flags += ["--csv", tmp_path / "s.csv"]
    outcome = cli("evaluate", *pair, "--objects", *flags)
    assert outcome.code == 0, outcome
    row = next(line for line in outcome.out.splitlines() if line.startswith("car"))
    assert row.split()[1:] == ["2", "0.500", "0.750", "0.667", "1.000", "0.500", "0.500",
                               "0.250", "0", "0", "0", "1"]  # fmt: skip
    assert "PQ of things 0.500   of stuff 1.000   of all classes 0.750   (1 case)" in outcome.out
    values = json.loads(file.read_text())
    assert values["classes"]["car"]["within"]["f1"] == pytest.approx(2 / 3)
    assert values["cases"]["t"] == values["classes"]
    assert (tmp_path / "s.csv").read_text().splitlines()[2].startswith("t,car,0.5,0.75,")


def test_semantic_kittis_rules_are_an_option(
    cli: Callable[..., Any], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    flags = ["--labels", tmp_path / "labels.yaml", "--min-points", "2"]
    outcome = cli("evaluate", *pair, "--objects", *flags)
    row = next(line for line in outcome.out.splitlines() if line.startswith("car"))
    assert row.split()[1:4] == ["1", "0.750", "0.750"]  # the lone point is no object


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--distance", "2"], "--distance goes with --objects"),
        (["--objects", "--surface"], "--surface goes with classes, not with --objects"),
        (["--objects", "--truth-ids", "ids"], "--truth-ids goes with volumes"),
        (["--objects", "--distance", "-1"], "a distance of -1.0; wanted more than 0"),
    ],
)
def test_what_does_not_go_together_is_one_line(
    cli: Callable[..., Any], pair: tuple[Path, Path], flags: list[str], words: str
) -> None:
    outcome = cli("evaluate", *pair, *flags)
    assert outcome.code == 2
    assert words in outcome.err
    assert outcome.err.count("\n") == 1


def test_tables_of_objects_are_no_scans(
    cli: Callable[..., Any], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    for side, file in zip(("guess", "truth"), pair, strict=True):
        (tmp_path / side).mkdir()
        file.rename(tmp_path / side / "a.las")
    (tmp_path / "guess" / "a.objects.csv").write_text("id\n5\n")
    outcome = cli("evaluate", tmp_path / "guess", tmp_path / "truth", "--objects")
    assert outcome.code == 0, outcome
    assert "a.objects.csv" not in outcome.out + outcome.err
