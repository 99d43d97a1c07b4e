"""``volseg train`` on volumes: folds, what is shown, and one clear line for what is wrong."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from volseg.config import load_config

QUICK = (
    "--device", "cpu", "--epochs", "1", "--set", "train.steps=2", "--set", "net.widths=[4, 8]",
)  # fmt: skip


@pytest.fixture
def command(balls_file: Path, balls: Path, tmp_path: Path) -> tuple[object, ...]:
    return ("train", balls_file, "--data", balls, "--out", tmp_path / "run", *QUICK)


def test_shows_what_it_does_and_names_the_run(
    cli: Callable[..., Any], command: tuple[object, ...], tmp_path: Path
) -> None:
    outcome = cli(*command)
    assert outcome.code == 0, outcome
    text = " ".join(outcome.out.split())
    assert "voxels of case_001, case_002" in text
    with (tmp_path / "run" / "fold_0" / "validation" / "dice.csv").open(newline="") as file:
        held = [row["case"] for row in csv.DictReader(file)]
    assert f"validating on {', '.join(held)}" in text
    assert "classes: background 9" in text
    assert "epoch 1 loss" in text
    assert "patch mDice 0." in text
    assert "held-out cases, whole: mDice 0." in text
    assert text.endswith(f"model: {tmp_path / 'run'}")


def test_folds_are_trained_in_turn(
    cli: Callable[..., Any], command: tuple[object, ...], tmp_path: Path
) -> None:
    outcome = cli(*command, "--fold", "2", "--fold", "all", "--loss", "ce")
    assert outcome.code == 0, outcome
    folders = {one.name for one in (tmp_path / "run").iterdir()}
    assert folders == {"cache", "fold_2", "fold_all"}
    assert outcome.out.count("validating on") == 1
    made = load_config(tmp_path / "run" / "fold_all" / "config.yaml")
    assert made.train.loss.kind == "cross_entropy"


def test_a_run_is_not_overwritten_but_resumed(
    cli: Callable[..., Any],
    refused: Callable[..., str],
    command: tuple[object, ...],
    tmp_path: Path,
) -> None:
    assert cli(*command, "--fold", "all").code == 0
    assert "fold_all: already holds" in refused(*command, "--fold", "all")
    outcome = cli(*command, "--fold", "all", "--epochs", 2, "--resume")
    assert outcome.code == 0
    assert "resuming after step 2" in outcome.out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--fold", "5"), "fold 5 of 5; wanted 0 to 4, or all"),
        (("--fold", "first"), "--fold 'first': wanted a number, or all"),
        (("--fold", "-1"), "--fold '-1': wanted a number, or all"),
        (("--fold", "1.0"), "wanted a number, or all"),
        (("--fold", "0", "--fold", "77"), "fold 77 of 5"),
        (
            ("--set", "data.folds=20"),
            "10 cases, too few for 20 folds; set data.folds to 10",
        ),
        (("--loss", "dicey"), "train.loss.kind: found 'dicey'"),
        (("--set", "images.patch=[1, 1, 4]"), "images: patch: found [1, 1, 4]"),
        (("--set", "data.groups=none.csv"), "none.csv"),
        (("--resume",), "holds no run to go on with"),
        (
            ("--set", "images.channels=[{name: T1}, {name: T2}]"),
            "_0000.nii.gz: the image has 1 channels; wanted 2",
        ),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_bad_values_are_one_line(
    refused: Callable[..., str], command: tuple[object, ...], options: tuple[str, ...], said: str
) -> None:
    assert said in refused(*command, *options)


def test_a_config_of_scans_does_not_take_volumes(
    refused: Callable[..., str], config_file: Path, balls: Path, tmp_path: Path
) -> None:
    line = refused("train", config_file, "--data", balls, "--out", tmp_path / "run")
    assert f"{balls}: no scan matches" in line
    assert "volseg plan" in line


def test_a_config_of_volumes_does_not_take_scans(
    refused: Callable[..., str], balls_file: Path, scene_folder: Path, tmp_path: Path
) -> None:
    line = refused("train", balls_file, "--data", scene_folder, "--out", tmp_path / "run")
    assert f"{scene_folder}: holds no dataset; wanted a dataset.json" in line


def test_scans_have_no_folds(
    refused: Callable[..., str], config_file: Path, scene_folder: Path, tmp_path: Path
) -> None:
    line = refused(
        "train", config_file, "--data", scene_folder, "--out", tmp_path / "run", "--fold", "1"
    )
    assert "folds are for volumes; for scans, set data.validation" in line


def test_no_such_dataset_is_said(
    refused: Callable[..., str], balls_file: Path, tmp_path: Path
) -> None:
    line = refused("train", balls_file, "--data", tmp_path / "no", "--out", tmp_path / "run")
    assert f"{tmp_path / 'no'}: does not exist" in line


def test_labels_outside_the_map_name_their_file(
    cli: Callable[..., Any], make_balls: Callable[..., Path], balls_file: Path, tmp_path: Path
) -> None:
    data = make_balls(tmp_path / "data", cases=5, core=4)
    outcome = cli("train", balls_file, "--data", data, "--out", tmp_path / "run", *QUICK)
    assert outcome.code == 2
    (line,) = outcome.err.splitlines()
    assert line.startswith(f"error: {data / 'labelsTr'}")
    assert "class id 4" in line
