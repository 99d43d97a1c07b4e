"""Predictions that say which model made them are judged in its classes, where it is at hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from volseg.geometry import PointCloud
from volseg.io import write
from volseg.io.scans.files import labelled_by
from volseg.models import find_bundled
from volseg.models.load import _signature, find_maker, model_files

FROM_THE_AIR = ("--labels", "lidar/aerial")  # what 'aerial' learnt by
OTHER = "volseg 0.0.1, model aerial, sha256 0123456789ab"


@pytest.fixture
def signature() -> str:
    """What files of the bundled model say."""
    file = find_bundled("aerial")
    assert file is not None
    return _signature([file])


@pytest.fixture
def pair(tmp_path: Path) -> Callable[[str, str], tuple[Path, Path]]:
    """A prediction that says who made it, and a truth that divides vegetation, with a bridge."""

    def make(name: str, by: str) -> tuple[Path, Path]:
        random = np.random.default_rng(0)
        xyz, truth = random.random((400, 3)) * 20, random.choice([2, 3, 4, 5, 6, 25], 400)
        guess = np.where(np.isin(truth, (3, 4)), 5, truth)
        guess[guess == 25] = 6
        guess[:40] = 2
        files = tmp_path / name, tmp_path / "truth.laz"
        write(files[0], PointCloud(xyz, labels=guess, labelled_by=by))
        write(files[1], PointCloud(xyz, labels=truth))
        return files

    return make


@pytest.mark.parametrize("name", ["a.laz", "a.las", "a.ply", "a.pcd"])
def test_evaluate_and_view_take_the_classes_of_the_model(
    cli: Callable[..., Any], pair: Any, signature: str, tmp_path: Path, name: str
) -> None:
    files = pair(name, signature)
    assert labelled_by(files[0]) == signature
    asked = cli("evaluate", *files, "--json", tmp_path / "a.json")
    named = cli("evaluate", *files, *FROM_THE_AIR, "--json", tmp_path / "b.json")
    assert (asked.code, named.code) == (0, 0), asked
    assert signature in asked.err
    assert signature not in named.err
    found, wanted = (json.loads((tmp_path / f"{one}.json").read_text()) for one in "ab")
    assert found == wanted
    assert "vegetation" in found["classes"]
    picture = ("--colour", "error", "--screenshot", tmp_path / "a.png")
    seen = cli("view", files[0], "--truth", files[1], *picture)
    assert seen.code == 0, seen
    assert signature in seen.err
    assert "by class id" not in seen.err


@pytest.mark.parametrize("by", [OTHER, "volseg 0.0.1, model ../aerial, sha256 01", "a hand"])
def test_else_ids_are_classes(cli: Callable[..., Any], pair: Any, tmp_path: Path, by: str) -> None:
    files = pair("a.laz", by)
    said = cli("evaluate", *files, "--json", tmp_path / "a.json")
    assert "every id is a class of its own" in said.err
    assert "25" in json.loads((tmp_path / "a.json").read_text())["classes"]


def test_a_run_in_this_folder_is_found_by_name_and_content(
    run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs/boxes").symlink_to(run_folder)
    monkeypatch.chdir(tmp_path)
    by = _signature(model_files(run_folder))
    assert find_maker(by) == Path("runs/boxes")
    assert find_maker(by[:-1] + "x") is None
