"""``volseg evaluate``: a table for people, JSON and CSV for programs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from volseg.geometry import PointCloud
from volseg.geometry.colours import rgb
from volseg.io import write

TRUTH = [2, 2, 2, 2, 6, 6, 5, 0]
GUESS = [2, 2, 2, 6, 6, 6, 2, 6]


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    paths = tmp_path / "guess.ply", tmp_path / "truth.ply"
    for path, labels in zip(paths, (GUESS, TRUTH), strict=True):
        xyz = np.arange(24.0).reshape(8, 3)
        write(path, PointCloud(xyz, labels=np.array(labels)))
    return paths


def close(value: float) -> Any:
    return pytest.approx(value, abs=1e-12)


def test_json_has_the_structure_documented(
    cli: Callable[..., Any], pair: tuple[Path, Path], config_file: Path, tmp_path: Path
) -> None:
    outcome = cli("evaluate", *pair, "--labels", config_file, "--json", tmp_path / "s.json")
    assert outcome.code == 0
    ground = {
        "iou": close(3 / 5),
        "dice": close(6 / 8),
        "precision": close(3 / 4),
        "recall": close(3 / 4),
        "support": 4,
    }
    box = {
        "iou": close(2 / 4),
        "dice": close(4 / 6),
        "precision": close(2 / 3),
        "recall": close(2 / 3),
        "support": 3,
    }
    assert json.loads((tmp_path / "s.json").read_text()) == {
        "classes": {"ground": ground, "box": box},
        "mean_iou": close(0.55),
        "overall_accuracy": close(5 / 7),
        "confusion": [[3, 1], [1, 2]],
        "labels": ["ground", "box"],
    }
    lines = [line.split() for line in outcome.out.splitlines()]
    assert lines[0] == ["class", "IoU", "Dice", "precision", "recall", "points"]
    assert lines[1] == ["ground", "0.600", "0.750", "0.750", "0.750", "4"]
    assert lines[2] == ["box", "0.500", "0.667", "0.667", "0.667", "3"]
    assert lines[3] == ["mean", "IoU", "0.550", "overall", "accuracy", "0.714"]


def test_a_model_names_the_classes_too(
    cli: Callable[..., Any], pair: tuple[Path, Path], config_file: Path, run_folder: Path
) -> None:
    by_model = cli("evaluate", *pair, "--model", run_folder)
    assert by_model.code == 0
    assert by_model.out == cli("evaluate", *pair, "--labels", config_file).out


@pytest.mark.parametrize(("absent", "iou", "mean"), [("nan", None, 1.0), ("zero", 0.0, 0.5)])
def test_absent_classes(
    cli: Callable[..., Any],
    tmp_path: Path,
    config_file: Path,
    absent: str,
    iou: float | None,
    mean: float,
) -> None:
    scan = tmp_path / "a.ply"
    write(scan, PointCloud(np.eye(3), labels=np.array([2, 2, 0])))
    json_file = tmp_path / "s.json"
    command = ("evaluate", scan, scan, "--labels", config_file, "--absent", absent)
    outcome = cli(*command, "--json", json_file)
    assert outcome.code == 0
    scores = json.loads(json_file.read_text())
    assert scores["classes"]["box"]["iou"] == iou
    assert scores["mean_iou"] == mean
    shown = "-" if iou is None else "0.000"
    assert ["box", *[shown] * 4, "0"] in [line.split() for line in outcome.out.splitlines()]


def test_a_class_that_the_truth_lacks_is_named_and_in_no_mean(
    cli: Callable[..., Any], tmp_path: Path
) -> None:
    paths = tmp_path / "guess.ply", tmp_path / "truth.ply"
    for path, labels in zip(paths, ([2, 2, 2, 6, 9, 9], [2, 2, 2, 6, 6, 6]), strict=True):
        write(path, PointCloud(np.arange(18.0).reshape(6, 3), labels=np.array(labels)))
    outcome = cli("evaluate", *paths, "--json", tmp_path / "s.json", "--plot", tmp_path / "s.png")
    assert outcome.code == 0
    lines = [line.split() for line in outcome.out.splitlines()]
    assert ["9", "(not", "in", "truth)", *["0.000"] * 4, "0"] in lines
    assert lines[-1][:3] == ["mean", "IoU", "0.667"]  # of 1 and 1/3
    assert "does not have: 9 (predicted 2 times)" in outcome.err
    assert "--model or --labels" in outcome.err
    missed = cli("evaluate", *reversed(paths))
    assert "does not have" not in missed.err
    assert "--model or --labels" in missed.err
    assert cli("evaluate", paths[1], paths[1]).err == ""
    scores = json.loads((tmp_path / "s.json").read_text())
    assert (scores["mean_iou"], scores["not_in_mean"]) == (close(2 / 3), ["9"])
    everything = cli("evaluate", *paths, "--absent", "zero")
    assert "mean IoU 0.444" in everything.out
    assert "does not have" not in everything.err


@pytest.mark.parametrize(("suffix", "brown"), [(".laz", True), (".ply", False)])
def test_a_plot_of_ids_has_the_colours_of_las_where_they_are_its(
    cli: Callable[..., Any], tmp_path: Path, suffix: str, brown: bool
) -> None:
    paths = tmp_path / f"guess{suffix}", tmp_path / f"truth{suffix}"
    for path, labels in zip(paths, ([2, 2, 6, 6], [2, 6, 6, 6]), strict=True):
        write(path, PointCloud(np.arange(12.0).reshape(4, 3), labels=np.array(labels)))
    assert cli("evaluate", *paths, "--plot", tmp_path / "s.png").code == 0
    with Image.open(tmp_path / "s.png") as image:
        pixels = np.asarray(image.convert("RGB"))
    assert (pixels == rgb("#C9B28E")).all(axis=2).any() == brown


def test_without_a_label_map_every_id_is_a_class(
    cli: Callable[..., Any], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    assert cli("evaluate", *pair, "--json", tmp_path / "s.json").code == 0
    scores = json.loads((tmp_path / "s.json").read_text())
    assert scores["labels"] == ["0", "2", "5", "6"]
    assert scores["classes"]["5"] == {
        "iou": 0, "dice": 0, "precision": 0, "recall": 0, "support": 1
    }  # fmt: skip


def test_folders_name_the_truth_nobody_predicted(
    cli: Callable[..., Any], pair: tuple[Path, Path], tmp_path: Path
) -> None:
    guesses, truths = tmp_path / "p", tmp_path / "t"
    for folder in (guesses, truths):
        folder.mkdir()
    pair[0].rename(guesses / "a.ply")
    (truths / "b.ply").write_bytes(pair[1].read_bytes())
    pair[1].rename(truths / "a.ply")
    outcome = cli("evaluate", guesses, truths)
    assert outcome.code == 0
    assert outcome.err.splitlines()[0] == "1 of the truth's scans have no prediction: b.ply"


def test_model_and_labels_are_one_too_many(
    refused: Callable[..., str], pair: tuple[Path, Path], config_file: Path, run_folder: Path
) -> None:
    said = refused("evaluate", *pair, "--labels", config_file, "--model", run_folder)
    assert "--model and --labels" in said


@pytest.mark.parametrize("option", ["--surface", "--tolerance=2", "--csv=x.csv"])
def test_scans_have_no_surfaces(
    refused: Callable[..., str], pair: tuple[Path, Path], option: str
) -> None:
    assert "goes with volumes" in refused("evaluate", *pair, option)


def test_one_bad_scan_among_many_costs_its_pair_alone(
    cli: Callable[..., Any], config_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "t").mkdir()
    for name, labels in (("a", GUESS), ("b", GUESS[:3]), ("c", GUESS), ("d", GUESS)):
        xyz = np.arange(3.0 * len(labels)).reshape(-1, 3)
        write(tmp_path / "p" / f"{name}.ply", PointCloud(xyz, labels=np.array(labels)))
        xyz = np.arange(24.0).reshape(8, 3)
        truth = PointCloud(xyz, labels=np.array(TRUTH))
        write(tmp_path / "t" / f"{name if name != 'd' else 'x'}.ply", truth)
    (tmp_path / "p" / "c.ply").write_bytes(b"cut short")
    command = (tmp_path / "p", tmp_path / "t")
    for labels in ((), ("--labels", config_file)):
        outcome = cli("evaluate", *command, *labels)
        assert outcome.code == 2
        errors = [line for line in outcome.err.splitlines() if line.startswith("error: ")]
        assert [error.split(": ")[1].rsplit("/", 1)[1] for error in errors] == [
            "d.ply", "b.ply", "c.ply",
        ]  # fmt: skip
        assert outcome.err.splitlines()[-1] == "1 of 4 files done, 3 failed: d.ply, b.ply, c.ply"
        alone = cli("evaluate", *(one / "a.ply" for one in command), *labels)
        assert outcome.out == alone.out
    page = tmp_path / "page.html"
    assert cli("report", *command, "--labels", config_file, "-o", page).code == 2
    assert "Left out: " in page.read_text(encoding="utf-8")
