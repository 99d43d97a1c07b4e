"""``volseg models``, and bundled models by their names in other commands."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from docs import make_models
from volseg.data.scans.range import Range
from volseg.geometry import PointCloud
from volseg.io import read, write
from volseg.models import Measured, bundled_names, load_bundled
from volseg.models.load import save_model
from volseg.models.tensors import load_tensors

WORDS = {
    "summary": "scans of a test",
    "licence": "Apache-2.0",
    "data": [{"name": "Hills", "licence": "CC0", "used": "two"},
             {"name": "Dales", "licence": "MIT", "used": "one"}],
    "split": "One trained.",
    "command": "volseg train lidar/aerial",
    "fails": ["at night"],
}  # fmt: skip


@pytest.fixture
def one(bundled_folder: Path, aerial: Path) -> Path:
    (bundled_folder / "aerial.yaml").write_text(json.dumps(WORDS))
    make_models.pack("aerial", aerial)
    return bundled_folder / "aerial.safetensors"


@pytest.fixture
def scan(boxes: Callable[..., PointCloud], tmp_path: Path) -> Path:
    write(tmp_path / "a.laz", boxes(0, 1200))
    return tmp_path / "a.laz"


def test_each_is_listed_with_what_one_needs_to_choose(one: Path, cli: Callable[..., Any]) -> None:
    outcome = cli("models")
    assert outcome.out.splitlines() == [
        "aerial: scans of a test",
        "  classes  ground 2, vegetation 5, building 6, other 1",
        "  data     Hills (CC0)",
        "           Dales (MIT)",
        "  licence  Apache-2.0",
        "  score    not measured",
        f"  size     {one.stat().st_size / 1e6:.1f} MB",
    ]
    assert "volseg predict aerial SCAN -o OUT" in outcome.err
    figures = {"classes": {}, "mean_iou": 0.12345, "overall_accuracy": 1.0}
    weights, header = load_tensors(one)
    learnt = {"range": asdict(Range((0.3, 57.2), 22.04))}
    save_model(one, load_bundled("aerial").spec, weights, header["provenance"] | learnt)
    others = (Measured.of("hills", figures), Measured.of("dales", figures | {"mean_iou": None}))
    make_models.score("aerial", others)
    lines = cli("models").out.splitlines()
    assert "  range    0.3 to 57 points a square metre, up to 22 m over the ground" in lines
    assert "  score    mean IoU 0.123 on hills" in lines
    assert "           mean IoU - on dales" in lines


def test_where_there_is_none_it_says_so(bundled_folder: Path, cli: Callable[..., Any]) -> None:
    outcome = cli("models")
    assert (outcome.code, outcome.out) == (0, "")
    assert outcome.err.startswith("no model comes with this version")


def test_those_of_the_package_are_listed(cli: Callable[..., Any]) -> None:
    said = cli("models").out
    for name in bundled_names():
        assert f"{name}: {load_bundled(name).card.summary}" in said


def test_a_name_predicts_evaluates_and_shows(
    one: Path, scan: Path, tmp_path: Path, cli: Callable[..., Any]
) -> None:
    outcome = cli("predict", "aerial", scan, "-o", tmp_path / "out", "--device", "cpu")
    assert outcome.code == 0, outcome
    before, after = read(scan), read(tmp_path / "out" / "a.laz")
    np.testing.assert_array_equal(after.xyz, before.xyz)
    assert after.labels is not None
    assert set(after.labels.tolist()) <= {1, 2, 5, 6}
    outcome = cli("evaluate", tmp_path / "out", scan, "--model", "aerial")
    assert outcome.code == 0, outcome
    assert "vegetation" in outcome.out


def test_an_unknown_name_is_one_line_that_lists_them(
    one: Path, scan: Path, tmp_path: Path, refused: Callable[..., str]
) -> None:
    wanted = "error: areal: no such run folder or model file; bundled models are aerial"
    assert refused("predict", "areal", scan, "-o", tmp_path / "out") == wanted
    assert refused("evaluate", scan, scan, "--model", "areal") == wanted
    picture = tmp_path / "a.png"
    assert refused("view", scan, "--model", "areal", "--screenshot", picture) == wanted


def test_models_are_json_too(cli: Callable[..., Any]) -> None:
    (aerial, *_) = json.loads(cli("models", "--json").out)
    assert aerial["name"] == "aerial"
    assert aerial["classes"]["ground"] == 2
