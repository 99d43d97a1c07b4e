"""``volseg check``: the table, the exit code, and the repaired copy."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import pytest

Cli = Callable[..., Any]


def save(path: Path, array: Any, shift: float = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    affine = np.diag([1, 1, 2, 1.0])
    affine[0, 3] = shift
    nib.Nifti1Image(array, affine).to_filename(path)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Two sound cases, ``a`` and ``b``."""
    folder = tmp_path / "data"
    for seed, name in enumerate("ab"):
        image = np.random.default_rng(seed).normal(size=(5, 6, 4)).astype(np.float32)
        save(folder / f"images/{name}.nii.gz", image)
        save(folder / f"labels/{name}.nii.gz", (image > 0).astype(np.uint8))
    return folder


def test_a_sound_dataset(cli: Cli, dataset: Path) -> None:
    outcome = cli("check", dataset)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == "2 cases, 1 channel, spacing 1 x 1 x 2, no problem found\n"


def test_a_table_of_problems(cli: Cli, dataset: Path) -> None:
    save(dataset / "labels/a.nii.gz", np.zeros((5, 6, 4), np.uint8))
    outcome = cli("check", dataset)
    assert outcome.code == 0  # warnings break nothing
    save(dataset / "labels/b.nii.gz", np.ones((5, 6, 3), np.uint8))
    outcome = cli("check", dataset)
    assert outcome.code == 2
    head, one, two, summary = outcome.out.splitlines()
    assert head.split() == ["case", "severity", "problem", "remedy"]
    assert one.startswith("a     warning   a.nii.gz: is background alone")
    assert two.startswith("b     error     b.nii.gz: has grid 5 x 6 x 3, its image 5 x 6 x 4")
    assert summary.endswith(", 1 error, 1 warning")


def test_classes_of_a_config(cli: Cli, dataset: Path, tmp_path: Path) -> None:
    config = tmp_path / "labels.yaml"
    config.write_text("labels: { classes: { rest: { ids: [0] }, cell: { ids: [255] } } }\n")
    outcome = cli("check", dataset, "--labels", config)
    assert outcome.code == 2
    assert "a.nii.gz: holds ids that are no class: 1 (" in outcome.out


def test_a_repaired_copy(cli: Cli, dataset: Path, snapshot: Any, tmp_path: Path) -> None:
    label = np.ones((5, 6, 4), np.uint8)
    save(dataset / "labels/a.nii.gz", label, shift=0.5)
    (dataset / "images/c.nii.gz").write_bytes(b"cut")
    (dataset / "labels/c.nii.gz").write_bytes(b"cut")
    before = snapshot(dataset)
    outcome = cli("check", dataset, "--fix", tmp_path / "copy")
    assert outcome.code == 2
    assert snapshot(dataset) == before
    assert "a  a.nii.gz: given its image's affine\n" in outcome.out
    assert "c  left out: c.nii.gz " in outcome.out
    again = cli("check", tmp_path / "copy")
    assert (again.code, again.err) == (0, "")
    assert again.out == "2 cases, 1 channel, spacing 1 x 1 x 2, no problem found\n"


def test_nothing_is_overwritten(refused: Callable[..., str], dataset: Path) -> None:
    assert str(dataset) in refused("check", dataset, "--fix", dataset)


@pytest.mark.parametrize("name", ["nowhere", "empty", "text.csv", "a.nii.gz"])
def test_no_dataset(refused: Callable[..., str], tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.csv").write_text("see other folder\n")
    save(tmp_path / "a.nii.gz", np.zeros((2, 2, 2), np.uint8))
    assert str(tmp_path / name) in refused("check", tmp_path / name)


def test_one_case_is_refused_as_training_does(
    cli: Cli, refused: Callable[..., str], dataset: Path, balls_file: Path, tmp_path: Path
) -> None:
    for part in ("images", "labels"):
        (dataset / part / "b.nii.gz").unlink()
    outcome = cli("check", dataset)
    assert outcome.code == 2
    assert "has 1 case, so that nothing can be held out" in outcome.out
    assert "train on all (--fold all)" in outcome.out
    line = refused("train", balls_file, "--data", dataset, "--out", tmp_path / "run")
    assert "train on all cases (--fold all)" in line


def test_visits_of_one_person_are_told(cli: Cli, dataset: Path) -> None:
    for part in ("images", "labels"):
        for old, new in (("a", "ann_visit1"), ("b", "ben_visit1")):
            file = (dataset / part / f"{old}.nii.gz").rename(dataset / part / f"{new}.nii.gz")
        image = np.random.default_rng(2).normal(size=(5, 6, 4)).astype(np.float32)
        save(
            file.with_name("ann_visit2.nii.gz"),
            image if part == "images" else (image > 0).astype(np.uint8),
        )
    outcome = cli("check", dataset)
    assert outcome.code == 0, outcome
    assert "3 cases of 2 persons" in outcome.err
    assert "training holds a person out whole" in outcome.err


def test_problems_are_json_too(cli: Cli, dataset: Path, tmp_path: Path) -> None:
    save(dataset / "images" / "c.nii.gz", np.zeros((4, 4, 4), np.uint8))
    facts = json.loads(cli("check", dataset, "--json").out)
    assert "c" in [one["case"] for one in facts["problems"]]
    refused = cli("check", dataset, "--json", "--fix", tmp_path / "out")
    assert "leave out --fix" in refused.err
